package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// choria is the original broker's configuration: every key with the place of its last value.
type choria struct {
	l      *loader
	dir    string
	top    Origin
	values map[string]choriaValue
	used   map[string]bool // keys that were looked at, or spoken of
	odd    int             // lines that are ignored
}

type choriaValue struct {
	text string
	at   Origin
}

// readChoria translates broker.conf and plugin.d into assignments that everything else overrides.
func (l *loader) readChoria() {
	if l.src.Choria == "" {
		return
	}
	c := newChoria(l)
	c.readFile(l.src.Choria, "")
	c.readPlugins()
	if !l.broken {
		c.translate()
	}
}

func newChoria(l *loader) *choria {
	return &choria{
		l: l, dir: filepath.Dir(l.src.Choria), values: map[string]choriaValue{}, used: map[string]bool{},
		top: Origin{source: fromChoria, Name: l.src.Choria, Line: 1, Col: 1},
	}
}

func (c *choria) translate() {
	c.l.origins[""] = c.top
	c.mapBroker()
	c.mapServers()
	c.mapSecurity()
	c.mapOperation()
	c.warnIgnored()
	c.warnMisspelt()
	c.noteUnused()
}

func (c *choria) readPlugins() {
	if c.inHome() {
		return
	}
	dir := filepath.Join(c.dir, "plugin.d")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.fail(c.top, "", "cannot list plugin.d: "+reason(err).Error())
		return
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".cfg"); ok {
			c.readFile(filepath.Join(dir, e.Name()), "plugin."+name+".")
		}
	}
}

// inHome: for a user's own configuration the original broker does not read plugin.d.
func (c *choria) inHome() bool {
	home := c.l.home()
	path, err := filepath.Abs(c.l.src.Choria)
	return err == nil && len(home) > 1 && strings.HasPrefix(path, strings.TrimSuffix(home, "/")+"/")
}

func (l *loader) home() string {
	if home := l.env["HOME"]; home != "" {
		return home
	}
	home, _ := os.UserHomeDir() // "" means nobody's home, which nothing is inside of
	return home
}

func (c *choria) readFile(path, prefix string) {
	content, err := readConfig(path)
	if err != nil {
		c.l.broken = true
		c.fail(Origin{source: fromChoria, Name: path}, "", err.Error())
		return
	}
	c.parse(path, prefix, content)
}

func (c *choria) parse(path, prefix string, content []byte) {
	t := newText(path, content)
	c.l.texts = append(c.l.texts, t)
	for i, line := range t.lines {
		c.line(path, prefix, i+1, line)
	}
}

// line reads "key = value". The first = ends the key, everything after it is the value, quotes
// included.
func (c *choria) line(path, prefix string, number int, line string) {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return
	}
	key, value, ok := strings.Cut(trimmed, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	at := Origin{source: fromChoria, Name: path, Line: number, Col: 1 + strings.Index(line, trimmed)}
	if !ok || key == "" {
		c.warnLine(at, `ignored: not "key = value"`)
		return
	}
	at.alias = prefix + key
	if value == "" {
		c.warnLine(at, "ignored: has no value")
		return
	}
	at.Col = 1 + strings.LastIndex(line, value)
	c.values[prefix+key] = choriaValue{text: value, at: at}
}

// maxRemarks bounds what is said of one kind of line: a file of something else is not a page of
// warnings.
const maxRemarks = 20

func (c *choria) warnLine(at Origin, text string) {
	switch c.odd++; {
	case c.odd <= maxRemarks:
		c.l.warn(at, "", text)
	case c.odd == maxRemarks+1:
		c.l.warn(at, "", text+", as are more lines that follow")
	}
}

// value is what the files say, if anything.
func (c *choria) value(key string) (choriaValue, bool) {
	c.used[key] = true
	v, ok := c.values[key]
	return v, ok
}

// fail reports a mistake; key may be empty.
func (c *choria) fail(at Origin, key, text string) {
	at.alias = key
	c.l.report(at, "", text)
}

// set hands a value on under our own key, remembering theirs.
func (c *choria) set(path string, v choriaValue, texts ...string) {
	c.l.assignments = append(c.l.assignments, assignment{path: path, texts: texts, origin: v.at})
}

// setBoth is for what the original broker has once for both sides.
func (c *choria) setBoth(key string, v choriaValue, text string) {
	c.set("federation."+key, v, text)
	c.set("collective."+key, v, text)
}
