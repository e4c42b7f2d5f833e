package embedded

import (
	"net/url"
	"strconv"
)

// Stop cuts every client off and waits until the server is really down: no listener, no goroutines.
// Twice is harmless.
func (s *Server) Stop() {
	s.mu.Lock()
	srv, ldm := s.srv, s.ldm
	s.srv, s.ldm = nil, nil
	s.mu.Unlock()
	if srv == nil {
		return
	}
	srv.Shutdown()
	srv.WaitForShutdown()
	if ldm != nil {
		<-ldm
	}
}

// Restart stops the server, if it runs, and starts it again on the same port with nothing
// remembered.
func (s *Server) Restart() error {
	s.Stop()
	return s.start(s.port())
}

func (s *Server) port() int {
	u, err := url.Parse(s.ClientURL())
	if err != nil {
		return s.opts.Port
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || s.opts.DontListen {
		return s.opts.Port
	}
	return port
}

// LameDuck tells the clients that this server is about to go, accepts no new ones, and cuts the old
// ones off over the server's lame duck duration: two minutes, unless Tune says otherwise. It
// returns at once. Then the server is down, or Stop ends it. Without a listener it does nothing, as
// a real server.
func (s *Server) LameDuck() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.srv == nil || s.ldm != nil {
		return
	}
	srv, done := s.srv, make(chan struct{})
	s.ldm = done
	go func() {
		defer close(done)
		srv.LameDuckShutdown()
	}()
}
