package compact

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/wire"
)

// made returns replies with the given data and request ids, and what they have to come back as.
func made(n int, data func(i int) string, request func(i int) string) (ps []wire.Parts, want []byte) {
	for i := range n {
		p := wire.Parts{Version: wire.V1, Data: []byte(`"` + data(i) + `"`), FedRequest: []byte(request(i)), FedReply: []byte("a.reply.b")}
		ps, want = append(ps, p), wire.AppendMessage(want, &p)
	}
	return ps, want
}

func TestRepliesToManyRequestsComeBack(t *testing.T) {
	for _, n := range []int{10, 1500} { // each has a template, and 1500 have too many slots
		ps, want := made(2*n, func(i int) string {
			own := fmt.Sprintf(":%x", sha256.Sum256(fmt.Append(nil, i%n)))
			return fmt.Sprint(own, own, own, own, own, ":", i)
		}, func(i int) string { return fmt.Sprint(i % n) })
		var e Encoder
		var d Decoder
		mustOpen(t, &d, e.AppendReplies(nil, nil, ps), want, 2*n)
	}
}

func TestRepliesWithManyDifferencesComeBack(t *testing.T) {
	for _, fields := range []int{maxSlots - 3, maxSlots, 2 * maxSlots} {
		ps, want := made(40, func(i int) string {
			values := make([]string, fields)
			for k := range values {
				values[k] = "same"
				if k%40 <= i { // more of them in each reply
					values[k] = fmt.Sprint(i * k)
				}
			}
			return "some text that all of them have in common, and that is long:" + strings.Join(values, ":and a text that is the same:")
		}, func(int) string { return "1" })
		var e Encoder
		var d Decoder
		mustOpen(t, &d, e.AppendReplies(nil, nil, ps), want, 40)
	}
}

func TestManyShapesComeBack(t *testing.T) {
	ps, want := made(30_000, func(i int) string {
		return fmt.Sprintf("%c%c%d-%d:%d", 'g'+i%13, 'g'+i/13%13, i, i%7, i%5)
	}, func(i int) string { return fmt.Sprint(i / 1000) })
	var e Encoder
	var d Decoder
	mustOpen(t, &d, e.AppendReplies(nil, nil, ps), want, len(ps))
}

func TestLargeTextsComeBack(t *testing.T) {
	for _, size := range []int{300_000, 9_000_000} { // beyond the writer's window, the reader's
		for _, word := range []string{"abcdefghij", ""} {
			text := strings.Repeat(word, size/10)
			if text == "" {
				var hashes strings.Builder
				for i := 0; hashes.Len() < size; i++ {
					fmt.Fprintf(&hashes, "%x", sha256.Sum256(fmt.Append(nil, i%30_000)))
				}
				text = hashes.String()
			}
			ps, want := made(1, func(int) string { return text }, func(int) string { return "1" })
			var e Encoder
			var d Decoder
			mustOpen(t, &d, e.AppendReplies(nil, nil, ps), want, 1)
		}
	}
}
