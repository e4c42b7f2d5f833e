package link

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// warnBefore is how long before the end of a credential Inspect warns of it.
const warnBefore = 30 * 24 * time.Hour

// An Inspection says what is right and wrong with the files of a side at one moment.
type Inspection struct {
	// Mistakes let no connect succeed.
	Mistakes []Finding
	// Warnings are about credentials that end soon, and about rights that are missing or needless.
	Warnings []Finding
	// Ending are the credentials that end at some time.
	Ending []Credential
	// keys are the credentials that a login signs with.
	keys []Credential
}

// HasFiles reports whether the configuration names any file or context to inspect.
func (e *Endpoint) HasFiles() bool {
	s := e.cfg
	return s.Context+s.Creds+s.NKey+s.Choria.Token+s.TLS.CA+s.TLS.Cert != "" ||
		strings.Contains(s.User+s.Password+s.Token, "${file:")
}

// Inspect reads all files by the code with which a connect reads them, and judges what they hold.
// It connects to nothing, and blocks only for files.
func (e *Endpoint) Inspect(now time.Time, needs Needs) Inspection {
	s, _ := e.read("") // its mistakes are in s
	found := Inspection{Mistakes: s.mistakes}
	for _, c := range s.credentials {
		if c.public != "" {
			found.keys = append(found.keys, c)
		}
		if !c.Ends.IsZero() && c.Kind != "" {
			found.Ending = append(found.Ending, c)
			found.judgeEnd(c, now)
		}
		found.judgeBegin(c, now)
		if c.claims != nil {
			found.warn(c.Key, c.claims.risks(c.What)...)
			found.warn(c.Key, c.claims.lacks(c.What, needs)...)
		}
	}
	s.judgeAuthorities(&found, e.side+".tls.ca", now)
	s.judgeUses(&found, e.side, now)
	return found
}

// judgeBegin adds a mistake if c has not begun.
func (found *Inspection) judgeBegin(c Credential, now time.Time) {
	if now.Before(c.Begins) && c.Kind != KindAuthority {
		text := fmt.Sprintf("%s begins only at %s; is the clock of this host wrong, or that of who made it?", c.What, c.Begins.UTC().Format("2006-01-02 15:04 UTC"))
		found.Mistakes = append(found.Mistakes, Finding{Key: c.Key, Text: text})
	}
}

// judgeUses adds warnings about certificates that are made for another use. That those have ended
// is enough to know.
func (s *settings) judgeUses(found *Inspection, side string, now time.Time) {
	for _, a := range s.authorities {
		if !a.IsCA && now.Before(a.NotAfter) && len(s.authorities) <= manyAuthorities {
			found.warn(side+".tls.ca", fmt.Sprintf("%s: %s is no authority (not a CA certificate), so it verifies only a server with this very certificate; give that of who issued the servers' certificates",
				s.authorityFile, subjectOf(a)))
		}
	}
	for _, pair := range s.security.Config.Certificates {
		if leaf := pair.Leaf; leaf != nil && !forClients(leaf) {
			found.warn(side+".tls.cert", "the certificate of "+subjectOf(leaf)+" is not made for clients (extended key usage); a server that verifies clients refuses it, get one with clientAuth")
		}
	}
}

// forClients reports whether a client may use a certificate.
func forClients(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 || slices.ContainsFunc(c.ExtKeyUsage, func(u x509.ExtKeyUsage) bool {
		return u == x509.ExtKeyUsageClientAuth || u == x509.ExtKeyUsageAny
	})
}

// warn adds a warning about the setting key for each of texts.
func (found *Inspection) warn(key string, texts ...string) {
	for _, text := range texts {
		found.Warnings = append(found.Warnings, Finding{Key: key, Text: text})
	}
}

// judgeEnd adds a mistake if c has ended, and a warning if it ends soon.
func (found *Inspection) judgeEnd(c Credential, now time.Time) {
	switch left := c.Ends.Sub(now); {
	case c.ended(now) && c.Kind == KindAuthority:
		return // others may be left: see judgeAuthorities
	case c.ended(now):
		text := fmt.Sprintf("%s ended on %s; no server lets it in, get a new one", c.What, day(c.Ends))
		found.Mistakes = append(found.Mistakes, Finding{Key: c.Key, Text: text})
	case left < warnBefore:
		found.warn(c.Key, fmt.Sprintf("%s ends on %s, in %s; renew it before, the file is read again at each connect", c.What, endText(c.Ends, left), lasting(left)))
	}
}

// endText is the day of an end, and its time where that is near.
func endText(end time.Time, left time.Duration) string {
	if left < 48*time.Hour {
		return end.UTC().Format("2006-01-02 15:04 UTC")
	}
	return day(end)
}

// lasting says how much time is left, so roughly that its text stays the same for a while.
func lasting(left time.Duration) string {
	switch {
	case left < time.Hour:
		return "less than an hour"
	case left < 48*time.Hour:
		return fmt.Sprintf("less than %d hours", int(left/time.Hour)+1)
	}
	return fmt.Sprintf("%d days", int(left/(24*time.Hour)))
}

// judgeAuthorities adds a mistake to found if all authorities have ended, because then no server
// can be verified. If only some have, it adds a warning for each.
func (s *settings) judgeAuthorities(found *Inspection, key string, now time.Time) {
	if len(s.authorities) == 0 {
		return
	}
	latest := s.authorities[0].NotAfter
	for _, a := range s.authorities {
		if a.NotAfter.After(latest) {
			latest = a.NotAfter
		}
	}
	if now.After(latest) {
		text := fmt.Sprintf("%s: the last of its authorities ended on %s, so no server can be verified; get a new one", s.authorityFile, day(latest))
		found.Mistakes = append(found.Mistakes, Finding{Key: key, Text: text})
		return
	}
	for _, c := range s.credentials {
		if c.Kind == KindAuthority && c.ended(now) {
			found.warn(c.Key, fmt.Sprintf("%s ended on %s; servers whose certificates it issued are refused", c.What, day(c.Ends)))
		}
	}
}

// SharedKeys finds keys with which more than one side logs in. A server of one side could use a
// signature that it has got for a login on the other side.
func SharedKeys(sides ...Inspection) (found []Finding) {
	users := map[string]string{}
	for _, side := range sides {
		for _, c := range side.keys {
			public := strings.ToLower(c.public)
			if first, ok := users[public]; ok {
				text := "is for the same key as " + first + ": what a server of one side has signed at a login is good on the other; give each side a key of its own"
				found = append(found, Finding{Key: c.Key, Text: text})
				continue
			}
			users[public] = c.Key
		}
	}
	return found
}

// Needs are the rights that a side must have, as shapes of subjects. In a shape ? stands for any
// one word, and > at the end for one or more. A login is enough if it covers some subject of each
// shape.
type Needs struct {
	Subscribe, Publish []string
}

// day is the date of t, in UTC.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
