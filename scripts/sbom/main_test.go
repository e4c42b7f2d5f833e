package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/uplot"
)

// list is what cyclonedx-gomod writes, much shortened.
const list = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {
    "tools": [{"name": "cyclonedx-gomod", "version": "v1.10.0", "hashes": [{"alg": "MD5", "content": "19d8"}]}],
    "component": {"bom-ref": "pkg:golang/fedrelay", "type": "application", "name": "fedrelay"},
    "properties": [{"name": "cdx:gomod:binary:hash:MD5", "value": "53e6"}]
  },
  "components": [{"bom-ref": "pkg:golang/nats.go", "type": "library", "name": "nats.go"}],
  "dependencies": [{"ref": "pkg:golang/fedrelay", "dependsOn": ["pkg:golang/nats.go"]}, {"ref": "pkg:golang/nats.go"}],
  "compositions": [{"aggregate": "complete", "dependencies": ["pkg:golang/fedrelay"]}]
}`

const completed = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {
    "tools": [{"name": "cyclonedx-gomod", "version": "v1.10.0"}],
    "component": {"bom-ref": "pkg:golang/fedrelay", "type": "application", "name": "fedrelay", "licenses": [{"license": {"id": "Apache-2.0"}}]},
    "properties": [{"name": "cdx:gomod:binary:hash:MD5", "value": "53e6"}]
  },
  "components": [
    {"bom-ref": "pkg:golang/nats.go", "type": "library", "name": "nats.go"},
    {"bom-ref": "pkg:npm/uplot@VERSION", "type": "library", "name": "uplot", "version": "VERSION", "scope": "required",
     "licenses": [{"license": {"id": "MIT"}}], "purl": "pkg:npm/uplot@VERSION"}
  ],
  "dependencies": [
    {"ref": "pkg:golang/fedrelay", "dependsOn": ["pkg:golang/nats.go", "pkg:npm/uplot@VERSION"]},
    {"ref": "pkg:golang/nats.go"}, {"ref": "pkg:npm/uplot@VERSION"}
  ],
  "compositions": [{"aggregate": "complete", "dependencies": ["pkg:golang/fedrelay"]}]
}`

func TestWhatIsEmbeddedIsListed(t *testing.T) {
	got, err := complete([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	var is, want any
	for text, value := range map[string]*any{string(got): &is, strings.ReplaceAll(completed, "VERSION", uplot.Version): &want} {
		if err := json.Unmarshal([]byte(text), value); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(is, want) {
		t.Errorf("%s", got)
	}
	if again, err := complete([]byte(list)); err != nil || string(again) != string(got) {
		t.Errorf("a second time it is not the same: %v", err)
	}
	if !strings.Contains(uplot.License, "MIT License") {
		t.Error("uPlot has another license than the list says")
	}
}

func TestAListThatIsNoneIsRefused(t *testing.T) {
	done, err := complete([]byte(list))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		string(done): "is there already", "": "unexpected end",
		strings.Replace(list, `{"ref": "pkg:golang/fedrelay"`, `{"ref": "pkg:golang/other"`, 1): `nothing is said of "pkg:golang/fedrelay"`,
		`{"metadata": {}}`: "components: unexpected end", strings.Replace(list, `"component": {`, `"other": {`, 1): "metadata: component: unexpected end",
	} {
		if _, err := complete([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
