package recent

import (
	"hash/maphash"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// denials remembers the copies that the server has denied last, by their subjects.
type denials struct {
	seed maphash.Seed
	most int

	mu   lock.Mutex[denials]
	ring []denial // the n-th one is at n modulo most
	n    int      // how many there were
}

type denial struct {
	subject uint64 // its hash
	at      int64  // ns of Unix time
}

func newDenials(seed maphash.Seed, most int) *denials { return &denials{seed: seed, most: most} }

func (d *denials) add(subject string, at time.Time) {
	x := denial{maphash.String(d.seed, subject), at.UnixNano()}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ring == nil {
		d.ring = make([]denial, 0, d.most)
	}
	if i := d.n % d.most; i < len(d.ring) {
		d.ring[i] = x
	} else {
		d.ring = append(d.ring, x)
	}
	d.n++
}

// between returns how often each subject was denied in a time, by the hash of the subject. complete
// is false if more may have been denied.
func (d *denials) between(from, to int64) (times map[uint64]int, complete bool) {
	times, complete = make(map[uint64]int), true
	var part []denial
	for next := 0; ; {
		var lost bool
		part, next, lost = d.copy(part[:0], next)
		if len(part) == 0 {
			return times, complete
		}
		complete = complete && !(lost && part[0].at > from)
		for _, x := range part {
			if x.at >= from && x.at <= to {
				times[x.subject]++
			}
		}
	}
}

// atOnce is how many entries are copied while a mutex is held.
const atOnce = 4096

// copy appends some entries, from the given one on, and returns the number of the one behind them.
// If the given one is overwritten it begins with the oldest one, and says so.
func (d *denials) copy(dst []denial, next int) (part []denial, behind int, lost bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if oldest := d.n - len(d.ring); next < oldest {
		next, lost = oldest, true
	}
	for ; next < d.n && len(dst) < atOnce; next++ {
		dst = append(dst, d.ring[next%d.most])
	}
	return dst, next, lost
}
