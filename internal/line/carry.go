package line

import (
	"bytes"
	"net"
	"sync/atomic"
	"time"
)

// piecesUnderWay is how many pieces wait at most for their time, where no window says so.
const piecesUnderWay = 4096

// A carrier carries what one end sends to the other.
type carrier struct {
	from, to net.Conn
	born     time.Time // of the line
	flow     *flow
	count    *atomic.Int64
}

// parcel is a piece under way.
type parcel struct {
	bytes []byte
	due   time.Time
}

// run returns when from has ended and all that it sent was delivered, or when to takes no more.
func (c *carrier) run() {
	parcels, delivered := make(chan parcel, piecesUnderWay), make(chan struct{})
	go func() {
		c.deliver(parcels)
		close(delivered)
	}()
	buf := make([]byte, longestPiece)
	for {
		n, err := c.from.Read(buf[:c.flow.shape().piece()])
		c.count.Add(int64(n))
		c.send(bytes.Clone(buf[:n]), parcels)
		if err != nil {
			break
		}
	}
	close(parcels)
	<-delivered
}

// send puts bytes on the line as soon as there is room.
func (c *carrier) send(rest []byte, parcels chan<- parcel) {
	for len(rest) > 0 {
		n, wait := c.flow.room(time.Since(c.born))
		if n == 0 {
			NapUntil(time.Now().Add(wait))
			continue
		}
		n = min(n, len(rest))
		due := c.flow.send(time.Since(c.born), n)
		parcels <- parcel{rest[:n], c.born.Add(due)}
		rest = rest[n:]
	}
}

func (c *carrier) deliver(parcels <-chan parcel) {
	var err error
	for p := range parcels {
		if err != nil {
			continue // the reader may be waiting for room
		}
		NapUntil(p.due)
		if _, err = c.to.Write(p.bytes); err != nil {
			c.from.Close()
		}
	}
}
