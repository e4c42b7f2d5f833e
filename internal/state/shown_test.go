package state

import (
	"encoding/json"
	"strings"
	"testing"
)

// What servers say goes to terminals, to browsers and over NATS.
func TestAnInstanceShowsNoSecretsAndNoControlCharacters(t *testing.T) {
	const foreign = "dial nats://relay:s3cr3t@n1:4222:\n\x1b[31mrefused"
	i := Instance{
		Reasons: []string{foreign}, Warnings: []string{foreign},
		Sides: []Side{{URL: foreign, Server: foreign, NATSCluster: foreign, LastError: foreign, LastDenied: foreign}},
	}
	text, err := json.Marshal(i.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `dial nats://n1:4222:  [31mrefused`); n != 7 || strings.Contains(string(text), "s3cr3t") {
		t.Errorf("%d texts are fit to show in %s", n, text)
	}
}
