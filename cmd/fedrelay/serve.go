package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fedrelay/fedrelay/internal/telemetry"
)

// answerTime is how long requests for metrics may delay the end of the process.
const answerTime = 2 * time.Second

// serve opens the operating surface, unless it is off, and says where it is.
func (l *life) serve() (stop func(), err error) {
	address := ""
	stop = func() {}
	if l.http.Listen != "off" {
		server, err := telemetry.Serve(l.http.Listen, l.relay, telemetry.Options{Pprof: l.http.Pprof, Log: l.log})
		if err != nil {
			return nil, err
		}
		address = server.Addr().String()
		l.log.Info("serving metrics and health", "http", address)
		stop = func() { l.stopServing(server) }
	}
	if l.portsFile == "" {
		return stop, nil
	}
	if err := writePorts(l.portsFile, address); err != nil {
		stop()
		return nil, err
	}
	return func() { stop(); l.removePorts() }, nil
}

func (l *life) stopServing(server *telemetry.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		l.log.Warn("requests for metrics were cut off", "error", err)
	}
}

// ports is what a ports file holds.
type ports struct {
	HTTP string `json:"http"` // host:port, empty if off
	PID  int    `json:"pid"`
}

// writePorts renames a complete file into place: whoever waits for it never reads half of one.
func writePorts(path, address string) error {
	content, err := json.Marshal(ports{HTTP: address, PID: os.Getpid()})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".ports-")
	if err != nil {
		return fmt.Errorf("ports file: %w", err)
	}
	_, err = f.Write(append(content, '\n'))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("ports file: %w", err)
	}
	return nil
}

func (l *life) removePorts() {
	if err := os.Remove(l.portsFile); err != nil {
		l.log.Warn("cannot remove the ports file", "error", err)
	}
}
