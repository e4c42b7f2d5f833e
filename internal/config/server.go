package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// parseServer parses a NATS URL. host and host:port mean nats://. The default port is that of the
// NATS client.
func parseServer(text string) (*url.URL, error) {
	if strings.Contains(text, ",") {
		return nil, errors.New("holds a comma; write each server as an element of its own, and %2C for a comma in a login")
	}
	if text == "" {
		return nil, errors.New("is empty; remove it or write nats://host:4222")
	}
	u, err := url.Parse(withScheme(text))
	if err != nil || u.Opaque != "" {
		return nil, errors.New("is not a URL; want nats://host:4222")
	}
	return u, checkServer(u)
}

func withScheme(text string) string {
	if strings.Contains(text, "://") {
		return text
	}
	return "nats://" + text
}

func schemes() []string { return []string{"nats", "tls", "ws", "wss"} }

func checkServer(u *url.URL) error {
	defaults := map[string]string{"nats": "4222", "tls": "4222", "ws": "80", "wss": "443"}
	standard, ok := defaults[u.Scheme]
	if !ok {
		return fmt.Errorf("scheme %s://%s", quoted(u.Scheme), didYouMean(u.Scheme, schemes()))
	}
	if u.Port() == "" && !strings.HasSuffix(u.Host, ":") {
		u.Host = net.JoinHostPort(u.Hostname(), standard)
	}
	return checkHost(u)
}

func checkHost(u *url.URL) error {
	switch {
	case u.Hostname() == "" || strings.ContainsAny(u.Hostname(), " \"\\<>{}"):
		return errors.New("has no host name; want nats://host:4222")
	case !isPort(u.Port(), 1):
		return errors.New("port must be 1 to 65535")
	case strings.Trim(u.Path, "/") != "" && u.Scheme != "ws" && u.Scheme != "wss":
		return errors.New("has a path; want nats://host:4222")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a query or fragment; want nats://host:4222")
	}
	u.Host = strings.ToLower(u.Host)
	return nil
}

func isPort(port string, least int) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && int(n) >= least
}

func hasUserInfo(server string) bool {
	u, err := url.Parse(withScheme(server))
	return err == nil && u.User != nil
}
