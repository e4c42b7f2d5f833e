package trial

import (
	"bytes"
	"context"
	"errors"
	"net"
	"time"
)

const (
	// delayPiece is how many bytes the delay takes at once.
	delayPiece = 64 << 10

	// delayPieces is how many pieces may be under way on a connection in one direction. Then no
	// more are taken: what a network holds is not endless, either.
	delayPieces = 1024
)

// A piece is on its way.
type piece struct {
	bytes []byte
	due   time.Time
}

// delayed listens for connections that reach the server at address only after a delay each way, and
// returns where. It ends with ctx. It runs where the servers do, so that its work is theirs.
func delayed(ctx context.Context, address string, delay time.Duration) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go delayConn(ctx, near, address, delay)
		}
	}()
	return l.Addr().String(), nil
}

func delayConn(ctx context.Context, near net.Conn, address string, delay time.Duration) {
	defer near.Close()
	far, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer far.Close()
	defer context.AfterFunc(ctx, func() { near.Close(); far.Close() })()
	ended := make(chan error, 2)
	go func() { ended <- delayBytes(near, far, delay) }()
	go func() { ended <- delayBytes(far, near, delay) }()
	<-ended
}

// delayBytes copies from one connection to the other until either ends.
func delayBytes(from, to net.Conn, delay time.Duration) error {
	pieces, failed := make(chan piece, delayPieces), make(chan error, 1)
	go func() {
		var err error
		for p := range pieces {
			if err != nil {
				continue // the reader may be waiting for room
			}
			napUntil(p.due)
			if _, err = to.Write(p.bytes); err != nil {
				from.Close()
			}
		}
		failed <- err
	}()
	var err error
	for buf, n := make([]byte, delayPiece), 0; err == nil; {
		if n, err = from.Read(buf); n > 0 {
			pieces <- piece{bytes.Clone(buf[:n]), time.Now().Add(delay)}
		}
	}
	close(pieces)
	return errors.Join(err, <-failed)
}
