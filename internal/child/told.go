package child

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// StartTold is Start for a process that says on its standard output, as JSON and before all else,
// what we must know of it: that is decoded into told. It waits for that, until ctx ends.
func StartTold(ctx context.Context, command []string, told any) (*Process, error) {
	read, write := io.Pipe()
	p, err := Start(command, write)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, p.Kill)()
	go func() {
		<-p.Done()
		write.Close()
	}()
	if err := json.NewDecoder(read).Decode(told); err != nil {
		p.Kill()
		end, _ := p.Ended()
		return nil, fmt.Errorf("ended without a word: %w", end)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return p, nil
}
