package config

import (
	"strings"
	"testing"
)

func TestMemoryOfMessagesFollowsTheLimitOfTheProcess(t *testing.T) {
	for _, c := range []struct{ limit, maxBytes, inbox Size }{
		{0, 64 * MiB, 256 * MiB},
		{4 * MiB, MiB, MiB},
		{40 * MiB, 6 * MiB, 3 * MiB},
		{128 * MiB, 28 * MiB, 14 * MiB},
		{271 * MiB, 63 * MiB, 63 * MiB / 2},
		{512 * MiB, 64 * MiB, 62 * MiB},
		{64 * 1024 * MiB, 64 * MiB, 256 * MiB},
	} {
		r, err := Resolve(Sources{Environ: example, Memory: Memory{Bytes: c.limit, Source: "the control group"}})
		if err != nil {
			t.Fatal(err)
		}
		p := r.Config.Pipeline
		if p.MaxBytes != c.maxBytes || p.InboxBytes != c.inbox || len(r.Warnings) > 0 {
			t.Errorf("%s: max_bytes %s, inbox_bytes %s, want %s and %s; %q", c.limit, p.MaxBytes, p.InboxBytes, c.maxBytes, c.inbox, r.Warnings)
		}
		if most := 2*c.maxBytes*2 + memoryAside; c.limit > 20*MiB && most > c.limit {
			t.Errorf("%s: %s may be in use", c.limit, most)
		}
	}
}

var example = []string{"FEDRELAY_CLUSTER=a", "FEDRELAY_FEDERATION_SERVERS=a", "FEDRELAY_COLLECTIVE_SERVERS=b", "FEDRELAY_IDENTITY=i"}

// A compact message of 16 KiB may expand to limits.expanded_bytes, and a reader needs several times
// as much meanwhile.
func TestWhatCompactMessagesExpandToFollowsTheLimitOfTheProcess(t *testing.T) {
	for limit, want := range map[Size]Size{0: 16 * MiB, 40 * MiB: LeastExpanded, 112 * MiB: 12 * MiB, 1024 * MiB: 16 * MiB} {
		for _, set := range []string{"", "FEDRELAY_LIMITS_EXPANDED_BYTES=16MiB"} {
			environ := example
			if set != "" {
				environ = append(environ, set)
			}
			r, err := Resolve(Sources{Environ: environ, Memory: Memory{Bytes: limit, Source: "the control group"}})
			if err != nil {
				t.Fatal(err)
			}
			warned := set != "" && want < 16*MiB
			if got := r.Config.Limits.ExpandedBytes; set == "" && got != want || (len(r.Warnings) > 0) != warned {
				t.Errorf("%s, %q: %s, want %s; %q", limit, set, got, want, r.Warnings)
			}
		}
	}
}

func TestWhereTheMemoryOfMessagesComesFromIsShown(t *testing.T) {
	limit := Memory{Bytes: 40 * MiB, Source: "the control group"}
	r, err := Resolve(Sources{Environ: example, Memory: limit})
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Effective()
	if err != nil || !strings.Contains(text, "max_bytes: 6MiB") || !strings.Contains(text, "# default: a part of the 40MiB of the control group") {
		t.Errorf("%v in\n%s", err, text)
	}
}

func TestMoreMemoryThanThereIsIsWarnedOf(t *testing.T) {
	limit := Memory{Bytes: 40 * MiB, Source: "GOMEMLIMIT"}
	for value, warnings := range map[string]int{"64MiB": 1, "7MiB": 1, "6MiB": 0, "1MiB": 0} {
		r, err := Resolve(Sources{Environ: append(example, "FEDRELAY_PIPELINE_MAX_BYTES="+value), Memory: limit})
		if err != nil {
			t.Fatal(err)
		}
		if r.Config.Pipeline.MaxBytes.String() != value {
			t.Errorf("%s became %s", value, r.Config.Pipeline.MaxBytes)
		}
		if len(r.Warnings) != warnings || warnings > 0 && !strings.Contains(r.Warnings[0], "40MiB of GOMEMLIMIT allow; at most 6MiB") {
			t.Errorf("%s: %q", value, r.Warnings)
		}
	}
}
