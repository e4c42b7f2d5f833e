package pipeline

// A Fate is how the way of one copy ended. Every accepted copy meets exactly one fate.
type Fate uint8

// The fates.
const (
	// Confirmed: written, and the server has answered a PING that came behind it on the same
	// connection.
	Confirmed Fate = iota
	// Unconfirmed: written, and the connection ended before the answer. It may have arrived.
	Unconfirmed
	// Denied: written, and the server's permissions did not let it pass.
	Denied
	// Refused: not written, because the other side does not take it. Too large, for example.
	Refused
	// Expired: not written, because the other side was away for longer than the copy's time to
	// live.
	Expired
	// Abandoned: not written, because the relay was told to stop.
	Abandoned
	// Skipped: not made, because its target cannot be served. The other copies of its message are
	// sent.
	Skipped

	// NumFates is how many fates there are.
	NumFates
)

var fateNames = [NumFates]string{
	Confirmed:   "confirmed",
	Unconfirmed: "unconfirmed",
	Denied:      "denied",
	Refused:     "refused",
	Expired:     "expired",
	Abandoned:   "abandoned",
	Skipped:     "skipped",
}

// String returns the name that f has in metrics.
func (f Fate) String() string { return fateNames[f] }
