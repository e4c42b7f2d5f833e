package record

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// Write writes a run in the format that Read reads. It fails, perhaps after it wrote a part, if w does or if the run is
// larger than a file may be. Costs that are no numbers are written as unknown.
func Write(w io.Writer, run *Run) error {
	out := &counter{w: w}
	if _, err := io.WriteString(out, magic); err != nil {
		return err
	}
	z, err := zstd.NewWriter(out, zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	e := &encoder{z: z, out: out}
	e.run(run)
	e.flush()
	if err := z.Close(); e.err == nil {
		e.err = err
	}
	return e.err
}

func (e *encoder) run(run *Run) {
	h := header{
		Meta: run.Meta, Totals: run.Totals, Costs: finite(run.Costs), Relay: run.Relay,
		Nodes: len(run.Nodes), Cost: len(run.Cost), Self: len(run.Self), Requests: len(run.Requests),
	}
	text, err := json.Marshal(h)
	switch {
	case err != nil:
		e.fail(fmt.Errorf("record: %w", err))
	case len(text) > maxHeader || !h.valid():
		e.fail(errTooLarge)
	}
	e.text(string(text))
	for _, name := range run.Nodes {
		if len(name) > maxName {
			e.fail(fmt.Errorf("record: the name of a node has %d bytes, more than %d", len(name), maxName))
		}
		e.text(name)
	}
	e.samples(run.Cost)
	e.samples(run.Self)
	last := &Request{}
	for i := range run.Requests {
		e.request(&run.Requests[i], last, len(run.Nodes))
		last = &run.Requests[i]
	}
}

func finite(c Costs) Costs {
	for _, v := range []*float64{&c.CPUPerCopy, &c.CPUPerReply} {
		if math.IsNaN(*v) || math.IsInf(*v, 0) {
			*v = 0
		}
	}
	return c
}

func (e *encoder) samples(samples []Sample) {
	var last Sample
	for _, s := range samples {
		e.varint(int64(s.At - last.At))
		e.varint(int64(s.CPU - last.CPU))
		e.varint(s.RSS - last.RSS)
		e.varint(int64(s.Threads - last.Threads))
		e.varint(int64(s.Connections - last.Connections))
		e.varint(s.Switches - last.Switches)
		last = s
	}
}
