package web

import (
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestThePageIsServedWithAStrictPolicy(t *testing.T) {
	_, s := serve(t, newFake("london"))
	r := get(t, s, "/", nil)
	text, _ := io.ReadAll(r.Body)
	if p := r.Header.Get("Content-Security-Policy"); p != policy || strings.Contains(p, "unsafe") {
		t.Errorf("policy %q", p)
	}
	if found := regexp.MustCompile(`<script>|<style|\s(on[a-z]+|style)=`).Find(text); found != nil {
		t.Errorf("the policy forbids %s", found)
	}
	for _, link := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(link[1], "/page/") && get(t, s, link[1], nil).StatusCode != http.StatusOK {
			t.Errorf("%s is not there", link[1])
		}
		if !strings.HasPrefix(link[1], "/") {
			t.Errorf("%s is elsewhere", link[1])
		}
	}
}

func TestFilesKnowNoOtherPlace(t *testing.T) {
	entries, err := assets.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text := strings.ReplaceAll(read(e.Name()), "http://www.w3.org/2000/svg", "")
		for _, foreign := range []string{"http:", "https:", "@import", "url(", "eval(", "innerHTML ="} {
			if strings.Contains(text, foreign) {
				t.Errorf("%s: %s", e.Name(), foreign)
			}
		}
		for _, from := range regexp.MustCompile(`from '\./([a-z.]+)'`).FindAllStringSubmatch(text, -1) {
			read(from[1])
		}
	}
}

func TestABrowserAsksWhetherAFileIsStillTheSame(t *testing.T) {
	_, s := serve(t, newFake("london"))
	first := get(t, s, "/page/page.css", nil)
	tag := first.Header.Get("ETag")
	if again := get(t, s, "/page/page.css", http.Header{"If-None-Match": {tag}}); tag == "" || again.StatusCode != http.StatusNotModified {
		t.Errorf("tag %q, %s", tag, again.Status)
	}
	if kind := get(t, s, "/page/main.js", nil).Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/javascript") {
		t.Error(kind)
	}
}

// Text is read on these grounds, in either theme.
var textOn = map[string][]string{
	"ink":     {"page", "card", "empty"},
	"soft":    {"page", "card", "empty"},
	"good":    {"card", "page", "goodpage"},
	"bad":     {"card", "page", "badpage"},
	"warn":    {"card", "page", "warnpage"},
	"request": {"card", "page", "empty"},
	"reply":   {"card", "page"},
}

func TestTextHasContrast(t *testing.T) {
	css := read("page.css")
	light, dark, found := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("no dark theme")
	}
	dark = dark[:strings.Index(dark, "\n}\n")]
	for theme, text := range map[string]string{"light": light[:strings.Index(light, "}")], "dark": dark} {
		colors := colorsIn(t, text)
		for ink, grounds := range textOn {
			for _, ground := range grounds {
				if c := contrast(luminance(colors[ink]), luminance(colors[ground])); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", theme, ink, ground, c)
				}
			}
		}
		// The tip is written in the colours of the card, the other way round. Shapes need 3.
		for _, shape := range []string{"wait", "reply", "bad", "confirmed", "denied", "request"} {
			if c := contrast(luminance(colors[shape]), luminance(colors["card"])); c < 2.8 {
				t.Errorf("%s: %s can hardly be seen: %.2f", theme, shape, c)
			}
		}
	}
}

func colorsIn(t *testing.T, css string) map[string]uint64 {
	t.Helper()
	colors := map[string]uint64{}
	for _, m := range regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		v, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		colors[m[1]] = v
	}
	if len(colors) < 20 {
		t.Fatalf("only %d colours found", len(colors))
	}
	return colors
}

// luminance is the relative luminance of WCAG 2.
func luminance(color uint64) float64 {
	channel := func(shift int) float64 {
		v := float64(color>>shift&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
