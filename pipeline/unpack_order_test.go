package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// What a client sends reaches each target in order, in whatever form its messages come.
func TestCompactMessagesKeepTheOrderOfTheirKey(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 7))
		want := map[string][]string{}
		messages := 0
		var batches []bring
		for range 20 {
			batch := bring{more: random.IntN(2) == 0}
			for range 1 + random.IntN(6) {
				client := fmt.Sprint("c", random.IntN(3))
				data, targets := fmt.Sprint(client, " ", messages), nodes(1+random.IntN(4))
				switch random.IntN(4) {
				case 0:
					batch.messages = append(batch.messages, compactRequest(t, client, data, targets...))
					messages += len(targets)
				case 1:
					batch.messages = append(batch.messages, compactRequest(t, client, data, targets...)[:9])
					messages++
					continue
				default:
					batch.messages = append(batch.messages, message(client, data, targets...))
					messages++
				}
				for _, target := range targets {
					want[client+" "+target] = append(want[client+" "+target], data)
				}
			}
			batches = append(batches, batch)
		}
		r := newRig(1+int(seed%3), targetRouter{}, batches)
		r.normalizes(seed%2 == 0)
		r.takes(pipeline.Compact{Kind: compact.KindRequest, Limits: compact.Limits{Bytes: 1 << 20, Messages: 9, Targets: 9}, MaxBytes: 1 << 20})
		r.prompt(random)
		books := r.runAll(t)
		got := map[string][]string{}
		for _, c := range r.all() {
			data := strings.Trim(c.payload, `"`)
			key := clientOf([]byte(data)) + " " + c.subject
			got[key] = append(got[key], data)
		}
		for key, data := range want {
			if !slices.Equal(got[key], data) {
				t.Errorf("seed %d: %s got %v, want %v", seed, key, got[key], data)
			}
		}
		if books.Received != int64(messages) || len(got) != len(want) {
			t.Errorf("seed %d: %d messages, %d keys of %d: %s", seed, messages, len(got), len(want), books.String())
		}
	}
}
