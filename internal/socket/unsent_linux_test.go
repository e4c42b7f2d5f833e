package socket

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// What the kernel has taken and not sent goes ahead of everything that is written later.
func TestTheKernelTakesLittleThatItCannotSend(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	chunk := make([]byte, WriteSize)
	for err == nil { // the other end does not read
		if err = c.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err == nil {
			_, err = c.Write(chunk)
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	if n, known := kernelQueue(c); !known || n == 0 || n > 3*maxUnsent/2 {
		t.Errorf("%d bytes wait in the kernel", n)
	}
}
