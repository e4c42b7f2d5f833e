package client

// books say who was asked, and who has answered. The Call that they belong to guards them.
type books struct {
	// Set by newBooks, then read-only.
	asked   int // by name; 0 for a broadcast
	wanted  int // how many answers end the call; 0: no number does
	senders int // how many names of a broadcast are kept

	index map[string]int
	nodes []entry

	answered     int // nodes
	unasked      int // replies
	unaskedNames []string
}

// An entry is what is known of one node.
type entry struct {
	name    string
	replies int
	late    bool // the first reply was
	dropped bool // the first reply found no room
}

// keptNames is how many names of nodes that were not asked are kept.
const keptNames = 1000

func newBooks(p *plan, senders int) *books {
	b := &books{
		asked: len(p.nodes), wanted: len(p.nodes), senders: senders,
		index: p.index, nodes: make([]entry, len(p.nodes)),
	}
	if b.index == nil {
		b.index = make(map[string]int)
	}
	for i, name := range p.nodes {
		b.nodes[i].name = name
	}
	if p.request.Expect > 0 {
		b.wanted = p.request.Expect
	}
	return b
}

// enter notes a reply and sets its Status. The result is the entry of its node if it is the first
// one, else nil.
func (b *books) enter(r *Reply, late bool) *entry {
	i, known := b.index[r.Sender]
	if !known {
		if b.asked > 0 || len(b.nodes) >= b.senders {
			b.enterUnasked(r)
			return nil
		}
		i = len(b.nodes)
		b.index[r.Sender] = i
		b.nodes = append(b.nodes, entry{name: r.Sender})
	}
	e := &b.nodes[i]
	if e.replies++; e.replies > 1 {
		r.Status = Repeated
		return nil
	}
	b.answered++
	if e.late = late; late {
		r.Status = TooLate
	}
	return e
}

func (b *books) enterUnasked(r *Reply) {
	r.Status = Unasked
	b.unasked++
	if len(b.unaskedNames) < keptNames {
		b.unaskedNames = append(b.unaskedNames, r.Sender)
	}
}

// complete reports whether nothing more is waited for.
func (b *books) complete() bool { return b.wanted > 0 && b.answered >= b.wanted }

// fill writes down who answered and who did not, in the order in which they were asked.
func (b *books) fill(r *Result) {
	for _, e := range b.nodes {
		switch {
		case e.replies == 0:
			r.Silent = append(r.Silent, e.name)
		case e.late:
			r.Late = append(r.Late, e.name)
		default:
			r.Answered = append(r.Answered, e.name)
		}
		if e.replies > 1 {
			if r.Repeated == nil {
				r.Repeated = make(map[string]int)
			}
			r.Repeated[e.name] = e.replies - 1
		}
		if e.dropped {
			r.Dropped = append(r.Dropped, e.name)
		}
	}
	r.Asked, r.Unasked, r.UnaskedNames = b.asked, b.unasked, b.unaskedNames
}
