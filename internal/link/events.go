package link

// Events of a connection, as counted by Config.Events.
const (
	EventConnected        = "connected"         // connected and attached
	EventDisconnected     = "disconnected"      // an attached session died
	EventConnectFailed    = "connect_failed"    // all servers failed once, or Attach did
	EventAuthError        = "auth_error"        // no login, or logged out while connected
	EventForgedNonce      = "forged_nonce"      // something else than a nonce was to be signed
	EventTLSError         = "tls_error"         // a handshake failed
	EventClosedByServer   = "closed_by_server"  // an -ERR ended the connection
	EventStale            = "stale"             // PINGs were not answered
	EventLameDuck         = "lame_duck"         // the server asked us to leave
	EventMoved            = "moved"             // a planned change: the next server is in use
	EventLeftEarly        = "left_early"        // a planned end before all was done
	EventResolveFailed    = "resolve_failed"    // no server list could be had
	EventPermissionDenied = "permission_denied" // a publish or a subscription was denied
	EventSlowConsumer     = "slow_consumer"     // nats.go dropped messages that waited too long
)
