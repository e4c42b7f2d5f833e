package record

import (
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
const (
	magic     = magicName + "2\n"
	magicName = "fedrelay run "
)

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
