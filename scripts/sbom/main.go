// Command sbom completes a list of what is in the relay's program, in the form of CycloneDX. The
// list comes from the modules that the program links, so it lacks what is embedded, and our own
// license. It also names the program that made it by hashes, which differ from host to host: these
// are removed.
//
//	go run ./scripts/sbom bin/package/sbom.cdx.json
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/fedrelay/fedrelay/internal/uplot"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(files []string) error {
	if len(files) != 1 {
		return errors.New("which file? give one, as cyclonedx-gomod bin -json writes it")
	}
	before, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	after, err := complete(before)
	if err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	return os.WriteFile(files[0], after, 0o644)
}

// An object keeps the members that we do not look into.
type object map[string]json.RawMessage

func (o object) get(name string, value any) error {
	if err := json.Unmarshal(o[name], value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (o object) set(name string, value any) (err error) {
	o[name], err = json.Marshal(value)
	return err
}

func complete(list []byte) ([]byte, error) {
	var top, metadata object
	var components []json.RawMessage
	var dependencies []dependency
	if err := json.Unmarshal(list, &top); err != nil {
		return nil, err
	}
	if err := errors.Join(top.get("metadata", &metadata), top.get("components", &components), top.get("dependencies", &dependencies)); err != nil {
		return nil, err
	}
	ours, err := describe(metadata)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if dependencies, err = dependOnEmbedded(dependencies, ours); err != nil {
		return nil, err
	}
	components = append(components, embedded())
	if err := errors.Join(top.set("metadata", metadata), top.set("components", components), top.set("dependencies", dependencies)); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(top, "", "  ")
	return append(text, '\n'), err
}

// describe returns how the list refers to our program.
func describe(metadata object) (ours string, err error) {
	var tools []object
	var program object
	if err := errors.Join(metadata.get("tools", &tools), metadata.get("component", &program)); err != nil {
		return "", err
	}
	if err := program.get("bom-ref", &ours); err != nil {
		return "", err
	}
	for _, tool := range tools {
		delete(tool, "hashes")
	}
	program["licenses"] = json.RawMessage(`[{"license": {"id": "Apache-2.0"}}]`)
	return ours, errors.Join(metadata.set("tools", tools), metadata.set("component", program))
}

// purl is the name that all lists have for uPlot.
const purl = "pkg:npm/uplot@" + uplot.Version

func embedded() json.RawMessage {
	return fmt.Appendf(nil, `{"bom-ref": %q, "type": "library", "name": "uplot", "version": %q, "scope": "required", `+
		`"licenses": [{"license": {"id": "MIT"}}], "purl": %q}`, purl, uplot.Version, purl)
}

// A dependency says what one component needs.
type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

func dependOnEmbedded(all []dependency, ours string) ([]dependency, error) {
	i := slices.IndexFunc(all, func(d dependency) bool { return d.Ref == ours })
	switch {
	case i < 0:
		return nil, fmt.Errorf("dependencies: nothing is said of %q", ours)
	case slices.Contains(all[i].DependsOn, purl):
		return nil, fmt.Errorf("dependencies: %s is there already; give the list as it was first written", purl)
	}
	all[i].DependsOn = append(all[i].DependsOn, purl)
	return append(all, dependency{Ref: purl}), nil
}
