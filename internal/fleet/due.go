package fleet

import "time"

// due is an answer that waits for its time.
type due struct {
	when time.Time
	task *task
	node int
}

// dueHeap is a heap: the answer that is due first is in front.
type dueHeap []due

// push adds an answer.
func (h *dueHeap) push(d due) {
	*h = append(*h, d)
	s := *h
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !s[i].when.Before(s[parent].when) {
			return
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
}

// pop takes the first; the heap must not be empty.
func (h *dueHeap) pop() due {
	s := *h
	first, last := s[0], len(s)-1
	s[0], s[last] = s[last], due{} // the task can be collected
	*h = s[:last]
	h.down()
	return first
}

// down moves the first one down to where it belongs.
func (h *dueHeap) down() {
	s := *h
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(s); child++ {
			if s[child].when.Before(s[least].when) {
				least = child
			}
		}
		if least == i {
			return
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
}
