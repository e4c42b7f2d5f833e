package link

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// choriaClaims are the claims of a Choria token that matter to its holder. Nobody here checks the
// signature; the server does.
type choriaClaims struct {
	Purpose     string          `json:"purpose"`
	Caller      string          `json:"callerid"`
	Identity    string          `json:"identity"`
	PublicKey   string          `json:"public_key"`
	Expires     *float64        `json:"exp"`
	Begins      *float64        `json:"nbf"`
	Permissions map[string]bool `json:"permissions"`
	Publish     []string        `json:"pub_subjects"`
	Subscribe   []string        `json:"sub_subjects"`
}

// parseChoriaToken reads the claims of a JWT. It returns false if token is not a JWT.
func parseChoriaToken(token string) (*choriaClaims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, false
	}
	var claims choriaClaims
	if json.Unmarshal(body, &claims) != nil {
		return nil, false
	}
	return &claims, true
}

// holder is whom the token is for, in messages.
func (c *choriaClaims) holder() string {
	switch {
	case c.Caller != "":
		return "caller " + c.Caller
	case c.Identity != "":
		return "server " + c.Identity
	}
	return "nobody in particular"
}

// ends returns when the token ends, as Choria reads it. Without exp a token never ends, which is
// the zero time. An exp of 0 is a time like others.
func (c *choriaClaims) ends() time.Time { return claimTime(c.Expires) }

func claimTime(seconds *float64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(int64(min(max(*seconds, 0), math.MaxInt32*100)), 0)
}

// risks warns of rights that the relay does not need. Whoever steals such a token or its seed
// commands the fleet. A false server could do the same, because the key that signs a login signs
// requests as well. what names the token in the texts.
func (c *choriaClaims) risks(what string) (found []string) {
	var set []string
	for _, right := range []string{"org_admin", "fleet_management", "signed_fleet_management", "authentication_delegator"} {
		if c.Permissions[right] {
			set = append(set, right)
		}
	}
	if len(set) > 0 {
		found = append(found, what+" grants "+strings.Join(set, ", ")+": who steals it or its seed commands the fleet, and its key "+
			"signs logins and requests alike; a relay needs none of these, make a token with --no-fleet-management")
	}
	if c.Purpose == "choria_server" {
		found = append(found, what+" is a server token, with which a Choria broker lets nobody subscribe here; make one with choria jwt client")
	}
	return found
}

// lacks says which of needs a Choria broker will deny to the holder of this token, as far as the
// token shows. what names the token in the texts.
func (c *choriaClaims) lacks(what string, needs Needs) (found []string) {
	if c.Permissions["org_admin"] || c.Purpose == "choria_server" {
		return nil
	}
	publish, subscribe := slices.Clone(c.Publish), c.Subscribe
	if c.Permissions["fleet_management"] || c.Permissions["signed_fleet_management"] {
		publish = append(publish, "*.broadcast.agent.>", "*.broadcast.service.>", "*.node.>", "choria.federation.*.federation")
	}
	missing := func(patterns, subjects []string, flag, verb string) {
		for _, s := range subjects {
			if !slices.ContainsFunc(patterns, func(p string) bool { return coversSubject(p, s) }) {
				subject := strings.ReplaceAll(s, "?", "*")
				found = append(found, what+" does not let the relay "+verb+" "+subject+" on a Choria broker; make it with "+flag+" '"+subject+"'")
			}
		}
	}
	missing(subscribe, needs.Subscribe, "--subscribe", "subscribe to")
	missing(publish, needs.Publish, "--publish", "publish on")
	return found
}

// coversSubject reports whether a pattern covers some subject of a shape (see Needs).
func coversSubject(pattern, shape string) bool {
	p, s := strings.Split(pattern, "."), strings.Split(shape, ".")
	open := s[len(s)-1] == ">"
	for i, token := range p {
		switch {
		case token == ">":
			return open || i < len(s)
		case open && i >= len(s)-1:
			continue
		case i >= len(s), token != "*" && s[i] != "?" && token != s[i]:
			return false
		}
	}
	return len(p) == len(s) || open && len(p) > len(s)
}
