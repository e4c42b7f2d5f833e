package socket

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// stream is one of everything a server sends between INFO and -ERR lines.
const stream = "PING\r\nMSG a.b 1 5\r\nhello\r\nMSG a 2 r 0\r\n\r\nHMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n+OK\r\nPONG\r\n" +
	"MSG tricky 3 24\r\n-ERR 'x'\r\nMSG a 1 99\r\n\r\n\r\n"

// readForLibrary reads all that conn has where nats.go gets everything, in pieces of size bytes.
func readForLibrary(conn net.Conn, size int) outcome {
	c := New(conn)
	defer c.Release()
	var foreign strings.Builder
	_, err := io.CopyBuffer(&foreign, eofToo{c}, make([]byte, size))
	return outcome{foreign: foreign.String(), err: err, violations: denialsOf(c)}
}

func TestFramesAreFollowedAcrossReads(t *testing.T) {
	for size := 1; size <= len(stream); size++ {
		for _, into := range []int{1, 7, 32 << 10} {
			got := readForLibrary(&cutConn{data: stream, size: size}, into)
			if got.err != errEOF || got.foreign != stream {
				t.Fatalf("reads of %d into %d: %q, %v", size, into, got.foreign, got.err)
			}
		}
	}
}

// What stands in a payload is no line.
func TestErrorAndInfoLinesAreFound(t *testing.T) {
	const hidden = "MSG a 1 30\r\n-ERR 'Permissions Violation 1'\r\nMSG a 1 23\r\nINFO {\"max_payload\":-1}\r\nPONG\r\n"
	for line, want := range map[string]outcome{
		"-ERR 'Permissions Violation 2'\r\n": {violations: 1},
		"INFO {\"max_payload\":-1}\r\n":      {foreign: "INFO {\"max_payload\":67108864}\r\n"},
		"info {\"max_payload\":-1}\r\n":      {foreign: "info {\"max_payload\":67108864}\r\n"},
	} {
		want.foreign, want.err = hidden+cmp.Or(want.foreign, line)+"PING\r\n", errEOF
		if got := readForLibrary(&cutConn{data: hidden + line + "PING\r\n", size: 1000}, 1000); !got.same(want) {
			t.Errorf("%q: %+v", line, got)
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
		if got := readForLibrary(&cutConn{data: in, size: len(in)}, 4096); got.err == errEOF {
			t.Errorf("%.40q is accepted up to %d", in, len(got.foreign))
		}
	}
	if got := readForLibrary(&cutConn{data: fmt.Sprintf("MSG a 1 %d\r\n", maxFrame), size: 100}, 4096); got.err != errEOF {
		t.Error(got.err)
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

// However the bytes are cut, nats.go gets the same: all of them, up to a mistake of the server.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(stream), 7)
	f.Add([]byte("MSG a 1 2\r\nab\r\n-ERR 'x'\r\n"), 3)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		if cut <= 0 || cut >= len(in) {
			return
		}
		whole := readForLibrary(&piecemealConn{data: string(in)}, 64<<10)
		halves := readForLibrary(&piecemealConn{data: string(in), sizes: []byte{byte(cut - 1)}}, 1+cut%100)
		if !whole.same(halves) {
			t.Fatalf("whole: %+v\ncut: %+v", whole, halves)
		}
		if !strings.Contains(string(in), "max_payload") && !strings.HasPrefix(string(in), whole.foreign) {
			t.Fatalf("%q became %q", in, whole.foreign)
		}
	})
}
