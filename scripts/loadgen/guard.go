package main

import (
	"context"
	"errors"
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
	for _, list := range addresses {
		hosts, err := hostsOf(list)
		if err != nil {
			return command.UsageError(cmd, err.Error())
		}
		if cmd.Bool("yes-really") {
			continue
		}
		for _, host := range hosts {
			if !isLoopback(host) {
				return command.UsageError(cmd, fmt.Sprintf("%s is not on this machine; if load is what that network needs, add --yes-really", host))
			}
		}
	}
	return nil
}

// hostsOf returns the hosts of a list of addresses, which may be URLs. Its errors never repeat the
// text, because there may be a password in it, and a comma in that.
func hostsOf(list string) (hosts []string, err error) {
	for i, address := range strings.Split(list, ",") {
		if address = strings.TrimSpace(address); address == "" {
			continue
		}
		whole := strings.Contains(address, "://")
		if !whole {
			address = "nats://" + address
		}
		u, err := url.Parse(address)
		if err != nil || i > 0 && u.User != nil && !whole {
			return nil, errors.New("an address is no URL; want nats://host:4222, and in a login %2C for a comma")
		}
		hosts = append(hosts, u.Hostname())
	}
	return hosts, nil
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
