// Command licenses prints the licenses of everything that is linked into programs, or embedded in
// them: those of Go, of each module, and of each file given with -also.
//
//	go run ./scripts/licenses -also internal/uplot/LICENSE bin/fedrelay
package main

import (
	"cmp"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, args []string) error {
	var also []string
	flags := flag.NewFlagSet("licenses", flag.ContinueOnError)
	flags.Func("also", "`FILE` with a further license; may be given again", func(file string) error {
		also = append(also, file)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	return write(w, flags.Args(), also)
}

// A part is something with a license of its own.
type part struct {
	name  string
	files []string // its licenses and notices
}

func write(w io.Writer, programs, also []string) error {
	parts, err := partsOf(programs)
	if err != nil {
		return err
	}
	for _, file := range also {
		parts = append(parts, part{filepath.Base(filepath.Dir(file)), []string{file}})
	}
	fmt.Fprintln(w, "What is in this program besides fedrelay itself, whose license is Apache-2.0:")
	for _, p := range parts {
		fmt.Fprintln(w, "  "+p.name)
	}
	for _, p := range parts {
		for _, file := range p.files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "\n%s\n%s, %s\n\n%s\n", strings.Repeat("=", 80), p.name, filepath.Base(file), strings.TrimSpace(string(text)))
		}
	}
	return nil
}

// partsOf returns Go and all modules that are linked into programs.
func partsOf(programs []string) ([]part, error) {
	if len(programs) == 0 {
		return nil, errors.New("which programs?")
	}
	modules := map[string]*debug.Module{}
	version := ""
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		version = info.GoVersion
		for _, m := range info.Deps {
			modules[m.Path] = cmp.Or(m.Replace, m)
		}
	}
	root, err := goCommand("env", "GOROOT")
	if err != nil {
		return nil, err
	}
	parts := []part{{"Go " + version, []string{filepath.Join(root, "LICENSE")}}}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		files, err := licensesOf(m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{m.Path + " " + m.Version, files})
	}
	return parts, nil
}

var licenseName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)`)

// licensesOf returns the licenses and notices of a module. A module without any is an error.
func licensesOf(m *debug.Module) (files []string, err error) {
	dir, err := goCommand("list", "-m", "-f", "{{.Dir}}", m.Path)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && licenseName.MatchString(e.Name()) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no license", m.Path)
	}
	return files, nil
}

func goCommand(args ...string) (string, error) {
	out, err := exec.Command("go", args...).Output()
	return strings.TrimSpace(string(out)), err
}
