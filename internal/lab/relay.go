package lab

import (
	"iter"
	"net/url"
	"strings"

	"github.com/fedrelay/fedrelay/internal/child"
)

// startRelay runs the command, if there is one.
func (l *lab) startRelay() (err error) {
	if l.opts.HTTP, l.books, err = readerFor(l.opts.Exec, l.opts.HTTP); err != nil || l.opts.Exec == "" {
		return err
	}
	l.opts.Exec, l.relay, err = l.start(l.opts.Exec, child.Places{Fed: l.relayFed(), HTTP: l.opts.HTTP})
	return err
}

// startEdge runs the command of an edge, if there is one.
func (l *lab) startEdge() error {
	address, edges, err := readerFor(l.opts.Edge, "")
	if err != nil || l.opts.Edge == "" {
		return err
	}
	l.edges = edges
	l.opts.Edge, l.edge, err = l.start(l.opts.Edge, child.Places{Fed: hostPort(l.clients), Line: l.fromFar(), HTTP: address})
	return err
}

// relayFed is where the relay finds the federation: over the line, unless the edge is far.
func (l *lab) relayFed() string {
	if l.opts.Edge != "" {
		return hostPort(l.opts.Fed)
	}
	return l.fromFar()
}

// fromFar is where somebody who is far finds the federation's server, host:port.
func (l *lab) fromFar() string {
	if l.line != nil {
		return l.line.Address()
	}
	return hostPort(l.opts.Fed)
}

// readerFor returns the address of the metrics of what a command starts, and their reader. It
// chooses one if the command asks for it; without any there is no reader.
func readerFor(command, address string) (string, *reader, error) {
	if strings.Contains(command, "{http}") && address == "" {
		var err error
		if address, err = child.FreeAddress(); err != nil {
			return "", nil, err
		}
	}
	if address == "" {
		return "", nil, nil
	}
	return address, newReader(address), nil
}

// start runs a command in the shell, with its places filled in. It returns the command that runs.
func (l *lab) start(command string, p child.Places) (string, *child.Process, error) {
	p.Col, p.Cluster = hostPort(l.opts.Col), l.opts.Load.Cluster
	command = p.Fill(command)
	process, err := child.Start([]string{"/bin/sh", "-c", "exec " + command}, nil)
	return command, process, err
}

// relayEnded returns an error if the relay or the edge was started here and has ended. when says
// what was done meanwhile.
func (l *lab) relayEnded(when string) error {
	for name, p := range l.processes() {
		if err, ended := p.Ended(); ended {
			return cannotReach("the %s ended %s: %w", name, when, err)
		}
	}
	return nil
}

// processes are those that were started here, by what they are. The relay comes first, because the
// edge carries what it sends at its end.
func (l *lab) processes() iter.Seq2[string, *child.Process] {
	return func(yield func(string, *child.Process) bool) {
		if l.relay != nil && !yield("relay", l.relay) {
			return
		}
		if l.edge != nil {
			yield("edge", l.edge)
		}
	}
}

// hostPort removes scheme and credentials.
func hostPort(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
