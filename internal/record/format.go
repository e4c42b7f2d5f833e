package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// magic is the first line of a run file. Behind it is a zstd stream of JSON: one object with
// everything but the requests, then one object for each request. Files of another version are not
// read: runs are cheap to make again.
const magic = "fedrelay run 2\n"

// Write writes a run in the format that Read reads. It fails if w does, or if the run is larger
// than a file may be; part of it may have been written by then. Costs that are no numbers are
// written as unknown.
func Write(w io.Writer, run *Run) error {
	p := &pipe{free: freeSize}
	out := &counted{w: w, n: &p.compressed}
	if _, err := io.WriteString(out, magic); err != nil {
		return err
	}
	z, err := zstd.NewWriter(out, zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	err = encode(&counted{w: z, n: &p.plain, check: p.check}, run)
	return errors.Join(err, z.Close())
}

func encode(w io.Writer, run *Run) error {
	head := *run
	head.Requests, head.Costs = nil, finite(run.Costs)
	if err := head.check(); err != nil {
		return err
	}
	text, err := json.Marshal(&head)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if len(text) > maxHead || len(run.Requests) > maxRequests {
		return errTooLarge
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	each := json.NewEncoder(w)
	for i := range run.Requests {
		if err := run.Requests[i].check(len(run.Nodes)); err != nil {
			return err
		}
		if err := each.Encode(&run.Requests[i]); err != nil {
			return err
		}
	}
	return nil
}

func finite(c Costs) Costs {
	for _, v := range []*float64{&c.CPUPerCopy, &c.CPUPerReply} {
		if math.IsNaN(*v) || math.IsInf(*v, 0) {
			*v = 0
		}
	}
	return c
}

// Read reads a run that Write wrote, up to the end of r. A run that it returns is consistent:
// targets and marks are nodes, and there are as many latencies as targets. The numbers themselves
// may be any. It needs memory in proportion to the run. A hostile file can make it need a gigabyte,
// plus a multiple of its own size.
func Read(r io.Reader) (*Run, error) { return read(r, freeSize) }

func read(r io.Reader, free int64) (*Run, error) {
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(r, start); err != nil || string(start) != magic {
		return nil, errMagic
	}
	p := &pipe{free: free}
	z, err := zstd.NewReader(&counted{r: r, n: &p.compressed}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(2*window), zstd.WithDecodeBuffersBelow(0))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	run, err := decode(bufio.NewReaderSize(&counted{r: z, n: &p.plain, check: p.check}, 64<<10))
	if err != nil && !errors.Is(err, errTooLarge) {
		err = fmt.Errorf("record: damaged run file: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return run, nil
}

func decode(r io.Reader) (*Run, error) {
	head := &io.LimitedReader{R: r, N: maxHead}
	d := json.NewDecoder(head)
	run := &Run{}
	if err := d.Decode(run); err != nil {
		return nil, whole(err)
	}
	head.N = math.MaxInt64
	if len(run.Requests) > 0 {
		return nil, errors.New("requests where none may be")
	}
	if err := run.check(); err != nil {
		return nil, err
	}
	for {
		var next Request
		err := d.Decode(&next)
		switch {
		case errors.Is(err, io.EOF):
			return run, nil
		case err != nil:
			return nil, whole(err)
		case len(run.Requests) == maxRequests:
			return nil, errTooLarge
		}
		if err := next.check(len(run.Nodes)); err != nil {
			return nil, err
		}
		run.Requests = append(run.Requests, next)
	}
}

// whole turns the end of a file into an error, where something is missing.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// check returns an error if something is wrong with the run, but for its requests.
func (r *Run) check() error {
	if len(r.Nodes) > maxNodes {
		return errTooLarge
	}
	return nil
}

// check returns an error if a request contradicts itself or the number of nodes.
func (r *Request) check(nodes int) error {
	want := nodes
	if r.Targets != nil {
		want = len(r.Targets)
	}
	for i, target := range r.Targets {
		if int(target) >= nodes || i > 0 && target <= r.Targets[i-1] {
			return fmt.Errorf("record: target %d is no node or out of order", target)
		}
	}
	for _, m := range r.Marks {
		if int(m.Node) >= nodes {
			return fmt.Errorf("record: a mark for node %d, which does not exist", m.Node)
		}
	}
	for _, column := range [][]uint32{r.Copies, r.Replies} {
		if column != nil && len(column) != want {
			return fmt.Errorf("record: %d latencies for %d targets", len(column), want)
		}
	}
	return nil
}
