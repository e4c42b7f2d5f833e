package secure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Files are the paths of an authority's certificate, and of a certificate with its key that servers
// and clients on this machine can show. All are PEM.
type Files struct{ CA, Cert, Key string }

// name is the host of the certificate, besides the address of this machine. A relay may ask for its
// own name in it.
const name = "relay1.ldn.example.net"

// lifetime is longer than any run of the benchmarks.
const lifetime = 48 * time.Hour

// Make makes an authority and a certificate, and writes them to files in dir. Nobody keeps the key
// of the authority.
func Make(dir string) (Files, error) {
	f := Files{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	authority, leaf := template(1), template(2)
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	authority.Subject.CommonName = "benchmarks"
	leaf.IPAddresses, leaf.DNSNames = []net.IP{net.IPv4(127, 0, 0, 1)}, []string{"localhost", name}
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return f, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return f, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return f, errors.Join(err,
		issue(f.CA, authority, authority, signer.Public(), signer),
		issue(f.Cert, leaf, authority, key.Public(), signer),
		write(f.Key, "PRIVATE KEY", private),
	)
}

func template(serial int64) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lifetime),
	}
}

// issue writes a certificate for the key public, which signer signs as issuer.
func issue(path string, cert, issuer *x509.Certificate, public any, signer *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, cert, issuer, public, signer)
	if err != nil {
		return err
	}
	return write(path, "CERTIFICATE", der)
}

func write(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
