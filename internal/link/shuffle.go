package link

import (
	"math/rand/v2"
	"net"
)

// shuffleUnweighted has records of one priority and no weight follow each other in random order. Go leaves them in that of DNS:
// all who lose one server would come down on the same next one.
func shuffleUnweighted(records []*net.SRV) {
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].Priority == records[0].Priority && records[n].Weight == records[0].Weight {
			n++
		}
		if records[0].Weight == 0 {
			rand.Shuffle(n, func(i, j int) { records[i], records[j] = records[j], records[i] })
		}
		records = records[n:]
	}
}
