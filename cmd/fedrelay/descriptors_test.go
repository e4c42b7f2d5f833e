package main

import (
	"bufio"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// Whoever keeps connections to the metrics open does not use up what a reconnect needs.
func TestIdleHTTPConnectionsLeaveDescriptorsForReconnecting(t *testing.T) {
	u := startUnread(t, maxDescriptors+"=64")
	kept := 0
	for range 100 {
		kept += u.idle()
	}
	if kept == 0 || kept > 20 {
		t.Errorf("%d idle connections are kept", kept)
	}
	for _, server := range []interface{ Restart() error }{u.networks.Federation, u.networks.Collective} {
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	fedtest.Eventually(t, "the taps are back", func() bool { return u.federation.IsConnected() && u.collective.IsConnected() })
	fedtest.Eventually(t, "the relay carries again", func() bool {
		u.federation.Send(fedtest.FederationSubject, fedtest.Request("r1", fedtest.Node("n1")))
		return u.collective.Seen() > 0
	})
	u.stop(syscall.SIGTERM)
	if code := u.end(); code != command.Done {
		t.Errorf("exit code %d", code)
	}
}

// idle asks once on a connection that it leaves open until the end of the test, and returns how
// many are.
func (u *unread) idle() int {
	u.t.Helper()
	c, err := net.Dial("tcp", u.http)
	if err != nil {
		return 0
	}
	u.t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(fedtest.Patience)) // an error shows below
	fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
		return 0
	}
	return 1
}
