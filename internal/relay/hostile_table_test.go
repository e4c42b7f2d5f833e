package relay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/wire"
)

// A hostileCase is a message that must go nowhere, for one reason: of the message, or of the one
// target that it has.
type hostileCase struct {
	id, what string
	from     side
	payload  string
	reason   wire.Reason
	answer   bool // it is not a target that is bad
}

// aimed makes a request for one target, written as it stands in JSON.
func aimed(target string) string { return fill(v1fed(targets(target)), "") }

// answered makes a request that wants its answers on a subject.
func answered(reply string) string { return strings.ReplaceAll(v1fedFilled, answers, reply) }

// forged makes a reply that goes to a subject.
func forged(reply string) string { return fill(v1reply(savedReply(reply)), "") }

var v1fedFilled = fill(v1fed(targets(app7)), "")

// hostileTable is everything that must not pass whatever the settings. The subjects in it are from
// hostileSubjects.
func hostileTable() (all []hostileCase) {
	all = append(all, hostileShapes()...)
	for _, s := range hostileSubjects() {
		all = append(all, hostileCase{s.id, "target " + s.name(), federation, aimed(s.text), s.target, false})
		all = append(all, hostileCase{s.id, "reply subject " + s.name(), federation, answered(s.text), s.reply, true})
		all = append(all, hostileCase{s.id, "saved reply subject " + s.name(), collective, forged(s.text), s.reply, true})
	}
	for _, s := range nodeSubjects {
		all = append(all, hostileCase{"B19", "reply subject " + s, federation, answered(s), wire.ReplyNotAllowed, true})
		all = append(all, hostileCase{"B20", "saved reply subject " + s, collective, forged(s), wire.ReplyNotAllowed, true})
	}
	all = append(all, hostileCase{"B17", "a reply subject for a target", federation, aimed(answers), wire.NotAllowed, false})
	return append(all, hostileLists()...)
}

// nodeSubjects address nodes, or could: no answer goes there.
var nodeSubjects = []string{
	app7, "mcollective.node.reply.x", "mcollective.broadcast.agent.package", "mcollective.broadcast.service.registry",
	"mcollective.broadcast.agent.package.x", "mcollective.broadcast.reply.x",
}

// hostileShapes are malformed messages, for both paths.
func hostileShapes() (all []hostileCase) {
	add := func(id, what, payload string, r wire.Reason) {
		for _, from := range []side{federation, collective} {
			all = append(all, hostileCase{id, what, from, payload, r, true})
		}
	}
	good := forged(answers)
	deep := func(levels int) string {
		return good[:len(good)-1] + `,"x":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "}"
	}
	add("B01", "nothing", "", wire.Malformed)
	add("B01", "a byte order mark", "\xef\xbb\xbf"+good, wire.Malformed)
	add("B01", "a NUL behind the end", good+"\x00", wire.Malformed)
	add("B01", "a line break in a string", strings.Replace(good, "app7", "app7\r\n", 1), wire.Malformed)
	add("B02", "16 levels too many in what nobody reads", deep(16), wire.TooDeep)
	add("B02", "20,000 levels", deep(20_000), wire.TooDeep)
	add("B02", "2,000,000 levels", deep(2_000_000), wire.TooDeep)
	add("B02", "8,000,000 brackets", strings.Repeat("[", 8_000_000), wire.TooDeep)
	add("B02", "objects in objects", strings.Repeat(`{"x":`, 1_000_000), wire.TooDeep)
	add("B03", "a key twice", strings.Replace(good, `"headers"`, `"data":"","headers"`, 1), wire.DuplicateKey)
	add("B03", "a key in capitals", strings.Replace(good, `"headers"`, `"HEADERS"`, 1), wire.DuplicateKey)
	add("B03", "a key with a long s", strings.Replace(good, `"mc_sender"`, `"mc_ſender":"x","mc_sender"`, 1), wire.DuplicateKey)
	add("B04", "federation is a list", strings.Replace(good, savedFilled, "[]", 1), wire.BadType)
	add("B04", "headers are null", `{"protocol":"choria:transport:1","data":"YQ==","headers":null}`, wire.BadType)
	add("B05", "another version's names", v2(`"mc_sender":"a","federation":{"req":"a","target":["b"],"reply-to":"c"}`), wire.BadVersion)
	add("B05", "no protocol", strings.Replace(good, `"protocol":"choria:transport:1",`, "", 1), wire.BadVersion)
	add("B06", "no data", strings.Replace(good, `"data":"c2VhbGVk",`, "", 1), wire.BadData)
	add("B22", "a flat trace", strings.Replace(good, "["+clientHop, `["a","b",`+clientHop, 1), wire.BadType)
	return all
}

var savedFilled = fill(savedReply("@R"), "")

// hostileLists are requests for too much.
func hostileLists() []hostileCase {
	request := func(data string, subjects ...string) string {
		return strings.Replace(fedtest.Request("x", subjects...), "aGVsbG8=", data, 1)
	}
	half := strings.Repeat("A", 512<<10)
	list := func(id, what, payload string, r wire.Reason) hostileCase {
		return hostileCase{id, what, federation, payload, r, true}
	}
	return []hostileCase{
		list("B07", "no target", fill(v1fed(`{"req":"@Q","target":[]}`), ""), wire.NoTargets),
		list("B08", "50,001 targets", request("", fedtest.Nodes(50_001)...), wire.TooManyTargets),
		list("B09", "1 MiB: half payload, half one-byte targets", bomb(), wire.TooManyTargets),
		list("B09", "half a MiB to 10,000 nodes", request(half, fedtest.Nodes(10_000)...), wire.FanoutBytes),
		list("B13", "an injection in the request id",
			strings.Replace(v1fedFilled, `"req":"`, `"req":"\r\nPUB evil 0\r\n\r\n`, 1), wire.BadSubject),
	}
}

func repeated(subject string, n int) (all []string) {
	for range n {
		all = append(all, subject)
	}
	return all
}

// bomb is a message of 1 MiB that asks for 64 GiB.
func bomb() string {
	const size = 1 << 20
	head := `{"protocol":"choria:transport:1","data":"` + strings.Repeat("A", size/2) + `","headers":{"reply-to":"` + answers +
		`","federation":{"target":["a"`
	rest := (size - len(head) - len("]}}}")) / len(`,"a"`)
	return head + strings.Repeat(`,"a"`, rest) + "]}}}"
}

// outcome is what must become of it.
func (c *hostileCase) outcome() *outcome {
	if c.skips() {
		return skipped(c.reason)
	}
	return rejected(c.reason)
}

// skips reports whether it is the target that is bad.
func (c *hostileCase) skips() bool { return c.from == federation && c.reason.OfTarget() && !c.answer }

// No hostile message gets anywhere, each for its own reason, and none ends a connection or a relay.
func TestHostileMessagesGoNowhere(t *testing.T) {
	b := newBench(t, embedded.Options{MaxPayload: 16 << 20}, nil)
	for _, c := range hostileTable() {
		t.Run(fmt.Sprintf("%s from the %s %s", c.id, c.from, c.what), func(t *testing.T) {
			b.expect(t, c.from, &nats.Msg{Data: []byte(c.payload)}, c.outcome())
		})
	}
	if err := b.relay.Stop(); err != nil {
		t.Error(err)
	}
}

// forbidden says why a subject must not be published to, nothing if it may.
func forbidden(subject string, peer bool) string {
	first, _, _ := strings.Cut(subject, ".")
	switch {
	case len(subject) > 255:
		return "too long"
	case strings.HasPrefix(subject, "choria.federation."):
		return "belongs to a broker"
	case strings.HasPrefix(first, "$"), first == "_R_", first == "_GR_":
		return "belongs to NATS"
	}
	for _, token := range strings.Split(subject, ".") {
		if token == "" || token == "*" || token == ">" {
			return "not literal"
		}
	}
	for _, c := range []byte(subject) {
		if c <= ' ' || c >= 0x7f && !peer {
			return "not printable"
		}
	}
	return ""
}
