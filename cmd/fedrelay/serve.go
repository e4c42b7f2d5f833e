package main

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// answerTime is how long requests for metrics may delay the end of the process.
const answerTime = 2 * time.Second

// serve opens the port for metrics and health, and says which one in the ports file. stop closes
// it.
func (l *life) serve() (stop func(), err error) {
	closeServer, address, err := l.listen()
	if err != nil || l.portsFile == "" {
		return closeServer, err
	}
	if err := writePorts(l.portsFile, address); err != nil {
		closeServer()
		return nil, err
	}
	return func() {
		closeServer()
		l.removePorts()
	}, nil
}

// listen returns an empty address if there is to be no server.
func (l *life) listen() (stop func(), address string, err error) {
	if l.http.Listen == "off" {
		return func() {}, "", nil
	}
	server, err := l.serveOn(l.http.Listen)
	if errors.Is(err, syscall.EADDRINUSE) && l.anyPort {
		server, err = l.serveElsewhere()
	}
	if err != nil {
		return nil, "", err
	}
	address = server.Addr().String()
	l.log.Info("serving metrics and health", "http", address)
	return func() { l.stopServing(server) }, address, nil
}

func (l *life) serveOn(address string) (*telemetry.Server, error) {
	return telemetry.Serve(address, l.process.Views(), telemetry.Options{
		Pprof: l.http.Pprof, CountStats: l.process.CountStatsRequest, Log: l.log, LogDropped: l.dropped,
		Sources: l.process.Sources(),
	})
}

// serveElsewhere takes a free port. It is for a relay that runs beside the broker whose
// configuration it reads: that one holds the port.
func (l *life) serveElsewhere() (*telemetry.Server, error) {
	host, port, err := net.SplitHostPort(l.http.Listen)
	if err != nil {
		return nil, err
	}
	server, err := l.serveOn(net.JoinHostPort(host, "0"))
	if err == nil {
		l.log.Warn("plugin.choria.stats_port "+port+" is in use, by the original broker if that still runs; "+
			"taking another port (--http chooses one)", "http", server.Addr().String())
	}
	return server, err
}

func (l *life) stopServing(server *telemetry.Server) {
	patience := answerTime
	if l.aborted.Load() {
		patience = 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		l.log.Warn("requests for metrics were cut off", "error", err)
	}
}
