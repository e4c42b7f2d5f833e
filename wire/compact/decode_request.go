package compact

import (
	"bytes"
	"math"
)

// request reads a request, and makes a message for each of its groups.
func (d *Decoder) request(c *Contents) {
	r := &d.reader
	c.Hops = r.count(math.MaxInt32)
	c.Deadline = int64(r.number())
	flat := r.bytes()
	key := d.openRequest(flat)
	var sizes columnReader
	sizes.open(r, d.header.messages)
	d.lists = d.lists[:0]
	if d.header.targets > 0 {
		d.openList(d.header.targets, 0)
	}
	left := d.header.targets
	for range d.header.messages {
		n := sizes.read(r)
		if n > uint64(left) || r.bad {
			r.fail()
			return
		}
		left -= int(n)
		d.group(key, int(n))
	}
	if left > 0 {
		r.fail()
	}
}

// openRequest makes what stands before and behind the targets, and returns the bytes that come
// between if there are any targets.
func (d *Decoder) openRequest(flat []byte) (key []byte) {
	start, end := flat, []byte(nil)
	if d.header.targets > 0 {
		n := bytes.IndexByte(flat, markTargets)
		length := d.reader.count(max(0, n-1))
		if n < 1 || n+3 > len(flat) || flat[n-1] != '"' || flat[n+1] != '"' || flat[n+2] != ']' {
			d.reader.fail()
			return nil
		}
		key = flat[n-1-length : n-1]
		start, end = flat[:n-1-length], flat[n+3:]
		if markAt(key) < len(key) || markAt(end) < len(end) {
			d.reader.fail()
			return nil
		}
	}
	ok := false
	if d.start, ok = d.redoer.redo(d.start[:0], start, d.header.bytes); !ok {
		d.reader.fail()
	}
	d.end = append(d.end[:0], end...)
	return key
}

// group appends the message to the next n targets.
func (d *Decoder) group(key []byte, n int) {
	from := len(d.text)
	if from+len(d.start)+len(d.end)+3*n > d.header.bytes { // each target has a comma and two quotes
		d.reader.fail()
		return
	}
	text := append(d.text, d.start...)
	for i := range n {
		if i == 0 {
			text = append(append(text, key...), '"')
		} else {
			text = append(text, `,"`...)
		}
		text = append(d.lists[0].read(&d.reader, text), '"')
		if len(text) > d.header.bytes {
			d.reader.fail()
			break
		}
	}
	if n > 0 {
		text = append(text, ']')
	}
	d.text = append(text, d.end...)
	d.add(from)
}
