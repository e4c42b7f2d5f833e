package pipeline

// A Fate is how the way of one copy ended. Every accepted copy meets exactly one.
type Fate uint8

// The fates.
const (
	// Confirmed: the server processed it, told by a PONG on the connection that it was written to.
	Confirmed Fate = iota
	// Unconfirmed: it was written, and the connection ended before the PONG. It may have arrived.
	Unconfirmed
	// Denied: the server's permissions refused it.
	Denied
	// Refused: this relay did not write it, because the other side does not take it.
	Refused
	// Expired: the other side was down for longer than its time to live.
	Expired
	// Abandoned: the relay was stopped before it could be written.
	Abandoned
	// Skipped: it was not made, because its target is bad. The other copies of its message are none the worse for it.
	Skipped

	// NumFates is how many there are.
	NumFates
)

var fateNames = [NumFates]string{"confirmed", "unconfirmed", "denied", "refused", "expired", "abandoned", "skipped"}

// String returns the name that f has in metrics.
func (f Fate) String() string { return fateNames[f] }
