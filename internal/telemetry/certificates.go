package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificates are the files of a Remote. They are read again when one of them has changed, so that
// a renewed certificate needs no restart.
type certificates struct {
	// Set by newCertificates, then read-only.
	remote Remote
	log    *slog.Logger

	mu     sync.Mutex
	stamps [3]stamp // of the files as they were when they were read last
	config *tls.Config
	ends   time.Time // when the certificate ends
}

// A stamp tells one content of a file from another.
type stamp struct {
	size int64
	time time.Time
}

func newCertificates(r Remote, log *slog.Logger) (*certificates, error) {
	c := &certificates{remote: r, log: log, stamps: stampsOf(r)}
	return c, c.read()
}

// forClient returns the configuration for one connection. It blocks for files.
func (c *certificates) forClient(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	return c.config, nil
}

// end returns when the certificate ends. It blocks for files.
func (c *certificates) end() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refresh()
	return c.ends
}

// refresh reads the files if they have changed. While they cannot be used, such as between the
// certificate and the key of a renewal, the earlier ones stay. The caller holds mu.
func (c *certificates) refresh() {
	now := stampsOf(c.remote)
	if now == c.stamps {
		return
	}
	c.stamps = now
	if err := c.read(); err != nil {
		c.log.Error("http.remote: certificates have changed and cannot be used; the earlier ones stay", "error", err)
	} else {
		c.log.Info("http.remote: certificates read again", "ends", c.ends.UTC())
	}
}

// read reads the files. If it fails nothing changes.
func (c *certificates) read() error {
	pair, err := tls.LoadX509KeyPair(c.remote.Cert, c.remote.Key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.remote.Cert, c.remote.Key, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if c.remote.ClientCA != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		if config.ClientCAs, err = authorities(c.remote.ClientCA); err != nil {
			return err
		}
	}
	c.config, c.ends = config, pair.Leaf.NotAfter
	return nil
}

func authorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var wrong *fs.PathError
		if errors.As(err, &wrong) {
			err = wrong.Err // the path is named below
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return pool, nil
}

func stampsOf(r Remote) (all [3]stamp) {
	for i, path := range []string{r.Cert, r.Key, r.ClientCA} {
		if info, err := os.Stat(path); err == nil {
			all[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return all
}
