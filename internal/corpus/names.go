package corpus

import (
	"fmt"
	"math/rand/v2"
)

// A Kind is a way to name nodes.
type Kind string

// The kinds. Sequential is web00042.ldn.example.net, IP is ip-10-20-30-40.ldn.example.net with
// three random bytes, and Hex is 64 random bits.
const (
	Sequential Kind = "sequential"
	IP         Kind = "ip"
	Hex        Kind = "hex"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Sequential, IP, Hex} }

// Names returns n names of a kind. Only those of Sequential are in order.
func Names(kind Kind, n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	names := make([]string, n)
	for i := range names {
		switch kind {
		case Sequential:
			names[i] = fmt.Sprintf("web%05d.ldn.example.net", i+1)
		case IP:
			names[i] = fmt.Sprintf("ip-10-%d-%d-%d.ldn.example.net", r.IntN(256), r.IntN(256), r.IntN(256))
		case Hex:
			names[i] = fmt.Sprintf("%016x.ldn.example.net", r.Uint64())
		}
	}
	return names
}
