package natsio

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
)

func (e *Endpoint) checkTLS() error {
	if (e.cfg.TLS.Cert == "") != (e.cfg.TLS.Key == "") {
		return fmt.Errorf("%s.tls needs both cert and key, or neither", e.side)
	}
	return nil
}

// secure moves the TLS options of s, which may come from a nats context, to s.security, and overlays the configured ones.
func (e *Endpoint) secure(s *settings) {
	o, t := &s.options, e.cfg.TLS
	s.security = security{
		config: &tls.Config{MinVersion: tls.VersionTLS12},
		want:   o.Secure || t != (config.TLS{}),
		first:  o.TLSHandshakeFirst || t.First,
	}
	if o.TLSConfig != nil {
		s.security.config = o.TLSConfig.Clone()
		s.security.config.MinVersion = max(s.security.config.MinVersion, tls.VersionTLS12)
	}
	e.loadRoots(s, o.RootCAsCB)
	e.loadCertificate(s, o.TLSCertCB)
	s.security.config.ServerName = t.ServerName
	s.security.config.InsecureSkipVerify = t.InsecureSkipVerify
	// From here on nats.go sees plain text.
	o.Secure, o.TLSHandshakeFirst, o.TLSConfig, o.RootCAsCB, o.TLSCertCB = false, false, nil, nil, nil
}

// loadRoots reads the authorities that the server is verified with; fallback has those of a nats context, if any.
func (e *Endpoint) loadRoots(s *settings, fallback nats.RootCAsHandler) {
	if path := e.cfg.TLS.CA; path != "" {
		s.readAuthorities(e.side+".tls.ca", path)
		return
	}
	if fallback == nil {
		return
	}
	pool, err := fallback()
	if err != nil {
		s.found(e.contextFinding(err))
	}
	s.security.config.RootCAs = pool
}

func (s *settings) readAuthorities(key, path string) {
	text, err := readFile(key, path)
	if err != nil {
		s.found(err)
		return
	}
	pool := x509.NewCertPool()
	s.authorities, s.authorityFile = certificates(text), path
	if !pool.AppendCertsFromPEM(text) {
		s.found(wrongFile(key, path, "holds no certificate; want a PEM file with -----BEGIN CERTIFICATE-----"))
		return
	}
	s.security.config.RootCAs = pool
	s.credentials = append(s.credentials, authorityCredentials(key, path, s.authorities)...)
}

// manyAuthorities is a bundle, of which nobody knows which ones matter.
const manyAuthorities = 10

// authorityCredentials leaves out those that another of the same name outlives: they have been renewed.
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

// certificates are those of a PEM text that can be read, as x509.CertPool takes them.
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

// loadCertificate reads what the relay shows the server; fallback has that of a nats context, if any.
func (e *Endpoint) loadCertificate(s *settings, fallback nats.TLSCertHandler) {
	var cert tls.Certificate
	var err error
	t := e.cfg.TLS
	switch {
	case t.Cert != "":
		cert, err = e.readPair()
	case fallback != nil:
		if cert, err = fallback(); err != nil {
			err = e.contextFinding(err)
		}
	default:
		return
	}
	if err != nil {
		s.found(err)
		return
	}
	s.security.config.Certificates = []tls.Certificate{cert}
	if cert.Leaf != nil {
		s.credentials = append(s.credentials, Credential{
			Kind: KindCertificate, Key: e.side + ".tls.cert", What: e.certificateName(), Ends: cert.Leaf.NotAfter,
			Who: "the certificate of " + subjectOf(cert.Leaf), issuer: clip(cmp.Or(cert.Leaf.Issuer.CommonName, cert.Leaf.Issuer.String())),
		})
	}
}

// certificateName is how messages call what the relay shows.
func (e *Endpoint) certificateName() string {
	if e.cfg.TLS.Cert == "" {
		return fmt.Sprintf("the certificate of the nats context %q", e.cfg.Context)
	}
	return "the certificate " + e.cfg.TLS.Cert
}

// readPair reads the configured certificate with its key, and says which of the two files is wrong.
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

// checkKey says of a file without a usable key what it has instead.
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
		return clip(c.Subject.CommonName)
	case len(c.DNSNames) > 0:
		return clip(c.DNSNames[0])
	}
	return clip(c.Subject.String())
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
