package service

import (
	"context"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
)

// Connect connects an operator to a side, the federation as a rule. name is the name of the
// connection. The caller must Close the session, whose Conn is for Ask. It blocks until connected,
// until all servers have failed once, or until ctx ends.
func Connect(ctx context.Context, side config.Side, name string) (*link.Session, error) {
	endpoint, err := link.NewEndpoint(link.Federation, side)
	if err != nil {
		return nil, err
	}
	return link.Single(ctx, endpoint, name)
}
