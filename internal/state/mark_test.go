package state

import (
	"fmt"
	"testing"
)

// Names of nodes are alike, and their marks must not be. Of 50,000 names hardly any shares a mark
// with another one by chance.
func TestMarksOfNamesThatAreAlikeDiffer(t *testing.T) {
	for _, form := range []string{"n%d", "n%06d.ldn.example.net", "web-%d", "%x.example", "ip-10-%d-0-1.eu-west-1.compute.internal", "%08d", "a%dbbbbbbb"} {
		seen, shared := map[uint32]bool{}, 0
		for i := range 50_000 {
			m := Mark(fmt.Appendf(nil, form, i))
			if seen[m] {
				shared++
			}
			seen[m] = true
		}
		if shared > 4 {
			t.Errorf("%s: %d share a mark", form, shared)
		}
	}
}

// Marks travel between instances of different versions, so they must stay as they are.
func TestMarksStayAsTheyAre(t *testing.T) {
	for name, want := range map[string]uint32{
		"": 0xb5c55b91, "n1": 0x43be3b7b, "n1.example": 0x188238d9, "web1.ldn.example.net": 0xa985c4,
		"12345678": 0x50a4288b, "123456789": 0x6a654722,
	} {
		if m := Mark([]byte(name)); m != want {
			t.Errorf("%q: %#x, want %#x", name, m, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Mark([]byte("n1.example")) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMark(b *testing.B) {
	name := []byte("n00042.ldn.example.net")
	for b.Loop() {
		Mark(name)
	}
}
