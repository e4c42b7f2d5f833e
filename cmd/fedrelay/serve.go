package main

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// answerTime is how long requests for metrics may delay the end of the process.
const answerTime = 2 * time.Second

// serve opens the port for metrics and health, and says which one in the ports file. stop closes
// it.
func (l *life) serve() (stop func(), err error) {
	local, err := l.listen()
	if err != nil {
		return nil, err
	}
	remote, err := l.listenRemote(local)
	closeServers := func() { l.stopServing(local, remote) }
	if err == nil && l.portsFile != "" {
		err = writePorts(l.portsFile, addressOf(local), addressOf(remote))
	}
	switch {
	case err != nil:
		closeServers()
		return nil, err
	case l.portsFile == "":
		return closeServers, nil
	}
	return func() {
		closeServers()
		l.removePorts()
	}, nil
}

// listen returns nil if there is to be no server.
func (l *life) listen() (*telemetry.Server, error) {
	if l.http.Listen == "off" {
		return nil, nil
	}
	server, err := l.serveOn(l.http.Listen)
	if errors.Is(err, syscall.EADDRINUSE) && l.anyPort {
		server, err = l.serveElsewhere()
	}
	if err != nil {
		return nil, err
	}
	l.log.Info("serving metrics and health", "http", addressOf(server))
	return server, nil
}

// listenRemote returns nil if there is to be no server for other machines.
func (l *life) listenRemote(local *telemetry.Server) (*telemetry.Server, error) {
	settings := l.http.Remote
	if settings.Listen == "off" {
		return nil, nil
	}
	server, err := telemetry.ServeRemote(remoteOf(settings), l.process.Views(), l.telemetryOptions(), local)
	if err != nil {
		return nil, err
	}
	l.log.Info("serving metrics and health to other machines", "http", addressOf(server), "tls", settings.Cert != "")
	return server, nil
}

func remoteOf(settings config.Remote) telemetry.Remote {
	r := telemetry.Remote{
		Address: settings.Listen, Cert: settings.Cert, Key: settings.Key, ClientCA: settings.ClientCA,
	}
	if settings.User != "" {
		r.Login = settings.Login
	}
	return r
}

// addressOf returns an empty text for no server.
func addressOf(server *telemetry.Server) string {
	if server == nil {
		return ""
	}
	return server.Addr().String()
}

func (l *life) serveOn(address string) (*telemetry.Server, error) {
	return telemetry.Serve(address, l.process.Views(), l.telemetryOptions())
}

func (l *life) telemetryOptions() telemetry.Options {
	return telemetry.Options{
		Pprof: l.http.Pprof, ChoriaMetrics: l.http.ChoriaMetrics, CountStats: l.process.CountStatsRequest,
		Log: l.log, LogDropped: l.dropped, Sources: l.process.Sources(),
		Reload:  func() telemetry.Reload { return l.reloader.reload("POST /-/reload") },
		Reloads: l.reloader.counted,
	}
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

// stopServing stops those that are not nil.
func (l *life) stopServing(servers ...*telemetry.Server) {
	patience := answerTime
	if l.aborted.Load() {
		patience = 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, server := range servers {
		if server == nil {
			continue
		}
		if err := server.Shutdown(ctx); err != nil {
			l.log.Warn("requests for metrics were cut off", "error", err)
		}
	}
}
