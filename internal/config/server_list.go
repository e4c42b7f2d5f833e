package config

import (
	"slices"
	"strings"
)

// CutLogin says what is wrong with a list of servers for which IsCut is true.
const CutLogin = "may be one login that was cut at its commas; write %2C for a comma in a user, password " +
	"or token, and begin each server with its scheme, as in nats://a:4222,nats://b:4222"

// IsCut reports whether a list of servers may be one address that was cut at commas in its login.
// Then each element may be a part of a password: none may be shown, or be asked for in DNS.
func IsCut(servers []string) bool {
	whole := true // whether all before are servers, with logins and without schemes
	for i, text := range servers {
		tail := strings.Contains(text, "@") && !beginsServer(text)
		if i > 0 && tail && !whole {
			return true
		}
		whole = whole && tail
	}
	return false
}

// beginsServer reports whether text cannot be the rest of an address.
func beginsServer(text string) bool {
	scheme, _, ok := strings.Cut(strings.TrimSpace(text), "://")
	return ok && slices.Contains(schemes(), strings.ToLower(scheme))
}

// maskServers returns a list of servers as it may be shown.
func maskServers(servers []string) []string {
	shown := make([]string, len(servers))
	for i := range servers {
		shown[i] = maskElement(servers, i)
	}
	return shown
}

// maskElement returns the element i of a list of servers as it may be shown. What is no address may
// be the beginning of a login.
func maskElement(servers []string, i int) string {
	_, err := parseServer(servers[i])
	if IsCut(servers) || err != nil && strings.Contains(strings.Join(servers[i+1:], ""), "@") {
		return hidden
	}
	return maskServer(servers[i])
}

// maskServer hides the login in a text that should be the address of one server.
func maskServer(text string) string {
	end := strings.LastIndexByte(text, '@')
	if end < 0 {
		return text
	}
	scheme, _, ok := strings.Cut(text[:end], "://")
	if !ok || strings.ContainsAny(scheme, ":, ") {
		return hidden + text[end:]
	}
	return scheme + "://" + hidden + text[end:]
}

// hidden stands for what may be a secret in messages.
const hidden = "(hidden)"
