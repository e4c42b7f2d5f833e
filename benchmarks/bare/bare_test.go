package bare

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// A script is a connection that says what a server would.
type script struct {
	line
	io.Reader
	written strings.Builder
}

func (s *script) Read(b []byte) (int, error)  { return s.Reader.Read(b) }
func (s *script) more() bool                  { return false }
func (s *script) Write(b []byte) (int, error) { return s.written.Write(b) }

func over(r io.Reader) (*Conn, *script) {
	s := &script{Reader: r}
	return &Conn{line: s, pongs: make(chan struct{}, 1), buf: make([]byte, 16)}, s
}

// collect returns what Read hands over until the server has no more to say.
func collect(t *testing.T, c *Conn) (all []string) {
	t.Helper()
	err := c.Read(func(m Msg) { all = append(all, fmt.Sprintf("%s %d %s", m.Subject, m.SID, m.Payload)) }, func() error { return nil })
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return all
}

func TestFramesMayArriveInAnyPieces(t *testing.T) {
	const said = "INFO {}\r\nMSG a.b 7 5\r\nhello\r\nPING\r\n+OK\r\nMSG c 12 back 0\r\n\r\nPONG\r\nPONG\r\nMSG d 1 31\r\n" +
		"longer than the buffer is, and \r\n"
	want := []string{"a.b 7 hello", "c 12 ", "d 1 longer than the buffer is, and "}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(said), "halves": iotest.HalfReader(strings.NewReader(said)),
		"bytes": iotest.OneByteReader(strings.NewReader(said)),
	} {
		t.Run(name, func(t *testing.T) {
			c, s := over(r)
			if got := collect(t, c); !slices.Equal(got, want) {
				t.Errorf("%q", got)
			}
			if s.written.String() != "PONG\r\n" || len(c.pongs) != 1 {
				t.Errorf("answered %q, saw %d", s.written.String(), len(c.pongs))
			}
		})
	}
}

func TestWhatNoServerSaysIsAnError(t *testing.T) {
	for _, said := range []string{"-ERR 'no'\r\n", "HELLO\r\n", "MSG short\r\n"} {
		c, _ := over(strings.NewReader(said))
		err := c.Read(func(Msg) { t.Error("a message") }, func() error { return nil })
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q: %v", said, err)
		}
	}
}

func TestFramesAreWrittenAsTheProtocolSays(t *testing.T) {
	b := AppendSub(nil, "a.>", "q", 3)
	b = AppendSub(b, "b", "", 4)
	if want := "SUB a.> q 3\r\nSUB b 4\r\n"; string(b) != want {
		t.Errorf("%q", b)
	}
}
