package socket

import (
	"fmt"
	"strings"
	"testing"
)

// stream is one of everything a server sends between INFO and -ERR lines.
const stream = "PING\r\nMSG a.b 1 5\r\nhello\r\nMSG a 2 r 0\r\n\r\nHMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n+OK\r\nPONG\r\n" +
	"MSG tricky 3 24\r\n-ERR 'x'\r\nMSG a 1 99\r\n\r\n\r\n"

func TestFramesAreFollowedAcrossReads(t *testing.T) {
	for size := 1; size <= len(stream); size++ {
		var f frames
		for rest := []byte(stream); len(rest) > 0; {
			k := min(size, len(rest))
			n, err := f.scan(rest[:k])
			if err != nil || n != k {
				t.Fatalf("reads of %d: stopped at %q: %v", size, rest[n:], err)
			}
			rest = rest[k:]
		}
		if f.skip != 0 || f.tail != 0 || len(f.line) != 0 {
			t.Fatalf("reads of %d: ends within a frame: %+v", size, f)
		}
	}
}

func TestErrorAndInfoLinesAreFound(t *testing.T) {
	for _, line := range []string{"-ERR 'x'\r\n", "INFO {}\r\n", "info {}\r\n"} {
		var f frames
		in := "MSG a 1 3\r\n-ER\r\nMSG a 1 3\r\nINF\r\nPONG\r\n" + line + "PING\r\n"
		n, err := f.scan([]byte(in))
		if err != nil || !strings.HasPrefix(in[n:], line) {
			t.Errorf("stopped at %q: %v", in[n:], err)
		}
	}
}

func TestHostileFramesAreRefused(t *testing.T) {
	for _, in := range []string{
		"MSG a 1 9223372036854775807\r\n",
		"MSG a 1 99999999999999999999999\r\n",
		"msg a 1 70000000\r\n",
		"HMSG a 1 10 2147483647\r\n",
		"MSG a 1 -1\r\n",
		"MSG a 1 x\r\n",
		"MSG a 1 \r\n",
		"MSG\r\n",
		"MSG a 1 10\r5\n",
		"MSG a 1 2\r\nabc\r\n",
		"MSG a 1 2\r\nab\n\n",
		"PANG " + strings.Repeat("x", maxLine+1),
	} {
		var f frames
		if n, err := f.scan([]byte(in)); err == nil {
			t.Errorf("%.40q is accepted up to %d", in, n)
		}
	}
	var f frames
	if _, err := f.scan(fmt.Appendf(nil, "MSG a 1 %d\r\n", maxFrame)); err != nil {
		t.Error(err)
	}
}

func TestErrText(t *testing.T) {
	for line, want := range map[string]string{
		"-ERR 'Stale Connection'": "Stale Connection",
		"-ERR  x ":                "x",
		"-ERR":                    "",
		"-":                       "",
	} {
		if got := errText([]byte(line)); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
	if !isViolation("PERMISSIONS VIOLATION for x") || endsConnection("Maximum Subscriptions Exceeded") || !endsConnection("") {
		t.Error("errors are told apart wrongly")
	}
}

// However the bytes are cut, the same frames are seen.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(stream), 7)
	f.Add([]byte("MSG a 1 2\r\nab\r\n-ERR 'x'\r\n"), 3)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		if cut <= 0 || cut >= len(in) {
			return
		}
		var whole, halves frames
		n, err := whole.scan(in)
		k, err2 := halves.scan(in[:cut])
		if err2 == nil && k == cut {
			var m int
			m, err2 = halves.scan(in[cut:])
			k += m
		}
		if (err == nil) != (err2 == nil) {
			t.Fatalf("whole: %v, cut: %v", err, err2)
		}
		if err == nil && (n != k || whole.skip != halves.skip || whole.tail != halves.tail) {
			t.Fatalf("whole: %d %+v, cut: %d %+v", n, whole, k, halves)
		}
	})
}
