package pool_test

import (
	"fmt"

	"github.com/fedrelay/fedrelay/pool"
)

// One encoded message goes to two publishers; the memory returns when the later one is done with it.
func Example() {
	var p pool.Pool

	b := p.Get(0)
	b.B = append(b.B, "one payload for every target"...)
	publish := func(b *pool.Buffer) {
		defer b.Release()
		fmt.Println(string(b.B))
	}
	publish(b.Retain())
	fmt.Println("in use:", p.InUse())
	publish(b)
	fmt.Println("in use:", p.InUse())

	// Output:
	// one payload for every target
	// in use: 1
	// one payload for every target
	// in use: 0
}
