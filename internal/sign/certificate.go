package sign

import (
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Certificate returns a signer of version 1. certificate is a file with that of the caller, in
// front of those of authorities in between, if any; key is the file with its private key. caller
// may be empty: then it is choria= and the name in the certificate. Files are read once.
func Certificate(certificate, key, caller string, now time.Time) (*Signer, error) {
	chain, pems, err := readChain(certificate)
	if err != nil {
		return nil, err
	}
	private, err := readKey(key)
	if err != nil {
		return nil, err
	}
	if bits := private.N.BitLen(); bits < 1024 {
		return nil, fmt.Errorf("%s: a key of %d bits is too short", key, bits)
	}
	leaf := chain[0]
	if public, ok := leaf.PublicKey.(*rsa.PublicKey); !ok || !public.Equal(&private.PublicKey) {
		return nil, fmt.Errorf("%s: is not the RSA key of the certificate %s; give the two that belong together", key, certificate)
	}
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		return nil, fmt.Errorf("%s: is valid from %s to %s only; nodes refuse what it signs", certificate,
			leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	caller = cmp.Or(caller, "choria="+nameOf(leaf))
	if err := checkCaller(caller); err != nil {
		return nil, err
	}
	sign := func(text []byte) string {
		hash := sha256.Sum256(text)
		signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, hash[:])
		if err != nil {
			panic("sign: BUG: a key that was checked does not sign: " + err.Error())
		}
		return encode(signature)
	}
	return &Signer{caller: caller, signed: true, version: 1, document: func(p Ping) []byte {
		return secureV1(caller, p, sign, pems)
	}}, nil
}

// nameOf is the name that nodes know the holder of a certificate by.
func nameOf(c *x509.Certificate) string {
	if c.Subject.CommonName == "" && len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.CommonName
}

// readChain reads the certificates in a file, and returns them in PEM, too.
func readChain(path string) (chain []*x509.Certificate, pems string, err error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, "", fmt.Errorf("%s: holds a certificate that cannot be read: %w", path, err)
		}
		chain = append(chain, c)
		pems += string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	}
	if len(chain) == 0 {
		return nil, "", fmt.Errorf("%s: holds no certificate; want PEM", path)
	}
	return chain, pems, nil
}

func readKey(path string) (*rsa.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if key, err := parseKey(block); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		} else if key != nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%s: holds no private key; want an RSA key in PEM, PKCS #1 or PKCS #8", path)
}

// parseKey returns nil for what is no private key.
func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	switch {
	case block.Type == "RSA PRIVATE KEY" && block.Headers["DEK-Info"] == "":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		if key, ok := key.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, errors.New("is no RSA key, and nodes read no other kind")
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("is encrypted; want a key without a passphrase")
	}
	return nil, nil
}

type requestV1 struct {
	Protocol string     `json:"protocol"`
	Message  string     `json:"message"`
	Envelope envelopeV1 `json:"envelope"`
}

type envelopeV1 struct {
	ID         string `json:"requestid"`
	Sender     string `json:"senderid"`
	Caller     string `json:"callerid"`
	Collective string `json:"collective"`
	Agent      string `json:"agent"`
	TTL        int    `json:"ttl"`
	Time       int64  `json:"time"` // seconds
	Filter     filter `json:"filter"`
}

type secureRequestV1 struct {
	Protocol    string `json:"protocol"`
	Message     string `json:"message"`
	Signature   string `json:"signature"`
	Certificate string `json:"pubcert"`
}

func secureV1(caller string, p Ping, sign func([]byte) string, certificates string) []byte {
	request := text(requestV1{Protocol: "choria:request:1", Message: body, Envelope: envelopeV1{
		ID: p.ID, Sender: p.Sender, Caller: caller, Collective: p.Collective, Agent: agent,
		TTL: ttl, Time: p.At.Unix(), Filter: noFilter,
	}})
	return text(secureRequestV1{
		Protocol: "choria:secure:request:1", Message: string(request), Signature: sign(request), Certificate: certificates,
	})
}
