package config

import (
	"io"
	"os"
	"slices"
	"strings"
)

// Sources say where a configuration is read from. Choria's files are the weakest source; the YAML
// file, the environment and flags follow, each stronger than those before.
type Sources struct {
	// File is the path of a YAML file; empty for none, "-" for Stdin.
	File string
	// Stdin is read to its end where File is "-".
	Stdin io.Reader
	// Choria is the path of the original broker's configuration (broker.conf); empty for none.
	Choria string
	// ChoriaWithoutTLS ignores the TLS settings of Choria's files, as the original broker's
	// --disable-tls does.
	ChoriaWithoutTLS bool
	// Environ is the environment, as os.Environ gives it.
	Environ []string
	// Flags are the settings given on the command line.
	Flags []Flag
	// Hostname is the host's full name; empty asks Host.
	Hostname string
	// Host finds the names of the host. The zero value asks the system, which may take a few
	// seconds if DNS is needed and away.
	Host Host
	// Memory is how much memory the process may use. With less memory, fewer bytes may be under way
	// by default.
	Memory Memory
	// Edge says that the configuration is meant for an edge, whatever it holds.
	Edge bool
	// Operator says that only the federation side and the clusters are wanted, for a verb that asks
	// relays. Nothing else is validated.
	Operator bool
	// Argument says that an argument could have named the file, too.
	Argument bool
	// ServersLater does not report that a side has no servers, for a verb that connects to none.
	ServersLater bool
	// SkipFiles leaves credentials and certificates unread, for examples whose files do not exist.
	SkipFiles bool
	// FilesLater does not report credentials and certificates that cannot be used now, because they
	// are read again at every connect.
	FilesLater bool
}

// Resolved is a configuration that may be run, and where its values came from.
type Resolved struct {
	Config Config
	// Warnings are about settings that are not followed, or are risky. One line each.
	Warnings []string
	// Notes say what was not taken over, for somebody who checks a configuration. One line each.
	Notes   []string
	origins map[string]Origin
	problem func(Origin, string, string) Problem
	placeOf func(string) Origin
}

// Problem returns a mistake that the caller has found in the setting key, with the place where it
// was set.
func (r Resolved) Problem(key, text string) Problem { return r.problem(r.placeOf(key), key, text) }

// Origin returns where the value at a dotted path was set.
func (r Resolved) Origin(path string) Origin { return r.origins[path] }

// Load reads, merges and validates a configuration. The error holds all mistakes (Problems). It may
// block for files and, if the host's name is needed, for hostPatience.
func Load(src Sources) (Config, error) {
	r, err := Resolve(src)
	return r.Config, err
}

// LoadChoria reads the original broker's files alone, with the process's environment.
func LoadChoria(path string) (Resolved, error) {
	return Resolve(Sources{Choria: path, Environ: os.Environ()})
}

// Resolve is Load, and also returns warnings and the origin of every value.
func Resolve(src Sources) (Resolved, error) {
	l := newLoader(src)
	l.readChoria()
	l.readFile()
	return l.resolve()
}

// resolve does the rest after the files are read: it reads the environment and the flags, merges
// all values and validates them.
func (l *loader) resolve() (Resolved, error) {
	l.readEnv()
	l.readFlags()
	l.dropReplacedCredentials()
	l.apply()
	l.finish()
	l.validate()
	l.checkFiles()
	return Resolved{
		Config: *l.config, Warnings: l.warnings, Notes: l.notes,
		origins: l.origins, problem: l.problem, placeOf: l.placeOf,
	}, l.problems.err()
}

type loader struct {
	src    Sources
	env    map[string]string
	config *Config
	schema schema
	// texts of the files read, for snippets.
	texts []fileText

	assignments []assignment
	origins     map[string]Origin
	problems    Problems
	warnings    []string
	notes       []string
	// host is this host's full name, once it was looked up.
	host hostName
	// pending are settings that may be empty for now: servers in this host's domain, if DNS could
	// not tell that domain yet.
	pending map[string]bool
	// broken means that a file could not be read to its end. Then missing settings are not
	// reported, because nearly all would be.
	broken bool
}

func newLoader(src Sources) *loader {
	c := Default()
	l := &loader{
		src: src, env: environment(src.Environ), config: &c, schema: newSchema(&c),
		origins: map[string]Origin{}, pending: map[string]bool{},
	}
	for _, side := range []string{"federation", "collective", "line"} {
		l.pending[side+".servers"] = src.ServersLater
	}
	return l
}

// environment returns the variables as a map. If a name is given twice the last one counts, as in a
// shell.
func environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok {
			env[name] = value
		}
	}
	return env
}

func (l *loader) readFile() {
	if l.src.File == "" {
		return
	}
	name, content, err := l.src.read()
	if err != nil {
		l.broken = true
		l.report(Origin{source: fromFile, Name: name}, "", err.Error())
		return
	}
	l.parseFile(name, content)
}

// read reads the YAML file, or what stands for it, and returns how messages call it.
func (src Sources) read() (name string, content []byte, err error) {
	if src.File != Stdin || src.Stdin == nil {
		content, err = readConfig(src.File)
		return src.File, content, err
	}
	content, err = io.ReadAll(io.LimitReader(src.Stdin, maxFile+1))
	if err == nil {
		err = textual(content, maxFile)
	}
	return "stdin", withoutMark(content), err
}

// Stdin is the name of a file that stands for standard input.
const Stdin = "-"

func (l *loader) parseFile(name string, content []byte) {
	d := l.document(name, content)
	d.parse(content)
	l.broken = l.broken || d.broken
	l.problems = append(l.problems, d.problems...)
	l.assignments = append(l.assignments, d.assignments...)
	for path, at := range d.places {
		l.origins[path] = at
	}
}

func (l *loader) document(name string, content []byte) *document {
	t := newText(name, content)
	l.texts = append(l.texts, t)
	l.origins[""] = t.place(1, 1)
	return &document{
		text: t, schema: l.schema, places: map[string]Origin{},
		expander: expander{lookup: l.variable},
	}
}

func (l *loader) variable(name string) (value string, ok bool) {
	value, ok = l.env[name]
	return value, ok
}

// apply sets all values, from the weakest source to the strongest. The origin of the last value is
// kept.
func (l *loader) apply() {
	for _, a := range l.assignments {
		leaf := l.schema.leaves[a.path]
		if err := leaf.assign(a.texts); err != nil {
			l.report(a.origin, a.path, err.Error())
			continue
		}
		l.forgetElements(a.path)
		l.origins[a.path] = a.origin
		for i := range a.elements {
			l.origins[elementPath(a.path, i)] = a.elements[i]
		}
	}
}

// forgetElements forgets the origins of the elements of a list that another list has replaced.
func (l *loader) forgetElements(path string) {
	for key := range l.origins {
		if strings.HasPrefix(key, path+"[") {
			delete(l.origins, key)
		}
	}
}

func (l *loader) report(o Origin, key, text string) {
	l.add(l.problem(o, key, text))
}

// reportFor is report for a mistake in the original broker's files because of which the setting at
// path has no value.
func (l *loader) reportFor(path string, o Origin, text string) {
	p := l.problem(o, "", text)
	p.explains = path
	l.add(p)
}

func (l *loader) add(p Problem) {
	if slices.ContainsFunc(l.problems, p.repeats) {
		return
	}
	l.problems = append(l.problems, p)
}

// problem returns a Problem, with the line of the file if there is one.
func (l *loader) problem(o Origin, key, text string) Problem {
	p := Problem{Origin: o, Key: key, Text: text}
	i := slices.IndexFunc(l.texts, func(t fileText) bool { return t.name == o.Name })
	if i >= 0 && !l.isTop(o) {
		p.Snippet = l.texts[i].snippet(o)
	}
	return p
}

// isTop reports whether o stands for a whole file. Then showing its first line would mislead.
func (l *loader) isTop(o Origin) bool {
	o.alias = ""
	return o == l.origins[""]
}

// warn adds a warning, unless there is the same one already: one setting of the original broker can
// stand for both sides.
func (l *loader) warn(o Origin, key, text string) {
	if w := remark(o, key, text); !slices.Contains(l.warnings, w) {
		l.warnings = append(l.warnings, w)
	}
}

func (l *loader) note(o Origin, text string) { l.notes = append(l.notes, remark(o, "", text)) }

func remark(o Origin, key, text string) string {
	return strings.TrimPrefix(Problem{Origin: o, Key: key, Text: text}.Error(), "config: ")
}

// faulty reports whether there is a mistake in the setting at key.
func (l *loader) faulty(key string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.causes(key) })
}

// placeOf returns where a key was set, else where its section is, else the top of the file.
func (l *loader) placeOf(key string) Origin {
	for ; ; key = parentOf(key) {
		if o, ok := l.origins[key]; ok && o.source != fromDefault {
			return o
		}
		if key == "" {
			return Origin{}
		}
	}
}
