package link

import (
	"slices"
	"strings"
)

// Needs are the rights that a side must have, as shapes of subjects. In a shape ? stands for any
// one word, and > at the end for one or more. A login is enough if it covers some subject of each
// shape.
type Needs struct {
	Subscribe, Publish []string
}

// risks returns what is wrong with rights that the relay does not need. Whoever steals such a token
// or its seed commands the fleet. A false server could, too: the key that signs a login signs
// requests as well. what names the token.
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

// lacks returns which needs a Choria broker will deny to the holder of this token, as far as the
// token tells. what names the token.
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

// coversSubject reports whether a pattern covers some subject of a shape.
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
