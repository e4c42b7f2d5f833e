package config

import "slices"

// warnSameNetwork warns that both sides may be one network, which is legal for a relay. Only the
// running program knows for certain: one name may stand for two accounts, and two names for one
// server.
func (l *loader) warnSameNetwork() {
	edge := l.meansEdge()
	if l.config.OneNetwork && !edge {
		return
	}
	sides := l.config.sides(edge)
	then := "if that is one network, and not two accounts of it, nothing keeps clients and nodes apart; " +
		"one_network: true says that it is meant"
	if edge {
		then = "if that is one network, and not two accounts of it, the edge carries nothing"
	}
	a, b, key := sides[0], sides[1], sides[1].key
	if a.Context != "" && a.Context == b.Context {
		l.warn(l.placeOf(key+".context"), key+".context", "is that of the federation side, too; "+then)
	}
	of := normalServers(a.Servers)
	for _, server := range normalServers(b.Servers) {
		if slices.Contains(of, server) {
			l.warn(l.placeOf(key+".servers"), key+".servers", server+" is on the federation side, too; "+then)
			return
		}
	}
}

// normalServers returns servers as host:port, in one spelling, so that they can be compared.
func normalServers(servers []string) []string {
	if IsCut(servers) {
		return nil
	}
	var hosts []string
	for _, text := range servers {
		if u, err := parseServer(text); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}
