package record

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Read reads a run that Write wrote, up to the end of r. It needs memory in proportion to the run, for which a file of
// doubtful origin has few hundred megabytes at most plus a multiple of its size. The runs that it returns are consistent:
// targets and marks are nodes, and there are as many latencies as targets; the numbers may still be any.
func Read(r io.Reader) (*Run, error) { return read(r, freeSize) }

func read(r io.Reader, free int64) (*Run, error) {
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(r, start); err != nil || string(start) != magic {
		return nil, errMagic
	}
	from := &counter{r: r, n: int64(len(magic))}
	z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(2*window), zstd.WithDecodeBuffersBelow(0))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	d := &decoder{r: bufio.NewReaderSize(&bounded{plain: z, from: from, free: free}, 64<<10)}
	run := d.run()
	d.end()
	if d.err != nil {
		return nil, d.err
	}
	return run, nil
}

func (d *decoder) run() *Run {
	h := d.header()
	if d.err != nil {
		return nil
	}
	run := &Run{Meta: h.Meta, Totals: h.Totals, Costs: h.Costs, Relay: h.Relay}
	run.Nodes = d.nodes(h.Nodes)
	run.Cost = d.samples(h.Cost)
	run.Self = d.samples(h.Self)
	run.Requests = d.requests(h.Requests, len(run.Nodes))
	return run
}

func (d *decoder) header() (h header) {
	text := d.text(maxHeader)
	if d.err != nil {
		return h
	}
	if err := json.Unmarshal(text, &h); err != nil {
		d.fail(err)
	}
	if !h.valid() {
		d.fail(errTooLarge)
	}
	return h
}

// end makes sure that nothing follows, which also has the checksum compared.
func (d *decoder) end() {
	if d.err != nil {
		return
	}
	switch _, err := d.r.ReadByte(); err {
	case io.EOF:
	case nil:
		d.err = errTrailing
	default:
		d.fail(err)
	}
}

func (d *decoder) nodes(n int) []string {
	nodes := grown[string](int64(n))
	for len(nodes) < n && d.err == nil {
		nodes = append(nodes, string(d.text(maxName)))
	}
	return nodes
}

func (d *decoder) samples(n int) []Sample {
	samples := grown[Sample](int64(n))
	var s Sample
	for len(samples) < n && d.err == nil {
		s.At += time.Duration(d.varint())
		s.CPU += time.Duration(d.varint())
		s.RSS += d.varint()
		s.Threads += int(d.varint())
		s.Connections += int(d.varint())
		s.Switches += d.varint()
		samples = append(samples, s)
	}
	return samples
}
