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
	loader   *loader
	dir      string // of the first file
	top      Origin // the place of settings that stand in no line
	values   map[string]choriaValue
	used     map[string]bool // keys that were looked at, or that gave a warning
	oddLines int             // ignored because they are not "key = value"
}

type choriaValue struct {
	text   string
	origin Origin
}

// readChoria translates broker.conf and plugin.d into assignments. All other sources override them.
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
		loader: l, dir: filepath.Dir(l.src.Choria),
		values: map[string]choriaValue{}, used: map[string]bool{},
		top: Origin{source: fromChoria, Name: l.src.Choria, Line: 1, Col: 1},
	}
}

func (c *choria) translate() {
	c.loader.origins[""] = c.top
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

// inHome reports whether the configuration is in the user's home. Then the original broker does not
// read plugin.d.
func (c *choria) inHome() bool {
	home := c.loader.home()
	path, err := filepath.Abs(c.loader.src.Choria)
	return err == nil && len(home) > 1 && strings.HasPrefix(path, strings.TrimSuffix(home, "/")+"/")
}

func (l *loader) home() string {
	if home := l.env["HOME"]; home != "" {
		return home
	}
	home, _ := os.UserHomeDir() // "" if there is none, and then no file is in it
	return home
}

func (c *choria) readFile(path, prefix string) {
	content, err := readConfig(path)
	if err != nil {
		c.loader.broken = true
		c.fail(Origin{source: fromChoria, Name: path}, "", err.Error())
		return
	}
	c.parse(path, prefix, content)
}

func (c *choria) parse(path, prefix string, content []byte) {
	t := newText(path, content)
	c.loader.texts = append(c.loader.texts, t)
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
	origin := Origin{source: fromChoria, Name: path, Line: number, Col: 1 + strings.Index(line, trimmed)}
	if !ok || key == "" {
		c.warnLine(origin, `ignored: not "key = value"`)
		return
	}
	origin.alias = prefix + key
	if value == "" {
		c.warnLine(origin, "ignored: has no value")
		return
	}
	origin.Col = 1 + strings.LastIndex(line, value)
	c.values[prefix+key] = choriaValue{text: value, origin: origin}
}

// maxRemarks is how many warnings lines of one kind give, so that a file that is no configuration
// does not give pages of them.
const maxRemarks = 20

func (c *choria) warnLine(at Origin, text string) {
	switch c.oddLines++; {
	case c.oddLines <= maxRemarks:
		c.loader.warn(at, "", text)
	case c.oddLines == maxRemarks+1:
		c.loader.warn(at, "", text+", as are more lines that follow")
	}
}

// value returns the value of key in the files. It is false if the files do not set key.
func (c *choria) value(key string) (choriaValue, bool) {
	c.used[key] = true
	v, ok := c.values[key]
	return v, ok
}

// fail reports a mistake; key may be empty.
func (c *choria) fail(at Origin, key, text string) {
	at.alias = key
	c.loader.report(at, "", text)
}

// set sets our setting at path. The origin keeps Choria's key.
func (c *choria) set(path string, v choriaValue, texts ...string) {
	c.loader.assignments = append(c.loader.assignments, assignment{path: path, texts: texts, origin: v.origin})
}

// setBoth sets a setting of both sides, for a key that the original broker has once.
func (c *choria) setBoth(key string, v choriaValue, text string) {
	c.set("federation."+key, v, text)
	c.set("collective."+key, v, text)
}
