package wire

import (
	"fmt"
	"strings"
	"testing"
)

// frameSizes are around every change in the number of digits.
func frameSizes() (sizes []int) {
	for n := 1; n <= 1_000_000_000; n *= 10 {
		sizes = append(sizes, n-1, n, n+1)
	}
	return sizes
}

func TestAppendPubLineWritesTheLineInFrontOfAPayload(t *testing.T) {
	for _, subject := range []string{"a", "mcollective.node.n1.example.net", strings.Repeat("x.", 200) + "x"} {
		for _, n := range frameSizes() {
			want := fmt.Sprintf("PUB %s %d\r\n", subject, n)
			if got := string(AppendPubLine(nil, []byte(subject), n)); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if got := PubLineLen(len(subject), n); got != len(want) {
				t.Errorf("%q has %d bytes, not %d", want, len(want), got)
			}
		}
	}
}

func TestAppendPubLineAppends(t *testing.T) {
	if got := string(AppendPubLine([]byte("PING\r\n"), []byte("a.b"), 3)) + "xyz" + CRLF; got != "PING\r\nPUB a.b 3\r\nxyz\r\n" {
		t.Errorf("%q", got)
	}
}

func TestAppendPubWritesAWholeFrame(t *testing.T) {
	got := string(AppendPub([]byte("PING\r\n"), []byte("a.b"), []byte("xyz")))
	if got != "PING\r\nPUB a.b 3\r\nxyz\r\n" {
		t.Errorf("%q", got)
	}
}

func TestTheStartOfAFrameAndItsTailMakeAFrame(t *testing.T) {
	for _, subject := range []string{"", "a.b"} {
		frame := AppendPub(nil, []byte(subject), []byte("xyz"))
		start := AppendPubStart(nil, []byte(subject))
		if n := PubStartLen(len(subject)); n != len(start) || string(frame[:n])+" 3\r\nxyz\r\n" != string(frame) {
			t.Errorf("the start %q, of %d bytes, of the frame %q", start, n, frame)
		}
	}
}

// A frame is completed by writing its line into the room that was left in front of the payload.
func TestAppendPubLineWritesInPlace(t *testing.T) {
	for _, n := range frameSizes() {
		room := PubLineLen(len("a.b"), n)
		frame := []byte(strings.Repeat("-", room) + "payload")
		line := AppendPubLine(frame[:0], []byte("a.b"), n)
		if &line[0] != &frame[0] || string(frame) != string(line)+"payload" {
			t.Errorf("%d: %q", n, frame)
		}
	}
}

func TestFramesAllocateNothing(t *testing.T) {
	dst, subject := make([]byte, 0, 1024), []byte("mcollective.node.n1.example.net")
	mustNotAllocate(t, "AppendPub", func() { AppendPubLine(dst, subject, 123_456) })
}

func TestASubjectOnALineIsOneWord(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			subject := []byte("mcollective.node.n12")
			subject[at] = byte(c)
			if got, want := OneWord(subject), c > ' '; got != want {
				t.Errorf("%q: %v", subject, got)
			}
		}
	}
	if OneWord(nil) {
		t.Error("nothing is a word")
	}
}
