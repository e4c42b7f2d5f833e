package pool_test

import (
	"context"
	"fmt"

	"github.com/fedrelay/fedrelay/pool"
)

// One encoded message goes to two publishers. The memory returns when the later one is done with
// it.
func Example() {
	const limit = 64 << 20
	payload := "one payload for every target"
	var p pool.Pool

	if err := p.WaitForRoom(context.Background(), int64(len(payload)), limit); err != nil {
		return
	}
	b := p.Get(len(payload))
	b.B = append(b.B, payload...)
	publish := func(b *pool.Buffer) {
		defer b.Release()
		fmt.Println(string(b.B))
	}
	publish(b.Retain())
	fmt.Println("in use:", p.InUse(), "of", p.Lent(), "bytes")
	publish(b)
	fmt.Println("in use:", p.InUse(), "of", p.Lent(), "bytes")

	// Output:
	// one payload for every target
	// in use: 1 of 4096 bytes
	// one payload for every target
	// in use: 0 of 0 bytes
}

// Grow keeps appending within memory that the pool counts and lends again.
func ExampleBuffer_Grow() {
	var p pool.Pool
	b := p.Get(0)
	defer b.Release()

	message := make([]byte, 3000)
	for range 3 {
		b.Grow(len(message))
		b.B = append(b.B, message...)
		fmt.Println(len(b.B), "bytes in", p.Lent())
	}

	// Output:
	// 3000 bytes in 4096
	// 6000 bytes in 16384
	// 9000 bytes in 16384
}
