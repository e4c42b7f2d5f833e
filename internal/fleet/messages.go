package fleet

import "time"

// messages builds the transports of one request, of a client that is connected to server: one for each group of targets.
// They differ in their targets only.
func (c *Client) messages(server, id string, t *Targets, at time.Time) ([][]byte, error) {
	o := c.opts
	data, err := c.dialect.seal(question{
		id: id, sender: o.Identity, caller: o.Caller, collective: o.Collective, agent: o.Agent,
		body: requestBody(o.Agent, o.Action, o.RequestBytes), at: at,
	})
	if err != nil {
		return nil, err
	}
	h := headers{
		reply: c.replyTo + id, sender: o.Identity,
		trace: [][]string{{server, o.Identity, server}},
	}
	var out [][]byte
	for _, group := range c.groups(t) {
		h.fed = &federation{request: id, targets: group}
		m, err := c.dialect.marshal(data, h)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// groups cuts the subjects of the targets into groups; a broadcast is one group of one subject.
func (c *Client) groups(t *Targets) [][]string {
	if t.broadcast {
		return [][]string{{c.opts.Collective + ".broadcast.agent." + c.opts.Agent}}
	}
	var out [][]string
	for from := 0; from < len(t.nodes); from += c.opts.Group {
		part := t.nodes[from:min(from+c.opts.Group, len(t.nodes))]
		group := make([]string, len(part))
		for i, node := range part {
			group[i] = c.opts.Collective + ".node." + c.opts.Roster.Name(node)
		}
		out = append(out, group)
	}
	return out
}
