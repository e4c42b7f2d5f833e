package link

import (
	"bytes"
	"crypto/tls"
	"slices"
	"time"

	"github.com/fedrelay/fedrelay/internal/lock"
)

// sessionsKept is how many servers of a side may have a TLS session kept.
const sessionsKept = 64

// tlsSessions are the TLS sessions of one side. A reconnect that resumes one costs both ends about
// a third of a whole handshake.
//
// A resumed session shows the server the client certificate of the handshake that began it. So
// sessions are used only with the settings that they were made with, and never after the end of the
// client certificate. crypto/tls itself checks the server's certificates again.
type tlsSessions struct {
	// Guarded by mu.
	mu    lock.Mutex[tlsSessions]
	made  *tls.Config // the settings that the sessions were made with; nil before the first
	cache tls.ClientSessionCache
}

// use gives config the sessions that were made with the same settings, or forgets them all. config
// is read-only afterwards.
func (s *tlsSessions) use(config *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || !sameSecurity(s.made, config) {
		s.cache = tls.NewLRUClientSessionCache(sessionsKept)
	}
	config.ClientSessionCache = s.cache
	if ends, known := certificatesEnd(config.Certificates); known {
		config.ClientSessionCache = limitedSessions{s.cache, ends}
	}
	s.made = config
}

// sameSecurity reports whether two configurations trust the same servers, show the same
// certificates and allow the same ciphers.
func sameSecurity(a, b *tls.Config) bool {
	return a.RootCAs.Equal(b.RootCAs) && slices.EqualFunc(a.Certificates, b.Certificates, sameCertificate) &&
		a.ServerName == b.ServerName && a.InsecureSkipVerify == b.InsecureSkipVerify &&
		a.MinVersion == b.MinVersion && a.MaxVersion == b.MaxVersion &&
		slices.Equal(a.CipherSuites, b.CipherSuites) && slices.Equal(a.CurvePreferences, b.CurvePreferences)
}

func sameCertificate(a, b tls.Certificate) bool {
	return slices.EqualFunc(a.Certificate, b.Certificate, bytes.Equal)
}

// certificatesEnd returns when the first of the certificates ends. known is false without any. One
// that cannot be read has ended.
func certificatesEnd(all []tls.Certificate) (ends time.Time, known bool) {
	for i, c := range all {
		if c.Leaf == nil {
			return time.Time{}, true
		}
		if i == 0 || c.Leaf.NotAfter.Before(ends) {
			ends = c.Leaf.NotAfter
		}
	}
	return ends, len(all) > 0
}

// limitedSessions has no sessions from a point in time on.
type limitedSessions struct {
	tls.ClientSessionCache
	ends time.Time
}

// Get implements tls.ClientSessionCache.
func (l limitedSessions) Get(key string) (*tls.ClientSessionState, bool) {
	if !time.Now().Before(l.ends) {
		return nil, false
	}
	return l.ClientSessionCache.Get(key)
}
