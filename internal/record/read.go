package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
)

// Read reads a run that Write wrote, up to the end of r. A run that it returns is consistent:
// targets and marks are nodes, and there are as many latencies as targets. The numbers themselves
// may be any. It needs memory in proportion to the run. A hostile file can make it need a gigabyte,
// plus a multiple of its own size.
func Read(r io.Reader) (*Run, error) { return read(r, freeSize) }

func read(r io.Reader, free int64) (*Run, error) {
	start := make([]byte, len(magic))
	_, err := io.ReadFull(r, start)
	switch {
	case err != nil || !bytes.HasPrefix(start, []byte(magicName)):
		return nil, errMagic
	case string(start) != magic:
		return nil, errVersion
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
