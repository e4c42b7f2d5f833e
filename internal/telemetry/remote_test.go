package telemetry

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issue writes a certificate that signs itself, and its key, into dir.
func issue(t *testing.T, dir string, ends time.Time) (cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(ends.UnixNano()), Subject: pkix.Name{CommonName: "relay1"}, DNSNames: []string{"relay1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: ends, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	secretDER, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(path, kind string, der []byte) {
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(cert, "CERTIFICATE", der)
	write(key, "PRIVATE KEY", secretDER)
	return cert, key
}

func endingCertificate(t *testing.T) *certificates {
	t.Helper()
	cert, key := issue(t, t.TempDir(), time.Now().Add(time.Hour))
	c, err := newCertificates(Remote{Cert: cert, Key: key}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func login() (user, password string, err error) { return "prometheus", "s3cr3t", nil }

func serveRemote(t *testing.T, r Remote, o Options, beside *Server) *Server {
	t.Helper()
	s, err := ServeRemote(r, []View{&fakeView{sides: exampleSides()}}, o, beside)
	if err != nil {
		t.Fatal(err)
	}
	stopAtEnd(t, s)
	return s
}

// visit asks a remote server over TLS. It returns the certificate that the server showed.
func visit(t *testing.T, s *Server, path, user, password string, own ...tls.Certificate) (a answer, shown *x509.Certificate, err error) {
	t.Helper()
	// The certificate signs itself; what it says is compared by the tests.
	config := &tls.Config{InsecureSkipVerify: true, Certificates: own}
	visitor := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	response, err := visitor.Do(r)
	if err != nil {
		return answer{}, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, response.TLS.PeerCertificates[0], err
}

func TestOtherMachinesReadLittleAndOnlyIfTheyLogIn(t *testing.T) {
	ends := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	cert, key := issue(t, t.TempDir(), ends)
	local := start(t, &fakeView{}, Options{Pprof: true})
	reload := func() Reload {
		t.Error("another machine has asked for a reload")
		return Reload{}
	}
	remote := serveRemote(t, Remote{Address: "127.0.0.1:0", Cert: cert, Key: key, Login: login}, Options{Pprof: true, Reload: reload}, local)

	for _, c := range []struct {
		path, user, password string
		status               int
	}{
		{"/metrics", "prometheus", "s3cr3t", 200},
		{"/healthz", "prometheus", "s3cr3t", 200},
		{"/readyz", "prometheus", "s3cr3t", 200},
		{"/metrics", "", "", 401},
		{"/metrics", "prometheus", "s3cr3", 401},
		{"/metrics", "prometheu", "s3cr3t", 401},
		{"/", "prometheus", "s3cr3t", 404},
		{"/stats", "prometheus", "s3cr3t", 404},
		{"/debug/pprof/", "prometheus", "s3cr3t", 404},
		{"/debug/pprof/", "", "", 401},
	} {
		a, _, err := visit(t, remote, c.path, c.user, c.password)
		if err != nil || a.status != c.status {
			t.Errorf("%s as %s:%s: %d %v, want %d", c.path, c.user, c.password, a.status, err, c.status)
		}
		if asked := a.header.Get("WWW-Authenticate") != ""; asked != (c.status == 401) {
			t.Errorf("%s: %v", c.path, a.header)
		}
	}
	for _, path := range []string{"/-/reload", "/metrics"} {
		if status := post(t, remote, path); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, status)
		}
	}
	e := scrapeOf(t, local)
	if n := e.sum("fedrelay_http_rejected_total", "reason", "login"); n != 4 {
		t.Errorf("%v logins were rejected", n)
	}
	if n := e.sum("fedrelay_http_certificate_expiry_timestamp_seconds"); n != float64(ends.Unix()) {
		t.Errorf("the certificate ends at %v", n)
	}
	if line := firstLine(t, dial(t, remote), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"); strings.Contains(line, "200") {
		t.Errorf("without TLS: %q", line)
	}
}

// post sends what could change something, with the right login.
func post(t *testing.T, s *Server, path string) int {
	t.Helper()
	visitor := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("prometheus", "s3cr3t")
	response, err := visitor.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestARenewedCertificateIsShownAtOnce(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, time.Now().Add(time.Hour))
	var log bytes.Buffer
	o := Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	s := serveRemote(t, Remote{Address: "127.0.0.1:0", Cert: cert, Key: key}, o, nil)
	_, first, err := visit(t, s, "/healthz", "", "")
	if err != nil {
		t.Fatal(err)
	}
	// Half a renewal: the key is not that of the certificate.
	old, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	issue(t, dir, time.Now().Add(2*time.Hour))
	whole, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(text []byte) *x509.Certificate {
		if err := os.WriteFile(cert, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		_, shown, err := visit(t, s, "/healthz", "", "")
		if err != nil {
			t.Fatal(err)
		}
		return shown
	}
	if shown := replace(old); !shown.Equal(first) {
		t.Error("another certificate is shown after half a renewal")
	}
	if shown := replace(append(whole, '\n')); shown.Equal(first) || !shown.NotAfter.After(first.NotAfter) {
		t.Error("the renewed certificate is not shown")
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, _, err := visit(t, s, "/healthz", "", ""); err != nil {
		t.Errorf("without its key file: %v", err)
	}
	for _, words := range []string{"cannot be used; the earlier ones stay", "certificates read again", "key.pem"} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("%q is not in the log:\n%s", words, log.String())
		}
	}
}

func TestClientsMayHaveToShowACertificate(t *testing.T) {
	cert, key := issue(t, t.TempDir(), time.Now().Add(time.Hour))
	s := serveRemote(t, Remote{Address: "127.0.0.1:0", Cert: cert, Key: key, ClientCA: cert}, Options{}, nil)
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	if a, _, err := visit(t, s, "/metrics", "", "", own); err != nil || a.status != http.StatusOK {
		t.Errorf("%d %v", a.status, err)
	}
	if a, _, err := visit(t, s, "/metrics", "", ""); err == nil {
		t.Errorf("without a certificate: %d", a.status)
	}
	foreignCert, foreignKey := issue(t, t.TempDir(), time.Now().Add(time.Hour))
	foreign, err := tls.LoadX509KeyPair(foreignCert, foreignKey)
	if err != nil {
		t.Fatal(err)
	}
	if a, _, err := visit(t, s, "/metrics", "", "", foreign); err == nil {
		t.Errorf("with a foreign certificate: %d", a.status)
	}
}

func TestOnLoopbackOtherMachinesNeedNoTLS(t *testing.T) {
	s := serveRemote(t, Remote{Address: "127.0.0.1:0"}, Options{ChoriaMetrics: true}, nil)
	if a := get(t, s, "/choria/prometheus"); a.status != http.StatusOK || !strings.Contains(a.body, "choria_federation_") {
		t.Errorf("%d", a.status)
	}
}

func TestALoginThatCannotBeReadLetsNobodyIn(t *testing.T) {
	var log bytes.Buffer
	o := Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	unreadable := func() (user, password string, err error) { return "", "", errors.New("no such file") }
	s := serveRemote(t, Remote{Address: "127.0.0.1:0", Login: unreadable}, o, nil)
	for range 3 {
		if a := get(t, s, "/metrics"); a.status != http.StatusInternalServerError {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if n := strings.Count(log.String(), "no such file"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
}

func TestWhatIsWrongWithAListenerForOthersIsSaid(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, time.Now().Add(time.Hour))
	broken := filepath.Join(dir, "broken.pem")
	if err := os.WriteFile(broken, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for words, r := range map[string]Remote{
		"nowhere.pem: no such file":      {Cert: cert, Key: key, ClientCA: filepath.Join(dir, "nowhere.pem")},
		"broken.pem holds no cert":       {Cert: cert, Key: key, ClientCA: broken},
		"cert.pem and " + broken:         {Cert: cert, Key: broken},
		"http.remote: cannot listen on ": {Address: start(t, &fakeView{}, Options{}).Addr().String()},
	} {
		if r.Address == "" {
			r.Address = "127.0.0.1:0"
		}
		_, err := ServeRemote(r, []View{&fakeView{}}, Options{}, nil)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
	}
}
