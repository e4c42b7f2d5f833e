package link

// Events of a connection, as counted by LinkConfig.Events.
const (
	EventConnected        = "connected"         // connected and attached
	EventDisconnected     = "disconnected"      // an attached session died
	EventConnectFailed    = "connect_failed"    // one attempt at all servers failed, or Attach refused the session
	EventAuthError        = "auth_error"        // refused at login, or logged out while connected
	EventForgedNonce      = "forged_nonce"      // a server wanted something else signed than a nonce, which was refused
	EventTLSError         = "tls_error"         // a handshake failed
	EventClosedByServer   = "closed_by_server"  // an -ERR ended the connection
	EventStale            = "stale"             // pings were not answered
	EventLameDuck         = "lame_duck"         // the server asked us to leave
	EventMoved            = "moved"             // a planned change of server: the next one is in use
	EventLeftEarly        = "left_early"        // a planned end did not wait for everything that was under way
	EventResolveFailed    = "resolve_failed"    // no server list could be had
	EventPermissionDenied = "permission_denied" // a publish or a subscription was refused
	EventSlowConsumer     = "slow_consumer"     // nats.go dropped messages that were not consumed in time
)
