package wan

import "slices"

// A Contestant is a way to span the distance.
type Contestant struct {
	Name        string
	compression string // of the connection between leaf node and hub; empty: there are none
	edge        bool
	library     bool // the client uses package client, over the line itself
}

// Contestants are all there are. The first one is what the others are compared with.
func Contestants() []Contestant {
	return []Contestant{
		{Name: plainJSON},
		{Name: "leaf-s2_fast", compression: "s2_fast"},
		{Name: bestLeaf, compression: "s2_best"},
		{Name: edged, edge: true},
		{Name: "client", library: true},
	}
}

// Those that the goals name.
const (
	plainJSON = "json"
	bestLeaf  = "leaf-s2_best"
	edged     = "edge"
)

// relayDials reports whether it is the far end that connects over the line.
func (c Contestant) relayDials() bool { return c.Name == plainJSON }

// A Setup says with what to measure.
type Setup struct {
	Server []string // command that runs Serve, without its argument
	Relay  string   // path of the program
	Nodes  int      // how many there are, and answer
	Cells  []Cell
	Rounds int
	Only   func(contestant string) bool // who takes part; nil: all
	Quick  bool                         // each thing once
}

func (s *Setup) contestants() []Contestant {
	return slices.DeleteFunc(Contestants(), func(c Contestant) bool { return !s.Only(c.Name) })
}
