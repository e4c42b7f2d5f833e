package telemetry

// A scrape is a view, read once. It has one entry for each of PathNames and of SideNames, in this
// order.
type scrape struct {
	info     Info
	paths    [len(PathNames)]Path
	sides    [len(SideNames)]Side
	ready    bool
	rejected [numRejections]int64

	logDropped int64
}

func (server *Server) scrape() *scrape {
	v := server.view
	s := &scrape{info: v.Info(), rejected: server.rejected.read(), logDropped: server.options.LogDropped()}
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
	for i, name := range SideNames {
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
