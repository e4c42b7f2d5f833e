package seal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/wire"
)

func TestAKeyFileComesBackAsItWasWritten(t *testing.T) {
	keys := keysFrom(t, issued, issued.Add(-time.Hour), issued.Add(time.Hour))
	file := keys.AppendFile(nil)
	again, err := Parse(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	if !bytes.Equal(again.AppendFile(nil), file) {
		t.Errorf("another file:\n%s", again.AppendFile(nil))
	}
	for i := 1; i < len(again.All()); i++ {
		if again.all[i].From.Before(again.all[i-1].From) {
			t.Error("not in order")
		}
	}
}

func TestMistakesInAKeyFile(t *testing.T) {
	const secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	good := "9eb97c39 2026-11-28T01:00:00Z " + secret + "\n"
	for name, test := range map[string]struct{ file, says string }{
		"empty":         {"", "holds no key"},
		"comments":      {"# a\n\n", "holds no key"},
		"words":         {"\n9eb97c39 now\n", "line 2: has 2 words"},
		"time":          {"9eb97c39 yesterday " + secret, "line 1: the second word is no time"},
		"short secret":  {"9eb97c39 2026-11-28T01:00:00Z " + secret[:40], "the third word is no secret"},
		"padded secret": {"9eb97c39 2026-11-28T01:00:00Z " + secret + "=", "the third word is no secret"},
		"wrong id":      {"00000000 2026-11-28T01:00:00Z " + secret, "the id does not fit"},
		"twice":         {good + good, "twice"},
		"large":         {strings.Repeat("#", MaxFile+1), "more than 65536 bytes"},
	} {
		_, err := Parse([]byte(test.file))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %s", name, err, test.says)
		}
		if err != nil && strings.Contains(err.Error(), secret[:20]) {
			t.Errorf("%s: the secret is shown: %v", name, err)
		}
	}
}

func TestAFileHoldsNotTooManyKeys(t *testing.T) {
	var many []Key
	for range MaxKeys + 1 {
		many = append(many, Generate(issued))
	}
	if _, err := NewKeys(many...); err == nil {
		t.Error("no mistake")
	}
	if _, err := NewKeys(many[1:]...); err != nil {
		t.Error(err)
	}
}

func TestTheNewestKeyWhoseTimeHasComeSeals(t *testing.T) {
	keys := keysFrom(t, issued, issued.Add(time.Hour), issued.Add(2*time.Hour))
	for after, want := range map[time.Duration]int{
		-time.Hour: 0, 0: 0, 59 * time.Minute: 0, time.Hour: 1, 119 * time.Minute: 1, 2 * time.Hour: 2, 99 * time.Hour: 2,
	} {
		if got := keys.Sealing(issued.Add(after)); got != keys.all[want] {
			t.Errorf("after %s: not key %d", after, want)
		}
	}
}

func TestRotationDropsKeysThatAreOver(t *testing.T) {
	keys := keysFrom(t, issued, issued.Add(time.Hour), issued.Add(2*time.Hour))
	for after, want := range map[time.Duration]int{
		0: 0, 2 * time.Hour: 0, 2*time.Hour + late + time.Second: 1, 3*time.Hour + late + time.Second: 2, 99 * time.Hour: 2,
	} {
		now := issued.Add(after)
		rotated, _, dropped, err := keys.Rotate(now, now.Add(10*time.Minute), time.Hour)
		if err != nil || len(dropped) != want || len(rotated.all) != 3-want+1 {
			t.Errorf("after %s: dropped %d of 3, want %d (%v)", after, len(dropped), want, err)
		}
	}
}

// Instances read the file at different times and have clocks that differ. Keys are rotated each
// hour, and replies take up to the lifetime.
func TestRotationLosesNoReply(t *testing.T) {
	const lifetime, ahead, readLate = time.Hour, 10 * time.Minute, 5 * time.Minute
	keys := keysFrom(t, issued)
	type instance struct {
		ring  *Ring
		clock time.Duration
		seal  *Sealer
		open  *Opener
	}
	var instances []*instance
	for _, clock := range []time.Duration{-3 * time.Second, 0, 4 * time.Second} {
		ring := NewRing(keys)
		instances = append(instances, &instance{ring, clock, NewSealer(ring, london), NewOpener(ring, london)})
	}
	var sealed []struct {
		text []byte
		at   time.Time
	}
	opened := map[[idLen]byte]bool{}
	for minute := range 6 * 60 {
		now := issued.Add(time.Duration(minute) * time.Minute)
		if minute%60 == 30 {
			keys, _, _, _ = keys.Rotate(now, now.Add(ahead), lifetime)
		}
		if minute%60 == 30+int(readLate/time.Minute) {
			instances[minute%3].ring.Replace(keys)
		}
		if minute%60 == 31+int(readLate/time.Minute) {
			for _, i := range instances {
				i.ring.Replace(keys)
			}
		}
		for _, i := range instances {
			c := Lives(nil, now.Add(i.clock), lifetime, time.Time{})
			sealed = append(sealed, struct {
				text []byte
				at   time.Time
			}{i.seal.Append(nil, &c, reply), now})
		}
		for _, s := range sealed {
			if now.Sub(s.at) >= lifetime {
				continue
			}
			for _, i := range instances {
				if _, reason := i.open.Open(s.text, reply, now.Add(i.clock)); reason != wire.OK {
					t.Fatalf("minute %d: %s, sealed %s before", minute, reason, now.Sub(s.at))
				}
			}
		}
		for _, k := range keys.all {
			opened[k.id()] = true
		}
	}
	if len(opened) < 6 || len(keys.all) > 4 {
		t.Errorf("%d keys were used, %d are left", len(opened), len(keys.all))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sampleFile))
	f.Add([]byte("9eb97c39 2026-11-28T01:00:00+23:59 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := Parse(text)
		if err != nil {
			return
		}
		file := keys.AppendFile(nil)
		again, err := Parse(file)
		if err != nil || !bytes.Equal(again.AppendFile(nil), file) {
			t.Errorf("%v\n%s", err, file)
		}
	})
}
