//go:build !linux || norawio

package rawio

import "net"

// A half does not exist here.
type half struct{}

func halves(net.Conn) (in, out *half) { return nil, nil }

func (*half) read([]byte) (int, error) { return 0, nil }

func (*half) write([]byte) (int, error) { return 0, nil }

func (*half) writev(*net.Buffers) (int, error) { return 0, nil }
