package message

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
)

type transport struct {
	Data    string
	Headers struct {
		ReplyTo    string     `json:"reply-to"`
		SeenBy     [][]string `json:"seen-by"`
		Federation struct {
			ReplyTo string `json:"reply-to"`
			Target  []string
		}
	}
}

func parse(t *testing.T, m []byte) (p transport) {
	t.Helper()
	if err := json.Unmarshal(m, &p); err != nil {
		t.Fatalf("%s: %v", m, err)
	}
	return p
}

func TestMessagesAreWhatTheProtocolAsksFor(t *testing.T) {
	b := NewBody(1000)
	request := parse(t, Request(12, Nodes(3, 5), b))
	if h := request.Headers; h.ReplyTo != ReplyTo(0) || len(h.SeenBy) != 1 || len(h.Federation.Target) != 2 || h.Federation.Target[1] != Node(4) {
		t.Errorf("request: %+v", request.Headers)
	}
	copied := parse(t, Copy(12, b))
	if h := copied.Headers; h.ReplyTo != Returned || len(h.SeenBy) != 2 || h.Federation.ReplyTo != ReplyTo(0) || len(h.Federation.Target) != 0 {
		t.Errorf("copy: %+v", copied.Headers)
	}
	reply := parse(t, Reply(12, 4, b))
	if h := reply.Headers; h.ReplyTo != "" || len(h.SeenBy) != 3 || h.Federation.ReplyTo != ReplyTo(0) {
		t.Errorf("reply: %+v", reply.Headers)
	}
	for _, m := range []transport{request, copied, reply} {
		if raw, err := base64.StdEncoding.DecodeString(m.Data); err != nil || len(raw) != 1000 {
			t.Errorf("payload of %d bytes: %v", len(raw), err)
		}
	}
	if !bytes.Equal(Rewrite(Request(12, Nodes(0, 1), b)), Copy(12, b)) {
		t.Error("a request rewritten is not what targets get")
	}
}

func TestCheckFindsOutWhatIsNotWhole(t *testing.T) {
	b := NewBody(200)
	m := Reply(123, 0, b)
	if serial, err := b.Check(m); serial != 123 || err != nil {
		t.Fatal(serial, err)
	}
	at := SerialAt(m)
	for name, broken := range map[string][]byte{
		"flipped": bytes.Replace(m, m[at+20:at+24], []byte("AAAA"), 1),
		"longer":  bytes.Replace(m, []byte(`","headers"`), []byte(`A","headers"`), 1),
		"shorter": bytes.Replace(m, m[at+20:at+24], nil, 1),
		"serial":  bytes.Replace(m, m[at:at+8], []byte("0000012x"), 1),
		"cut":     m[:at+100],
	} {
		if _, err := b.Check(broken); !errors.Is(err, errData) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.Check([]byte("{}")); !errors.Is(err, errNoData) {
		t.Error(err)
	}
}

// Every message names the client once, where ClientAt says.
func TestMessagesOfOtherClients(t *testing.T) {
	b := NewBody(200)
	for _, m := range [][]byte{Request(1, Nodes(0, 2), b), Copy(1, b), Reply(1, 0, b)} {
		PutNumber(m[ClientAt(m):], 123456)
		if bytes.Count(m, []byte(ReplyTo(123456))) != 1 || bytes.Contains(m, []byte(ReplyTo(0))) {
			t.Errorf("%s", m)
		}
	}
	if ClientAt([]byte("{}")) >= 0 {
		t.Error("a client in nothing")
	}
}

func TestSerialNumbers(t *testing.T) {
	b := NewBody(6)
	for _, n := range []int{0, 7, 99_999_999} {
		if got, err := b.Check(Copy(n, b)); got != n || err != nil {
			t.Errorf("%d: %d, %v", n, got, err)
		}
	}
}
