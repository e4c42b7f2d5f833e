package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"github.com/fedrelay/fedrelay/internal/uplot"
)

//go:embed assets
var assets embed.FS

// policy lets the page use what comes from here, and nothing else. Scripts and styles inside the
// page are forbidden, too.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// addFiles adds the files that the page consists of, below /page/.
func addFiles(routes map[string]http.Handler) {
	entries, err := assets.ReadDir("assets")
	if err != nil {
		panic("web: BUG: " + err.Error())
	}
	for _, e := range entries {
		routes["/page/"+e.Name()] = file(e.Name(), read(e.Name()))
	}
	routes["/page/uplot.js"] = file("uplot.js", uplot.Script)
	routes["/page/uplot.css"] = file("uplot.css", uplot.Style)
	routes["/page/uplot.txt"] = file("uplot.txt", uplot.License)
}

func read(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("web: BUG: " + err.Error())
	}
	return string(text)
}

// Index returns the page itself.
func Index() http.Handler { return file("index.html", read("index.html")) }

// file serves a text. A browser asks each time whether it is still the same: after an upgrade it
// must not mix old files with new ones.
func file(name, text string) http.Handler {
	sum := sha256.Sum256([]byte(text))
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	kind := mime.TypeByExtension(path.Ext(name))
	return compressed(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		secure(h)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), strings.Trim(tag, `"`)) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", kind)
		_, _ = w.Write([]byte(text)) // fails if the browser is gone
	})
}

// secure sets what every answer has.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept")
}

// compressed serves gzip to browsers that accept it.
func compressed(h http.HandlerFunc) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false))
	if err != nil {
		panic("web: BUG: " + err.Error())
	}
	return wrap(h)
}
