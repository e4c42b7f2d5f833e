package natsio

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/fedrelay/fedrelay/internal/config"
)

func (e *Endpoint) checkTLS() error {
	if (e.cfg.TLS.Cert == "") != (e.cfg.TLS.Key == "") {
		return fmt.Errorf("%s.tls needs both cert and key, or neither", e.side)
	}
	return nil
}

// secure moves the TLS options of s, which may come from a nats context, to s.security, and overlays the configured ones.
func (e *Endpoint) secure(s *settings) error {
	o, t := &s.options, e.cfg.TLS
	s.security = security{
		config: &tls.Config{MinVersion: tls.VersionTLS12},
		want:   o.Secure || t != (config.TLS{}),
		first:  o.TLSHandshakeFirst || t.First,
	}
	c := s.security.config
	if o.TLSConfig != nil {
		c = o.TLSConfig.Clone()
		c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
		s.security.config = c
	}
	if err := loadRoots(c, t.CA, o.RootCAsCB); err != nil {
		return err
	}
	if err := loadCertificate(c, t, o.TLSCertCB); err != nil {
		return err
	}
	c.ServerName = t.ServerName
	c.InsecureSkipVerify = t.InsecureSkipVerify
	// From here on nats.go sees plain text.
	o.Secure, o.TLSHandshakeFirst, o.TLSConfig, o.RootCAsCB, o.TLSCertCB = false, false, nil, nil, nil
	return nil
}

func loadRoots(c *tls.Config, path string, fallback func() (*x509.CertPool, error)) error {
	var err error
	switch {
	case path != "":
		c.RootCAs, err = readPool(path)
	case fallback != nil:
		c.RootCAs, err = fallback()
	}
	if err != nil {
		return fmt.Errorf("tls: ca: %w", err)
	}
	return nil
}

func readPool(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + path)
	}
	return pool, nil
}

func loadCertificate(c *tls.Config, t config.TLS, fallback func() (tls.Certificate, error)) error {
	load := fallback
	if t.Cert != "" {
		load = func() (tls.Certificate, error) { return tls.LoadX509KeyPair(t.Cert, t.Key) }
	}
	if load == nil {
		return nil
	}
	cert, err := load()
	if err != nil {
		return fmt.Errorf("tls: certificate: %w", err)
	}
	c.Certificates = []tls.Certificate{cert}
	return nil
}
