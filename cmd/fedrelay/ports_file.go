package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// ports is what a ports file holds.
type ports struct {
	HTTP   string `json:"http"`                  // host:port, empty if off
	Remote string `json:"http_remote,omitempty"` // the same of http.remote
	PID    int    `json:"pid"`
}

// writePorts renames a complete file into place: whoever waits for it never reads half of one.
func writePorts(path, local, remote string) error {
	content, err := json.Marshal(ports{HTTP: local, Remote: remote, PID: os.Getpid()})
	if err != nil {
		return err
	}
	draft := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(draft, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("ports file: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		os.Remove(draft)
		return fmt.Errorf("ports file: %w", err)
	}
	return nil
}

func (l *life) removePorts() {
	if err := os.Remove(l.portsFile); err != nil {
		l.log.Warn("cannot remove the ports file", "error", err)
	}
}
