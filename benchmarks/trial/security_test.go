package trial

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOtherSecurityIsFoundOut(t *testing.T) {
	for said, want := range map[string]string{
		`{"connections":[]}`: "",
		`{"connections":[{"name":"a","tls_version":"1.3","tls_cipher_suite":"TLS_AES_128_GCM_SHA256"}]}`:          "",
		`{"connections":[{"name":"a","tls_version":"1.3","tls_cipher_suite":"TLS_AES_256_GCM_SHA384"}]}`:          `"a": TLS 1.3 with TLS_AES_256`,
		`{"connections":[{"name":"b","tls_version":"1.2","tls_cipher_suite":"TLS_RSA_WITH_AES_128_GCM_SHA256"}]}`: `"b": TLS 1.2`,
		`{"connections":[{"name":"c"}]}`: `"c"`,
		`{`:                              "EOF",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(said))
		}))
		err := checkServer(t.Context(), server.URL)
		server.Close()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", said, err)
		}
	}
	if err := checkServer(t.Context(), "http://127.0.0.1:1"); err == nil {
		t.Error("nobody answered")
	}
}

func TestWhatARelaySaysOfItsMemory(t *testing.T) {
	const said = "# HELP x y\ngo_memstats_mallocs_total 1.5e3\nother{a=\"b c\"} 7\ngo_gc_duration_seconds_sum 0.25\n"
	if a := parseAllocated(strings.NewReader(said)); a != (allocated{known: true, allocations: 1500, pause: 0.25}) {
		t.Errorf("%+v", a)
	}
	if a := parseAllocated(strings.NewReader("<html>\n")); a.known {
		t.Errorf("%+v", a)
	}
}

// FuzzAllocated reads whatever a relay serves.
func FuzzAllocated(f *testing.F) {
	f.Add("go_memstats_mallocs_total 12\ngo_gc_duration_seconds_sum 0.1\n")
	f.Add("go_memstats_mallocs_total NaN extra\n\n# \x00")
	f.Fuzz(func(t *testing.T, said string) {
		if a := parseAllocated(strings.NewReader(said)); !a.known && a.allocations != 0 {
			t.Errorf("%+v", a)
		}
	})
}
