package service

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A question has come from an operator, or from anybody who may publish.
type question struct {
	data  []byte
	reply string
	gzip  bool // the asker can read compressed answers
}

// A refusal is an answer that says why there is none.
type refusal struct {
	code int // as in HTTP
	text string
}

const (
	// mostAsked is the size of the largest question, in bytes.
	mostAsked = 4 << 10
	// compressFrom is from which size on answers are compressed, in bytes.
	compressFrom = 4 << 10
	// headerRoom is how many bytes the headers of an answer take at most.
	headerRoom = 512
)

// handle answers a question, when it is its turn. It blocks until then, but not for a probe.
func (v *visit) handle(i Instance, verb string, q question) {
	if q.reply == "" || !answerable(q.reply) || v.isMuted(q.reply) || !v.server.turns.wait(v.ctx) {
		return
	}
	if verb != Probe {
		v.answer(i, verb, q)
		return
	}
	select {
	case v.probes <- struct{}{}:
		v.running.Go(func() {
			v.probe(i, q)
			<-v.probes
		})
	default:
		if v.leaving.Load() {
			return // the next visit answers
		}
		v.send(q, refusal{503, "too many probes are under way; ask again later"})
	}
}

// answer answers a question, and notes how long it has taken.
func (v *visit) answer(i Instance, verb string, q question) {
	began := time.Now()
	v.send(q, answerTo(i, verb, q.data))
	v.server.turns.took(time.Since(began))
}

// probe answers a probe. It blocks for servers, which takes no time of ours.
func (v *visit) probe(i Instance, q question) {
	var asked Target
	if err := decode(q.data, &asked); err != nil {
		v.send(q, *err)
		return
	}
	ctx, cancel := context.WithTimeout(v.ctx, v.server.times.probe)
	defer cancel()
	v.send(q, i.Source.Probe(ctx, asked.Target))
}

// answerTo returns a document or a refusal. It does not block.
func answerTo(i Instance, verb string, data []byte) any {
	var latest Latest
	var byID ByID
	switch verb {
	case State:
		return i.Source.Instance()
	case Request:
		if err := decode(data, &byID); err != nil {
			return *err
		}
		if r, known := i.Source.Request(byID.ID); known {
			return r
		}
		return state.Request{Schema: state.Schema, ID: byID.ID, Cluster: i.Cluster, Identity: i.Identity}
	}
	if err := decode(data, &latest); err != nil {
		return *err
	}
	if verb == Requests {
		return list(i.Source.Requests(latest.Most))
	}
	return list(i.Source.Rejections(latest.Most))
}

// list makes a list that is never null.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// decode reads a question. An empty one asks for the zero value.
func decode(data []byte, into any) *refusal {
	switch {
	case len(data) > mostAsked:
		return &refusal{413, "the question is too large"}
	case len(bytes.TrimSpace(data)) == 0:
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return &refusal{400, "the question is no JSON of the form that this verb wants"}
	}
	return nil
}

// send sends a document or a refusal.
func (v *visit) send(q question, document any) {
	header := nats.Header{headerSchema: {strconv.Itoa(state.Schema)}, headerInstance: {v.server.id}}
	var data []byte
	no, refused := document.(refusal)
	if !refused {
		var zipped bool
		var err error
		if data, zipped, err = fit(document, q.gzip, int(v.session.MaxPayload())-headerRoom); err != nil {
			no, refused, data = refusal{500, err.Error()}, true, nil
		}
		if zipped {
			header.Set(headerEncoding, "gzip")
		}
	}
	if refused {
		header.Set(headerError, no.text)
		header.Set(headerCode, strconv.Itoa(no.code))
	}
	m := &nats.Msg{Subject: q.reply, Data: data}
	if v.session.Conn.HeadersSupported() {
		m.Header = header
	}
	if err := v.session.Conn.PublishMsg(m); err != nil && v.session.Alive() {
		v.server.options.Log.Debug("cannot answer an operator", "error", err)
	}
}

// fit returns a document as JSON of at most so many bytes. If it is too large it is cut.
func fit(document any, zip bool, most int) (data []byte, zipped bool, err error) {
	for {
		if data, err = json.Marshal(document); err != nil {
			return nil, false, err
		}
		size := len(data)
		if zipped = zip && size >= compressFrom; zipped {
			data = compress(data)
		}
		if len(data) <= most {
			return data, zipped, nil
		}
		keep := 0.9 * float64(most) / float64(len(data))
		less, ok := cut(document, size, keep)
		if !ok {
			return nil, false, fmt.Errorf("the answer has %d bytes, and the server takes %d", len(data), most)
		}
		document = less
	}
}

func compress(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // fails only for another level
	_, _ = w.Write(data)                            // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// cut returns about that part of a document, which has size bytes, and false if there is nothing to
// cut.
func cut(document any, size int, keep float64) (any, bool) {
	switch d := document.(type) {
	case state.Request:
		return cutRequest(d, size, keep)
	case []state.Summary:
		return first(d, keep), len(d) > 0
	case []state.Rejection:
		return first(d, keep), len(d) > 0
	}
	return document, false
}

// bytesOfMark is about how many bytes a mark has in JSON.
const bytesOfMark = 11

// cutRequest takes names before marks: without its mark, a node that has answered looks as if it
// had not.
func cutRequest(d state.Request, size int, keep float64) (state.Request, bool) {
	names, marks := bytesOf(d.Names)+bytesOf(d.Denied)+bytesOfMarks(d.Marks), bytesOfMark*len(d.Answered)
	left := int(float64(size)*keep) - (size - names)
	d.Forgotten = true
	switch {
	case len(d.Rejected) > 100:
		d.Rejected = d.Rejected[:100]
	case names > 0:
		part := max(0, float64(left)/float64(names))
		d.Names, d.Denied = first(d.Names, part), first(d.Denied, part)
		d.Marks = marksOf(d.Names, d.Marks)
	case marks > 0:
		d.Answered = first(d.Answered, keep)
	case len(d.Rejected) > 0:
		d.Rejected = first(d.Rejected, keep)
	default:
		return d, false
	}
	return d, true
}

// marksOf returns those of marks that are of names.
func marksOf(names []string, marks map[string]uint32) map[string]uint32 {
	kept := make(map[string]uint32)
	for _, name := range names {
		if mark, special := marks[name]; special {
			kept[name] = mark
		}
	}
	return kept
}

func bytesOf(names []string) (n int) {
	for _, name := range names {
		n += len(name) + len(`"",`)
	}
	return n
}

// bytesOfMarks is bytesOf for marks with their names.
func bytesOfMarks(marks map[string]uint32) (n int) {
	for name := range marks {
		n += len(name) + len(`"":`) + bytesOfMark
	}
	return n
}

// first returns a part of all, from the start, which is at least one less.
func first[T any](all []T, part float64) []T {
	n := int(part * float64(len(all)))
	return all[:max(0, min(n, len(all)-1))]
}

// answerable reports whether an answer may go to a subject. Whoever asks chooses it, and the relay
// may publish where the asker may not.
func answerable(reply string) bool {
	tokens := strings.Split(reply, ".")
	if strings.HasPrefix(reply, "$") || strings.HasPrefix(reply, "choria.federation.") {
		return false
	}
	return len(tokens) < 2 || tokens[1] != "node" && tokens[1] != "broadcast"
}

// inboxKey returns what inboxes of one kind have in common: their first word, or two if the first
// one says little.
func inboxKey(inbox string) string {
	tokens := strings.SplitN(inbox, ".", 3)
	if strings.HasPrefix(inbox, "_") || len(tokens) < 3 {
		return tokens[0]
	}
	return tokens[0] + "." + tokens[1]
}

// accepts reports whether a header allows gzip.
func accepts(header string) bool { return strings.Contains(header, "gzip") }

// printable returns a text that others have written, in printable ASCII and not too long.
func printable(text string) string {
	quoted := strconv.QuoteToASCII(text[:min(len(text), 100)])
	return quoted[1 : len(quoted)-1]
}
