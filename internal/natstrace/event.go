package natstrace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// event is what a server sends about a message.
type event struct {
	Server struct {
		Name    string `json:"name"`
		Cluster string `json:"cluster"`
		Version string `json:"ver"`
	} `json:"server"`
	Request struct {
		Header map[string][]string `json:"header"`
	} `json:"request"`
	Hops   int    `json:"hops"` // how many further servers will answer
	Events []step `json:"events"`
}

// step is something that a server has done, or would do.
type step struct {
	Type    string `json:"type"` // in, eg, si, js and others
	Kind    Kind   `json:"kind"`
	Name    string `json:"name"`
	Account string `json:"acc"`
	Error   string `json:"error"`
	Hop     string `json:"hop"`
	Queue   string `json:"queue"`
	To      string `json:"to"`
	Stream  string `json:"stream"`
}

// decode reads the event of a server. next are the places of the servers that will answer, too.
func decode(data []byte) (s Server, next []string, err error) {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return s, nil, fmt.Errorf("natstrace: an event that cannot be read: %w", err)
	}
	s = Server{Name: e.Server.Name, Cluster: e.Server.Cluster, Version: e.Server.Version}
	if hops := e.Request.Header["Nats-Trace-Hop"]; len(hops) > 0 {
		s.Hop = hops[0]
	}
	for _, step := range e.Events {
		s.enter(step)
	}
	for n := 1; n <= min(e.Hops, mostServers); n++ {
		next = append(next, strings.TrimPrefix(s.Hop+"."+strconv.Itoa(n), "."))
	}
	return s, next, nil
}

// enter adds a step to s.
func (s *Server) enter(step step) {
	switch step.Type {
	case "in":
		s.From, s.FromName, s.Account, s.Error = step.Kind, step.Name, step.Account, step.Error
	case "eg":
		s.To = append(s.To, Egress{Kind: step.Kind, Name: step.Name, Hop: step.Hop, Queue: step.Queue, Error: step.Error})
		s.Ends = "" // it goes on behind the import
	case "si":
		s.Ends = "service import " + step.To + " of account " + step.Account
	case "js":
		s.Stream = step.Stream
	}
}

// A tally is what servers have answered to one attempt. They may do so in any order.
type tally struct {
	servers []Server
	places  map[string]bool // known; the value says whether that server has answered
	open    int             // known places whose server has not
}

// add takes an event.
func (t *tally) add(data []byte) error {
	s, next, err := decode(data)
	if err != nil {
		return err
	}
	if t.places == nil {
		t.places = map[string]bool{}
	}
	if t.places[s.Hop] {
		return nil // said twice
	}
	if _, known := t.places[s.Hop]; known {
		t.open--
	}
	t.places[s.Hop] = true
	t.servers = append(t.servers, s)
	for _, hop := range next {
		t.expect(hop)
	}
	return nil
}

// expect notes that the server at that place will answer.
func (t *tally) expect(hop string) {
	if _, known := t.places[hop]; !known && len(t.places) < mostServers {
		t.places[hop] = false
		t.open++
	}
}

// complete reports whether the first server and all that were named have answered.
func (t *tally) complete() bool { return t.places[""] && t.open == 0 }

// arranged returns servers in the order of their places.
func arranged(all []Server) []Server {
	slices.SortFunc(all, func(a, b Server) int { return slices.Compare(place(a.Hop), place(b.Hop)) })
	return all
}

// place is a hop as numbers: "1.2" is 1 and 2.
func place(hop string) (numbers []int) {
	for part := range strings.SplitSeq(hop, ".") {
		n, _ := strconv.Atoi(part) // "" is the first place
		numbers = append(numbers, n)
	}
	return numbers
}
