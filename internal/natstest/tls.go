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

// An Authority is a certificate authority of one test.
type Authority struct {
	t    testing.TB
	Cert *x509.Certificate
	key  *ecdsa.PrivateKey
	Path string // of the file with its certificate
}

// NewAuthority makes an authority that lasts for an hour.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	return newAuthority(t, name, nil)
}

// Intermediate makes an authority whose certificate a has issued.
func (a *Authority) Intermediate(name string) *Authority {
	a.t.Helper()
	return newAuthority(a.t, name, a)
}

// newAuthority makes an authority whose certificate issuer has issued, or itself if that is nil.
func newAuthority(t testing.TB, name string, issuer *Authority) *Authority {
	t.Helper()
	key := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := tmpl, key
	if issuer != nil {
		tmpl.SerialNumber = big.NewInt(3)
		parent, signer = issuer.Cert, issuer.key
	}
	der := Must(x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer))
	path := File(t, "ca.pem", pemText("CERTIFICATE", der))
	return &Authority{t: t, Cert: Must(x509.ParseCertificate(der)), key: key, Path: path}
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// Issue returns a certificate for hosts, and its key, as PEM texts.
func (a *Authority) Issue(until time.Time, hosts ...string) (cert, key string) {
	a.t.Helper()
	return a.IssueFor([]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, until, hosts...)
}

// IssueFor is Issue with the uses that the certificate is for.
func (a *Authority) IssueFor(uses []x509.ExtKeyUsage, until time.Time, hosts ...string) (cert, key string) {
	a.t.Helper()
	from := time.Now().Add(-time.Hour)
	if until.Before(time.Now()) {
		from = until.Add(-24 * time.Hour)
	}
	k := Must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: from, NotAfter: until, ExtKeyUsage: uses,
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

// Server is the TLS configuration of a server that is one of hosts.
func (a *Authority) Server(until time.Time, hosts ...string) *tls.Config {
	a.t.Helper()
	cert, key := a.Issue(until, hosts...)
	pair := Must(tls.X509KeyPair([]byte(cert), []byte(key)))
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: a.Pool(), MinVersion: tls.VersionTLS12}
}

// Pool holds the certificate of a alone.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Cert)
	return p
}

// Soon is a time until which a certificate may last: an hour from now.
func Soon() time.Time { return time.Now().Add(time.Hour) }
