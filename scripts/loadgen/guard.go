package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
)

// onlyHere returns an error for addresses that are not on this machine, unless there is
// --yes-really: load is an attack on a network that others use. Empty addresses are fine.
func onlyHere(cmd *cli.Command, addresses ...string) error {
	if cmd.Bool("yes-really") {
		return nil
	}
	for _, list := range addresses {
		for address := range strings.SplitSeq(list, ",") {
			if address = strings.TrimSpace(address); address != "" && !isLoopback(host(address)) {
				return command.UsageError(cmd, fmt.Sprintf("%s is not on this machine; if load is what that network needs, add --yes-really", host(address)))
			}
		}
	}
	return nil
}

// host returns the host of an address, which may be a URL.
func host(address string) string {
	if !strings.Contains(address, "://") {
		address = "nats://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

func isLoopback(host string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false
	}
	for _, ip := range ips {
		if !ip.IP.IsLoopback() {
			return false
		}
	}
	return len(ips) > 0
}
