package telemetry

import "time"

// A scrape is what /metrics shows, read once.
type scrape struct {
	relays     []relayScrape // one for each view
	rejected   [numRejections]int64
	logDropped int64
	reloads    Reloads
	choria     bool      // the metrics of the original broker are wanted, too
	certEnds   time.Time // of the server for other machines; zero without TLS
}

// A relayScrape is a view, read once. It has one entry for each of PathNames, and one for each of
// the sides that the relay has, in this order.
type relayScrape struct {
	info  Info
	paths [len(PathNames)]Path
	sides [2]Side
	ready bool
}

func (server *Server) scrape() *scrape {
	s := &scrape{
		rejected: server.rejected.read(), logDropped: server.options.LogDropped(), choria: server.options.ChoriaMetrics,
	}
	if server.options.Reloads != nil {
		s.reloads = server.options.Reloads()
	}
	if files := server.certificates.Load(); files != nil {
		s.certEnds = files.end()
	}
	for _, v := range server.views {
		s.relays = append(s.relays, readView(v))
	}
	return s
}

func readView(v View) (s relayScrape) {
	s.info = v.Info()
	s.ready, _ = v.Ready()
	for i, name := range PathNames {
		s.paths[i].Name = name
	}
	for _, p := range v.Paths() {
		for i := range s.paths {
			if s.paths[i].Name == p.Name {
				s.paths[i] = p
			}
		}
	}
	for i, name := range s.info.sideNames() {
		s.sides[i].Name = name
	}
	for _, side := range v.Sides() {
		for i := range s.sides {
			if s.sides[i].Name == side.Name {
				s.sides[i] = side
			}
		}
	}
	return s
}

// sideNames returns the sides that a relay or an edge has.
func (i Info) sideNames() [2]string {
	if i.Edge {
		return [2]string{SideNames[0], SideNames[2]}
	}
	return [2]string{SideNames[0], SideNames[1]}
}
