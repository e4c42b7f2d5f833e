package relay

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/pipeline"
	"github.com/fedrelay/fedrelay/pool"
	"github.com/fedrelay/fedrelay/wire"
)

const peerAnswerTo = "choria.federation.london.collective"

var peerHop = [3]string{"nats://in:4222", "relay1 (fedrelay:london)", "nats://out:4222"}

// A peerLine is a path in peer mode around one message.
type peerLine struct {
	message  []byte
	ledger   pipeline.Ledger
	pool     pool.Pool
	subjects []string
	payload  []byte
}

func (l *peerLine) Run(_ context.Context, line pipeline.Line) {
	b := pipeline.NewBatch()
	b.Buffer, b.Origin = l.pool.Get(len(l.message)), peerHop[0]
	b.Add("", l.message)
	line.Take(b)
}

func (l *peerLine) Prompt(int) bool { return true }

func (l *peerLine) Publish(e *pipeline.Egress) {
	for _, m := range e.Messages {
		l.payload = e.AppendPayload(nil, m)
		for i := range m.Copies() {
			l.subjects = append(l.subjects, string(e.Subject(m, i)))
		}
		l.ledger.Settle(pipeline.Confirmed, wire.OK, m.Copies())
	}
}

// peerPublishes carries a message in peer mode, with settings that are otherwise the default, and a
// hop on all messages.
func peerPublishes(t *testing.T, message []byte, reply bool) *peerLine {
	t.Helper()
	l := &peerLine{message: message}
	rules := &wire.Rules{MaxLength: 255, Peer: true}
	h := &hops{mode: "always", by: peerHop[1], destination: func() string { return peerHop[2] }}
	var router pipeline.Router = &replyRouter{rules: rules, hops: h}
	if !reply {
		router = &requestRouter{
			rules: rules, hops: h, fanoutBytes: 256 << 20, answerTo: peerAnswerTo,
			duplicates: duplicates{seed: maphash.MakeSeed()}, accepted: func() {},
		}
	}
	pipeline.New(pipeline.Config{
		Source: l, Publishers: []pipeline.Publisher{l}, Ledger: &l.ledger, Pool: &l.pool,
		Rules: pipeline.Rules{
			Router: router, Limits: wire.Limits{Depth: 16, Hops: 15, Targets: 50_000, Parts: 256, SkipTargets: reply},
			Normalize: true,
		},
		DecodeWorkers: 1, Depth: 1,
	}).Run(context.Background())
	if s := l.ledger.Snapshot(); !s.Balanced() || l.pool.InUse() != 0 {
		t.Fatal(s.String())
	}
	return l
}

// mustBeAsIncumbent carries a message and compares; it reports whether anything was published.
func mustBeAsIncumbent(t *testing.T, message []byte, reply bool) bool {
	t.Helper()
	subjects, want, err := incumbentPublishes(message, reply, peerAnswerTo, peerHop)
	var corrupt base64.CorruptInputError
	if errors.As(err, &corrupt) {
		return false // the payload is opaque here: receivers check it
	}
	if !reply && !strings.ContainsAny(want.FedReply, " \t\r\n") && excepted(want.FedReply, true) != unheard &&
		excepted(want.FedReply, true) != "" {
		subjects = nil
	}
	subjects = slices.DeleteFunc(subjects, func(s string) bool { return excepted(s, reply) != "" })
	l := peerPublishes(t, slices.Clone(message), reply)
	if !slices.Equal(l.subjects, subjects) {
		t.Fatalf("reply %v: published to %q, the incumbent to %q: %s\n%q", reply, l.subjects, subjects, books(&l.ledger), message)
	}
	if len(subjects) == 0 {
		return false
	}
	got, err := incumbentReads(l.payload)
	if err != nil {
		t.Fatalf("the incumbent would not read it: %v\n%q", err, l.payload)
	}
	if len(got.Trace) == 0 {
		got.Trace = nil
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("reply %v:\n got %+v\nwant %+v\nfrom %q", reply, got, want, message)
	}
	return true
}

// A forger makes messages, good, odd and bad, of all that the incumbent's reader treats
// differently.
type forger struct{ *rand.Rand }

func pick[T any](f forger, of ...T) T { return of[f.IntN(len(of))] }

// rarely returns usual most of the time, and one of odd now and then.
func (f forger) rarely(usual string, odd ...string) string {
	if f.IntN(8) > 0 {
		return usual
	}
	return pick(f, odd...)
}

func (f forger) subject(usual ...string) string {
	return f.rarely(pick(f, usual...), "", " ", "a b", `a\tb`, `a\r\nPUB x 0`, "a..b", ".a", "a.", "*", "m.node.*", ">", "m.>", "x", "m.x.y",
		"$SYS.REQ.SERVER.PING", "_R_.x", "_INBOX.x.y", "choria.federation.paris.federation", "choria.f\\u0065deration.paris.x",
		"m.broadcast.agent.x", "m.node.x", "m.reply.x.y", "m.node.b\u00fccher", "m.node.a\\u0026b", `m.node.a\"b`, `m.node.a\\b`, `m.node.a\/b`,
		"m.node.a\\u0000b", "m.node.\xff", `m.node.\ud800`, "m.node.a\x7f", strings.Repeat("x", 256), "m.reply.\\u003e", `m\u002enode.x`)
}

func (f forger) targets() string {
	var list []string
	for range f.IntN(5) {
		list = append(list, f.rarely(`"`+f.subject("m.node.n1", "m.node.n2", "eu.node.n1", "m.broadcast.agent.a", "m.broadcast.service.a")+`"`, "null", "7", "[]"))
	}
	return f.rarely("["+strings.Join(list, pick(f, ",", " , "))+"]", "null", `"m.node.x"`, "{}", "[]")
}

func (f forger) trace() string {
	var list []string
	for range f.IntN(5) {
		list = append(list, f.rarely(`["a","b","c"]`, `["a","b"]`, `["a"]`, `[]`, `null`, `["a","b","c","d"]`, `["a","b","c",7]`, `[null,"b"]`, `"a"`, `["a",1]`, `{}`))
	}
	return f.rarely("["+strings.Join(list, ",")+"]", "null", `"x"`, "{}")
}

// key is a name, as it is or as a folding reader takes it, too.
func (f forger) key(name string) string {
	odd := strings.ToUpper(name)
	return `"` + f.rarely(name, odd, strings.Replace(name, "s", "\u017f", 1), fmt.Sprintf(`\u%04x%s`, name[0], name[1:]), name+"x") + `":`
}

// object makes an object of members in any order, some twice or missing.
func (f forger) object(members map[string]func() string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(members)) { // no seed repeats the order of a map
		for range pick(f, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2) {
			list = append(list, f.key(name)+members[name]())
		}
	}
	if f.IntN(6) == 0 {
		list = append(list, `"own":{"federation":{"target":["m.node.evil"]}}`)
	}
	f.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return "{" + strings.Join(list, pick(f, ",", ", ", ",\n")) + "}"
}

// text makes the value of a header that is a string.
func (f forger) text(usual ...string) func() string {
	return func() string {
		return f.rarely(`"`+pick(f, usual...)+`"`, "null", "7", `""`, `"\u003c\u00e9\ud83d\ude00"`, "\"\xff\"", "[]")
	}
}

func (f forger) message() []byte {
	names := pick(f, []string{"choria:transport:1", "reply-to", "mc_sender", "seen-by", "req", "reply-to", "target"},
		[]string{"io.choria.protocol.v2.transport", "reply", "sender", "trace", "request", "reply", "targets"})
	saved := func() string { return `"` + f.subject("m.reply.a.b", "eu.reply.a.b", "m.reply.c") + `"` }
	federation := func() string {
		return f.rarely(f.object(map[string]func() string{names[4]: f.text("r1", "r 2"), names[5]: saved, names[6]: f.targets}), "null", "{}", "[]", `"x"`)
	}
	headers := func() string {
		return f.rarely(f.object(map[string]func() string{names[1]: saved, names[2]: f.text("c1"), names[3]: f.trace, "federation": federation}), "null", "{}", "[]")
	}
	data := func() string {
		return f.rarely(`"QUJD"`, "null", `""`, `"QU\nJD\n"`, `"QUJ\u0044"`, `"\/\/\/\/"`, "[65,66]", "7", `"!"`)
	}
	protocol := func() string {
		return `"` + f.rarely(names[0], "choria:transport:1", "choria\\u003atransport:1", "x") + `"`
	}
	m := f.object(map[string]func() string{"protocol": protocol, "data": data, "headers": headers})
	return []byte(f.rarely(m, m+" \n", m+"x", m[:f.IntN(len(m))], "\ufeff"+m, "null", "[]", " "+m))
}

// Peer mode publishes what the incumbent publishes, where it does, on both paths; but for the
// exceptions in the table.
func TestPeerModeCarriesWhatTheIncumbentDoes(t *testing.T) {
	const rounds = diffRounds
	carried := 0
	for seed := range uint64(rounds) {
		f := forger{rand.New(rand.NewPCG(seed, 8))}
		message := f.message()
		for _, reply := range []bool{false, true} {
			if mustBeAsIncumbent(t, message, reply) {
				carried++
			}
		}
	}
	if carried < rounds/8 {
		t.Errorf("only %d of %d messages went anywhere", carried, rounds)
	}
}

// The model is worth what it has in common with the recordings.
func TestTheModelOfTheIncumbentIsAsRecorded(t *testing.T) {
	file, err := os.Open("../../../shared/vectors/edge-cases/broker-edge-cases.jsonl")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("../shared/vectors is absent: the recordings of the incumbent are not part of this repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	compared := 0
	for lines.Scan() {
		var c recordedEdge
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if in := c.Input.bytes(); in != nil {
			compared++
			t.Run(c.Case, func(t *testing.T) { c.compare(t, in) })
		}
	}
	if compared < 90 {
		t.Errorf("only %d cases", compared)
	}
}

type recordedEdge struct {
	Case    string
	What    string
	Input   recordedBytes
	Outputs []recordedBytes
}

type recordedBytes struct {
	Side, Subject, Data string
	DataB64             []byte `json:"data_b64"`
	Recipe              string `json:"data_recipe"`
}

// bytes is the payload, nil if it was too large to be recorded.
func (r *recordedBytes) bytes() []byte {
	switch {
	case r.Recipe != "":
		return nil
	case r.DataB64 != nil:
		return r.DataB64
	}
	return []byte(r.Data)
}

func (c *recordedEdge) compare(t *testing.T, in []byte) {
	const answerTo = "choria.federation.production.collective"
	subjects, want, _ := incumbentPublishes(in, c.Input.Side == "collective", answerTo, peerHop)
	var recorded []string
	for _, o := range c.Outputs {
		if o.Side == c.Input.Side {
			continue // of a second pass
		}
		recorded = append(recorded, o.Subject)
		got, err := incumbentReads(o.bytes())
		if err != nil {
			t.Fatal(err)
		}
		got.Trace[len(got.Trace)-1] = peerHop
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: recorded\n%+v, the model says\n%+v", c.What, got, want)
		}
	}
	if !slices.Equal(recorded, slices.DeleteFunc(subjects, undelivered)) {
		t.Errorf("%s: recorded %q, the model says %q", c.What, recorded, subjects)
	}
}

// undelivered reports whether a subject is one that is published and reaches nobody, so that no
// recorder saw it.
func undelivered(subject string) bool {
	return slices.Contains(strings.Split(subject, "."), "")
}

func books(l *pipeline.Ledger) string {
	s := l.Snapshot()
	return s.String()
}
