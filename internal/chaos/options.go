package chaos

import (
	"time"

	"github.com/fedrelay/fedrelay/internal/load"
)

const cluster = "london"

// Options say what is broken, and under what load.
type Options struct {
	// Relay is the program of a relay. Old, if it is not empty, is another version: each instance
	// changes from one to the other whenever it is started again.
	Relay, Old []string
	// Server is the program that calls Serve.
	Server []string
	// Nodes answer requests. Each request asks all of them. Default 1000.
	Nodes int
	// Rate is how many requests there are a second. Default 20.
	Rate float64
	// Restarts is how often an instance is restarted while requests go on. Default 100. Replies is
	// how many there must be at least by then. Default 1,000,000.
	Restarts int
	Replies  int64
	// Began is told that requests go on; live says how far they are. It returns what is called in
	// the end. Optional.
	Began func(live func() load.Live) (ended func())
}

func (o *Options) setDefaults() {
	if o.Nodes == 0 {
		o.Nodes = 1000
	}
	if o.Rate == 0 {
		o.Rate = 20
	}
	if o.Restarts == 0 {
		o.Restarts = 100
	}
	if o.Replies == 0 {
		o.Replies = 1_000_000
	}
	if o.Began == nil {
		o.Began = func(func() load.Live) func() { return func() {} }
	}
}

// A Fault is something that happens while requests go on.
type Fault struct {
	// Name and What are a few words and a sentence for those who read the table.
	Name, What string
	// Lossless says that nothing may be lost.
	Lossless bool
	// LostAtMost is how much of the load may be lost each time that it happens. 0 without a bound.
	LostAtMost time.Duration
	// Servers says that a server is broken. Then arrivals are not compared with the books of
	// relays, because the server may have lost what it has confirmed.
	Servers bool
	// Wrap is a text for the shell that runs each relay as "$@". {dir} is a folder, {n} the number
	// of the relay. Optional.
	Wrap string
	// Mute says that what relays say cannot be read.
	Mute bool
	// Flags are further ones for relays, with {dir}, too.
	Flags []string
	// Deadline is for how long the servers wait for a client that does not read.
	Deadline time.Duration
	// ReplyBytes and RequestBytes is the text in each of them, and Rate that of requests; Nodes is
	// how many there are. 0 takes those of Options.
	ReplyBytes, RequestBytes int
	Rate                     float64
	Nodes                    int

	// prepare is called before anything is started; what it returns is called in the end.
	prepare func(w *world) (tidy func(), err error)
	// happens returns when it is over, and how often it has happened.
	happens func(w *world) (times int, err error)
	// happened returns an error if relays have not noticed: then the run proves nothing. Optional.
	happened func(w *world) error
}
