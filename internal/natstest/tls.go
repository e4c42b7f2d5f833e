package natstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// authority is a certificate authority of one test.
type authority struct {
	t    testing.TB
	Cert *x509.Certificate
	key  *ecdsa.PrivateKey
	Path string // of its certificate
}

func NewAuthority(t testing.TB, name string) *authority {
	t.Helper()
	key := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := Must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key))
	a := &authority{t: t, Cert: Must(x509.ParseCertificate(der)), key: key}
	a.Path = File(t, "ca.pem", pemText("CERTIFICATE", der))
	return a
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// Issue returns the PEM of a certificate for hosts and of its key.
func (a *authority) Issue(until time.Time, hosts ...string) (cert, key string) {
	a.t.Helper()
	k := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, h)
		}
	}
	der := Must(x509.CreateCertificate(rand.Reader, tmpl, a.Cert, k.Public(), a.key))
	return pemText("CERTIFICATE", der), pemText("PRIVATE KEY", Must(x509.MarshalPKCS8PrivateKey(k)))
}

// Server is the TLS configuration of a server for hosts.
func (a *authority) Server(until time.Time, hosts ...string) *tls.Config {
	a.t.Helper()
	cert, key := a.Issue(until, hosts...)
	pair := Must(tls.X509KeyPair([]byte(cert), []byte(key)))
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: a.Pool(), MinVersion: tls.VersionTLS12}
}

func (a *authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Cert)
	return p
}

func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func Soon() time.Time { return time.Now().Add(time.Hour) }

// Wired connects two ends over loopback TCP.
func Wired(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ours = Must(net.Dial("tcp", l.Addr().String()))
	theirs = Must(l.Accept())
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	return ours, theirs
}

// Intermediate is an authority that a issued.
func (a *authority) Intermediate(name string) *authority {
	a.t.Helper()
	key := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := Must(x509.CreateCertificate(rand.Reader, tmpl, a.Cert, key.Public(), a.key))
	return &authority{t: a.t, Cert: Must(x509.ParseCertificate(der)), key: key, Path: File(a.t, "ca.pem", pemText("CERTIFICATE", der))}
}
