package secure

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// What everybody must have negotiated, as package tls calls it.
const (
	version = tls.VersionTLS13
	suite   = tls.TLS_AES_128_GCM_SHA256
)

// Server is the configuration of a server that shows the certificate of cert and key.
func Server(cert, key string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: version, Certificates: []tls.Certificate{pair}}, nil
}

// Client is the configuration of a client that trusts the authority in the file ca. It is nil if ca
// is empty: then there is no TLS. All its records are of full size, and a second connection takes
// less than the first one, because the session is resumed.
func Client(ca string) (*tls.Config, error) {
	if ca == "" {
		return nil, nil
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate", ca)
	}
	return &tls.Config{
		MinVersion: version, RootCAs: roots, DynamicRecordSizingDisabled: true, ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}, nil
}

// Check returns an error if a connection has negotiated something else than all others. v is 1.3
// and the like, s the name of a cipher suite.
func Check(v, s string) error {
	if v != "1.3" || s != tls.CipherSuiteName(suite) {
		return fmt.Errorf("TLS %s with %s, want 1.3 with %s", v, s, tls.CipherSuiteName(suite))
	}
	return nil
}

// CheckState is Check for one end of a connection.
func CheckState(s tls.ConnectionState) error {
	if s.Version == version {
		return Check("1.3", tls.CipherSuiteName(s.CipherSuite))
	}
	return Check(tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite))
}
