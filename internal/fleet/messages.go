package fleet

import "time"

// messages builds the transports of one request, of a client that is connected to server: one for each group of targets.
func (c *Client) messages(server, id string, t *Targets, at time.Time) ([][]byte, error) {
	l, err := c.writer.Letter(server, id, at)
	if err != nil {
		return nil, err
	}
	if t.broadcast {
		return [][]byte{c.writer.AppendBroadcast(nil, l)}, nil
	}
	var out [][]byte
	for from := 0; from < len(t.nodes); from += c.opts.Group {
		group := t.nodes[from:min(from+c.opts.Group, len(t.nodes))]
		out = append(out, c.writer.AppendDirected(nil, l, group))
	}
	return out, nil
}
