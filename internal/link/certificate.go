package link

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/socket"
)

// manyAuthorities is up to how many authorities in a file we watch when they end. Nobody knows
// which ones of a larger bundle matter.
const manyAuthorities = 10

// authorityCredentials returns the authorities of a file as credentials. It leaves out an authority
// that has been renewed, which means that another of the same name outlives it.
func authorityCredentials(key, path string, all []*x509.Certificate) (credentials []Credential) {
	if len(all) > manyAuthorities {
		return nil
	}
	for _, a := range all {
		renewed := slices.ContainsFunc(all, func(b *x509.Certificate) bool {
			return bytes.Equal(a.RawSubject, b.RawSubject) && b.NotAfter.After(a.NotAfter)
		})
		if !renewed {
			credentials = append(credentials, Credential{
				Kind: KindAuthority, Key: key, What: "the authority " + subjectOf(a) + " in " + path, Ends: a.NotAfter,
			})
		}
	}
	return credentials
}

// certificates returns the certificates in a PEM text. Like an x509.CertPool, it skips those that
// cannot be parsed.
func certificates(text []byte) (all []*x509.Certificate) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return all
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			all = append(all, cert)
		}
	}
}

// readPair reads the configured certificate with its key. Its error says which of the two files is
// wrong.
func (e *Endpoint) readPair() (tls.Certificate, error) {
	t, certKey, keyKey := e.cfg.TLS, e.side+".tls.cert", e.side+".tls.key"
	cert, certErr := readFile(certKey, t.Cert)
	if certErr == nil && len(certificates(cert)) == 0 {
		certErr = wrongFile(certKey, t.Cert, "holds no certificate; want a PEM file with -----BEGIN CERTIFICATE-----")
	}
	key, keyErr := readFile(keyKey, t.Key)
	if keyErr == nil {
		defer clear(key)
		keyErr = checkKey(keyKey, t.Key, key)
	}
	if err := joinFindings(certErr, keyErr); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err == nil {
		return pair, nil
	}
	if strings.Contains(err.Error(), "does not match") {
		return pair, wrongFile(keyKey, t.Key, "is not the key of the certificate "+t.Cert+", which is for "+
			subjectOf(certificates(cert)[0])+"; give the two that belong together")
	}
	return pair, wrongFile(keyKey, t.Key, "cannot be used with "+t.Cert+": "+strings.TrimPrefix(err.Error(), "tls: "))
}

// checkKey returns nil for a PEM text with a private key, else what the file holds instead.
func checkKey(key, path string, text []byte) error {
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return wrongFile(key, path, "holds no private key; want a PEM file with -----BEGIN PRIVATE KEY-----")
		}
		switch {
		case strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"), block.Type == "ENCRYPTED PRIVATE KEY":
			return wrongFile(key, path, "is encrypted; the relay cannot ask for a passphrase, give it a key without one (openssl pkey -in ... -out ...)")
		case block.Type == "PRIVATE KEY" || strings.HasSuffix(block.Type, " PRIVATE KEY"):
			return nil
		}
	}
}

// subjectOf is how a certificate is called in messages.
func subjectOf(c *x509.Certificate) string {
	switch {
	case c.Subject.CommonName != "":
		return socket.Clip(c.Subject.CommonName)
	case len(c.DNSNames) > 0:
		return socket.Clip(c.DNSNames[0])
	}
	return socket.Clip(c.Subject.String())
}
