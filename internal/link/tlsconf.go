package link

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// checkTLS returns what is wrong with the TLS settings. It reads no files.
func (e *Endpoint) checkTLS() error {
	if (e.cfg.TLS.Cert == "") != (e.cfg.TLS.Key == "") {
		return fmt.Errorf("%s.tls needs both cert and key, or neither", e.side)
	}
	return nil
}

// secure moves the TLS options of s, which may come from a nats context, to s.security. It overlays
// them with the configuration.
func (e *Endpoint) secure(s *settings) {
	o, t := &s.options, e.cfg.TLS
	s.security = socket.Security{
		Config: &tls.Config{MinVersion: tls.VersionTLS12},
		Want:   o.Secure || t != (config.TLS{}),
		First:  o.TLSHandshakeFirst || t.First,
	}
	if o.TLSConfig != nil {
		s.security.Config = o.TLSConfig.Clone()
		s.security.Config.MinVersion = max(s.security.Config.MinVersion, tls.VersionTLS12)
	}
	e.loadRoots(s, o.RootCAsCB)
	e.loadCertificate(s, o.TLSCertCB)
	s.security.Config.ServerName = t.ServerName
	s.security.Config.InsecureSkipVerify = t.InsecureSkipVerify
	e.sessions.use(s.security.Config)
	// TLS is done below nats.go, which sees plain text.
	o.Secure, o.TLSHandshakeFirst, o.TLSConfig, o.RootCAsCB, o.TLSCertCB = false, false, nil, nil, nil
}

// loadRoots reads the authorities that the server is verified with. They are in the configured
// file, or else come from fallback, that of a nats context. fallback may be nil.
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
		s.addMistake(e.contextFinding(err))
	}
	s.security.Config.RootCAs = pool
}

// readAuthorities takes the authorities from a file. key is the setting that names it.
func (s *settings) readAuthorities(key, path string) {
	text, err := readFile(key, path)
	if err != nil {
		s.addMistake(err)
		return
	}
	pool := x509.NewCertPool()
	s.authorities, s.authorityFile = certificates(text), path
	if !pool.AppendCertsFromPEM(text) {
		s.addMistake(wrongFile(key, path, "holds no certificate; want a PEM file with -----BEGIN CERTIFICATE-----"))
		return
	}
	s.security.Config.RootCAs = pool
	s.credentials = append(s.credentials, authorityCredentials(key, path, s.authorities)...)
}

// loadCertificate reads the certificate that the relay shows the server. It is the configured one,
// or else comes from fallback, that of a nats context. fallback may be nil.
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
		s.addMistake(err)
		return
	}
	s.security.Config.Certificates = []tls.Certificate{cert}
	if cert.Leaf != nil {
		issuer := cert.Leaf.Issuer
		s.credentials = append(s.credentials, Credential{
			Kind: KindCertificate, Key: e.side + ".tls.cert",
			What: e.certificateName(), Who: "the certificate of " + subjectOf(cert.Leaf),
			Begins: cert.Leaf.NotBefore, Ends: cert.Leaf.NotAfter, issuer: socket.Clip(cmp.Or(issuer.CommonName, issuer.String())),
		})
	}
}

// certificateName is how messages call the certificate that the relay shows.
func (e *Endpoint) certificateName() string {
	if e.cfg.TLS.Cert == "" {
		return fmt.Sprintf("the certificate of the nats context %q", e.cfg.Context)
	}
	return "the certificate " + e.cfg.TLS.Cert
}
