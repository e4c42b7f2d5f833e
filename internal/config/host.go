package config

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// Host holds the functions that find out the name of a host. A nil function asks the system. Tests
// set others, to stand in for other hosts.
type Host struct {
	// Name returns the kernel's name of the host.
	Name func() (string, error)
	// Addresses returns the addresses of a name, from the hosts file or DNS.
	Addresses func(ctx context.Context, name string) ([]net.IP, error)
	// Names returns the names of an address, from the hosts file or DNS.
	Names func(ctx context.Context, address string) ([]string, error)
	// Resolver returns the content of resolv.conf.
	Resolver func() ([]byte, error)
}

// hostPatience is how long the search for the host's own name may take, because a start must not
// hang on a dead DNS server.
const hostPatience = 3 * time.Second

func (h Host) orSystem() Host {
	if h.Name == nil {
		h.Name = os.Hostname
	}
	if h.Addresses == nil {
		h.Addresses = func(ctx context.Context, name string) ([]net.IP, error) {
			return net.DefaultResolver.LookupIP(ctx, "ip4", name)
		}
	}
	if h.Names == nil {
		h.Names = net.DefaultResolver.LookupAddr
	}
	if h.Resolver == nil {
		h.Resolver = func() ([]byte, error) { return readText("/etc/resolv.conf", maxFile) }
	}
	return h
}

// fullName returns the host's name as go-choria finds it (see the package comment). An error is a
// failure of DNS that may pass, and then the name is the best one known.
func (h Host) fullName(ctx context.Context) (string, error) {
	h = h.orSystem()
	name, err := h.Name()
	if err != nil || strings.Count(name, ".") > 1 {
		return name, err
	}
	found, err := h.nameInDNS(ctx, name)
	if found != "" {
		return found, nil
	}
	if domain := h.searchDomain(); domain != "" && !strings.Contains(name, ".") {
		return name + "." + domain, nil
	}
	return name, err
}

// nameInDNS returns the full name of the host in DNS, or "". It ignores a name without a dot, such
// as localhost, because that says no more than the kernel does.
func (h Host) nameInDNS(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	addresses, err := h.Addresses(ctx, name)
	i := slices.IndexFunc(addresses, func(ip net.IP) bool { return ip.To4() != nil })
	if i < 0 {
		return "", passing(err)
	}
	names, err := h.Names(ctx, addresses[i].String())
	if len(names) == 0 {
		return "", passing(err)
	}
	found := strings.TrimSuffix(names[0], ".")
	if !strings.Contains(found, ".") || strings.HasPrefix(found, "localhost.") {
		return "", nil
	}
	return found, nil
}

// passing returns err if the failure may pass. It returns nil if DNS says that there is no such
// name.
func passing(err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil
	}
	return err
}

// searchDomain returns the domain in resolv.conf, else the first of its search list.
func (h Host) searchDomain() string {
	content, err := h.Resolver()
	if err != nil {
		return "" // a host without the file has no domain there
	}
	search := ""
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) < 2:
		case words[0] == "domain":
			return strings.Trim(words[1], ".")
		case words[0] == "search" && search == "":
			search = strings.Trim(words[1], ".")
		}
	}
	return search
}

// HostDomain returns the domain of this host, or "" if it has none. It may ask DNS, and then blocks
// for hostPatience at most. An error is a failure of DNS that may pass.
func HostDomain(ctx context.Context) (string, error) {
	name, err := Host{}.fullName(ctx)
	return domainOf(name), err
}

func domainOf(name string) string {
	_, domain, _ := strings.Cut(name, ".")
	return strings.Trim(domain, ".")
}

// fullName returns the full name of this host. The first call may ask DNS, and block for
// hostPatience.
func (l *loader) fullName() string {
	if l.src.Hostname != "" {
		return l.src.Hostname
	}
	if !l.host.asked {
		l.host.asked = true
		l.host.name, l.host.err = l.src.Host.fullName(context.Background())
	}
	return l.host.name
}

func (l *loader) shortName() string {
	if l.src.Hostname != "" {
		return l.src.Hostname
	}
	name, err := l.src.Host.orSystem().Name()
	if err != nil {
		return "" // validate asks for an identity then
	}
	return name
}

// hostName holds the full name of this host, which is looked up at most once.
type hostName struct {
	asked bool
	name  string
	err   error
}
