package link

import (
	"slices"
	"strings"
)

// Needs are the rights that a side has to have, as shapes of subjects: ? stands for any one word, >
// at the end for any more. A login that covers some subject of each shape may be enough.
type Needs struct {
	Subscribe, Publish []string
}

// risks are rights with which a thief of the token or of its seed commands the fleet. The key that
// signs a login signs requests, too, so a server that is not what it seems is such a thief.
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

// lacks are needs that a Choria broker will refuse with this token, as far as the token tells.
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

// coversSubject reports whether a pattern allows some subject of the shape.
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
