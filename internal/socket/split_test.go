package socket

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// At an -ERR nats.go gives up the connection, at a PONG it lets somebody go on.
func TestMessagesAreCarriedBeforeNatsGoLearnsWhatFollows(t *testing.T) {
	const before = "PING\r\nMSG in f1 3\r\none\r\nPING\r\nMSG in f1 3\r\ntwo\r\n"
	for name, last := range map[string]string{"-ERR": "-ERR 'x'\r\n", "PONG": "PONG\r\n", "EOF": "", "mistake": "MSG a 1 x\r\n"} {
		t.Run(name, func(t *testing.T) {
			sent := before + last
			for size := 1; size <= len(sent); size++ {
				var s sink
				c := framedConn(&cutConn{data: sent, size: size}, &s)
				read, p := "", make([]byte, 100)
				for {
					n, err := c.Read(p)
					read += string(p[:n])
					if err != nil || strings.HasSuffix(read, "-ERR 'x'\r\n") || strings.HasSuffix(read, "PONG\r\n") {
						break
					}
				}
				if !slices.Equal(s.messages, []string{"one", "two"}) {
					t.Fatalf("reads of %d: %q carried when nats.go has %q", size, s.messages, read)
				}
				c.Release()
			}
		})
	}
}

func TestOurPongSpeaksForAllMessagesBeforeIt(t *testing.T) {
	const sent = "MSG in f1 3\r\none\r\nMSG in f1 3\r\ntwo\r\nPONG\r\nMSG in f1 5\r\nthree\r\n"
	for size := 1; size <= len(sent); size++ {
		pong := make(chan struct{})
		var atPong int
		var s sink
		c := framedConn(&cutConn{data: sent, size: size}, &onDeliver{&s, func() {
			if !answeredPing(pong) {
				atPong = len(s.messages)
			}
		}})
		c.input.pings.push(closing(pong), 0)
		if _, err := io.ReadAll(c); err != nil {
			t.Fatal(err)
		}
		if atPong != 2 || len(s.messages) != 3 || !answeredPing(pong) {
			t.Fatalf("reads of %d: %d before the PONG, %d in all", size, atPong, len(s.messages))
		}
		c.Release()
	}
}

// hostile are streams that end an epoch, each with a part of the reason.
var hostile = map[string]string{
	"MSG in f1 9223372036854775807\r\n":                       "without a size",
	"MSG in f1 99999999999999999999999\r\n":                   "without a size",
	"MSG in f1 2147483647\r\n":                                "more than",
	"MSG in f1 -1\r\n":                                        "without a size",
	"MSG in f1 +1\r\nx\r\n":                                   "without a size",
	"MSG in f1 x\r\n":                                         "without a size",
	"MSG in f1 0x10\r\n":                                      "without a size",
	"MSG in f1 \r\n":                                          "without a size",
	"MSG in f1\r\n":                                           "without a size",
	"MSG\r\n":                                                 "without a size",
	"M\r\n":                                                   "without a size",
	"MSG in f1 1\r0\r\nx":                                     "broken message line",
	"MSG in f1 a b 1\r\nx\r\n":                                "broken message line",
	"MSG in f1 2\r\nabc\r\n":                                  "does not end where it said",
	"MSG in f1 2\r\nab\n\n":                                   "does not end where it said",
	"MSG in f1 0\r\nMSG in f1 0\r\n\r\n":                      "does not end where it said",
	"HMSG in f1 5 4\r\nabcd\r\n":                              "headers larger than their message",
	"HMSG in f1 -5 4\r\nabcd\r\n":                             "without a size",
	"HMSG in f1 9999999999999 4\r\nabcd\r\n":                  "without a size",
	"HMSG in f1 2147483647 2147483647\r\n":                    "more than",
	"HMSG in f1 4\r\nabcd\r\n":                                "broken message line",
	"HMSG in f1 a b 0 4\r\nabcd\r\n":                          "broken message line",
	"MSG a 1 9223372036854775807\r\nabc":                      "without a size",
	"HMSG a 1 5 4611686018427387904\r\nabc":                   "without a size",
	"MSG a 1 2\r\nabXY":                                       "does not end where it said",
	"MSG a 1 2\r\nab\n\n":                                     "does not end where it said",
	"HMSG a 1 12 13\r\n" + headers + "x\rPING\r\n":            "does not end where it said",
	"MSG a 1 " + fmt.Sprint(maxFrame+1) + "\r\n":              "more than",
	"INFO " + strings.Repeat("x", 2*maxLine):                  "a line of more than",
	"MSG in f1 " + strings.Repeat(" ", 2*maxLine) + "1\r\n":   "a line of more than",
	"-ERR '" + strings.Repeat("x", 2*maxLine) + "'\r\n":       "a line of more than",
	strings.Repeat("\x00", 2*maxLine):                         "a line of more than",
	"MSG in f1 3\r\nhey\r\nMSG in f1 3\r\nheyMSG in f1 3\r\n": "does not end where it said",
}

func TestHostileStreamsEndTheConnection(t *testing.T) {
	const before = "MSG in f1 2\r\nhi\r\n"
	for attack, why := range hostile {
		sizes := []int{len(before + attack), 4096}
		if len(attack) < maxLine {
			sizes = append(sizes, 1, 2, 3, 7)
		}
		for _, size := range sizes {
			got := readThrough(&cutConn{data: before + attack + "PING\r\n", size: size}, 4096, "")
			if got.err == nil || !strings.Contains(got.err.Error(), why) || got.lent != 0 {
				t.Errorf("%.40q in reads of %d: %v, %d buffers lent; want %q", attack, size, got.err, got.lent, why)
			}
			if len(got.messages) == 0 || got.messages[0] != "hi" || strings.Contains(got.foreign, "PING") {
				t.Errorf("%.40q in reads of %d: %q, %d bytes for nats.go", attack, size, got.messages, len(got.foreign))
			}
		}
	}
}

func TestTheReasonOfARefusalIsKept(t *testing.T) {
	var s sink
	c := framedConn(&cutConn{data: "MSG in f1 x\r\nPING\r\n", size: 100}, &s)
	_, first := io.ReadAll(c)
	_, again := io.ReadAll(c)
	if first == nil || first != again || !errors.Is(c.Cause(), first) {
		t.Errorf("%v, then %v; caused by %v", first, again, c.Cause())
	}
	c.Release()
}

// Before a source has attached, and where there is none, all messages are nats.go's.
func TestWithoutAReceiverAllMessagesAreForNatsGo(t *testing.T) {
	const sent = "MSG in f1 2\r\nhi\r\nHMSG in f1 12 12\r\n" + headers + "\r\nPING\r\n"
	c := NewFramed(&cutConn{data: sent, size: 5})
	got, err := io.ReadAll(c)
	if string(got) != sent || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	c.Release()
}

// A TLS connection may bring its last bytes together with its end.
func TestBytesThatComeWithTheEndAreTakenApart(t *testing.T) {
	const sent = "MSG in f1 3\r\none\r\nPING\r\nMSG in f1 3\r\ntwo\r\nMSG in f1 100\r\nhalf"
	for size := 1; size <= len(sent); size++ {
		got := readThrough(&cutConn{data: sent, size: size, together: true}, 100, "")
		if want := []string{"one", "two"}; !slices.Equal(got.messages, want) || got.foreign != "PING\r\n" || got.err != errEOF || got.lent != 0 {
			t.Fatalf("reads of %d: %+v", size, got)
		}
	}
}

// nats.go may close the connection between two reads, over an error of its own.
func TestMessagesBehindTheLastReadOfNatsGoAreCarried(t *testing.T) {
	var s sink
	c := framedConn(&cutConn{data: "MSG in f1 1\r\nx\r\nPING\r\nMSG in f1 1\r\ny\r\n", size: 100}, &s)
	p := make([]byte, 100)
	n, err := c.Read(p)
	c.Release()
	if got := string(p[:n]); got != "PING\r\n" || err != nil || !slices.Equal(s.messages, []string{"x", "y"}) {
		t.Errorf("%q for nats.go, %v; %q carried", got, err, s.messages)
	}
	if _, err := c.Read(p); err == nil || err == io.EOF {
		t.Errorf("reading goes on: %v", err)
	}
	if n := s.pool.InUse(); n != 0 {
		t.Errorf("%d buffers lent", n)
	}
}
