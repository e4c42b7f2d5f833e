package line

import "time"

// NapUntil sleeps until t, as exactly as the system can. It holds a thread meanwhile.
func NapUntil(t time.Time) {
	for ahead := time.Until(t); ahead > 0; ahead = time.Until(t) {
		nap(ahead)
	}
}
