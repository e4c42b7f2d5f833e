package natstrace

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fedrelay/fedrelay/internal/state"
)

// A Result is the way of a message that was not delivered.
type Result struct {
	// Servers are those that the message enters, each behind the one that it comes from. The first
	// is that of the connection.
	Servers []Server
	// Complete reports whether all servers have answered that were named by the ones before.
	Complete bool
}

// A Server is what one server has said.
type Server struct {
	Name    string
	Cluster string // of servers; may be empty
	Version string
	Hop     string // its place: "" for the first, "1" behind it, "1.2" behind that

	From     Kind   // what the message came from
	FromName string // of the connection, or of the server at its other end
	Account  string
	Error    string // why it takes the message no further; mostly a missing right
	Ends     string // where the trace ends though the message would go on: a service import
	Stream   string // that would store the message
	To       []Egress
}

// An Egress is somebody who would get the message from a server.
type Egress struct {
	Kind  Kind
	Name  string // of a client's connection, or of the next server
	Hop   string // of the next server
	Queue string // the group, if it is a member chosen from one
	Error string // why it would not get it
}

// A Kind is what is at the other end of a connection to a server. The numbers are the servers' own.
type Kind int

// The kinds that matter here.
const (
	Client  Kind = 0
	Route   Kind = 1
	Gateway Kind = 2
	Leaf    Kind = 4
)

// String returns client, route, gateway or leaf, and "server" for what is inside one.
func (k Kind) String() string {
	switch k {
	case Client:
		return "client"
	case Route:
		return "route"
	case Gateway:
		return "gateway"
	case Leaf:
		return "leaf"
	}
	return "server"
}

// A Finding says whether anybody would get the message.
type Finding string

// The findings.
const (
	Yes     Finding = "yes"
	No      Finding = "no"
	Denied  Finding = "denied" // the first server does not let this login publish it
	Unknown Finding = "unknown"
)

// Found says whether anybody subscribes to the subject, as far as the servers tell.
func (r Result) Found() Finding {
	switch {
	case len(r.Servers) == 0:
		return Unknown
	case r.Servers[0].Error != "":
		return Denied
	case slices.ContainsFunc(r.Servers, Server.delivers):
		return Yes
	case !r.Complete || slices.ContainsFunc(r.Servers, Server.hides):
		return Unknown
	}
	return No
}

// delivers reports whether somebody at s would get the message.
func (s Server) delivers() bool {
	return s.Stream != "" || slices.ContainsFunc(s.To, func(e Egress) bool { return e.ends() && e.Error == "" })
}

// hides reports whether the message would go on behind s to where nothing is known.
func (s Server) hides() bool {
	return s.Error != "" || s.Ends != "" || slices.ContainsFunc(s.To, func(e Egress) bool { return !e.ends() && e.Error != "" })
}

// ends reports whether e is no further server.
func (e Egress) ends() bool { return e.Kind != Route && e.Kind != Gateway && e.Kind != Leaf }

// Receivers are the clients that would get the message, in the order of the servers.
func (r Result) Receivers() (all []Egress) {
	for _, s := range r.Servers {
		for _, e := range s.To {
			if e.Kind == Client && e.Error == "" {
				all = append(all, e)
			}
		}
	}
	return all
}

const (
	// mostNamed is how many receivers of one server a document names.
	mostNamed = 20
	// mostNameBytes is how much of a name a document has.
	mostNameBytes = 120
)

// Hops returns the servers as they stand in documents. Names are clipped and printable there.
func (r Result) Hops() (all []state.TraceHop) {
	for _, s := range r.Servers {
		hop := state.TraceHop{
			Server: printable(s.Name), Place: printable(s.Hop), Cluster: printable(s.Cluster), From: s.From.String(), Error: printable(s.Error),
		}
		if s.Ends != "" {
			hop.Error = "the trace ends at " + printable(s.Ends)
		}
		for _, e := range s.To[:min(len(s.To), mostNamed)] {
			hop.To = append(hop.To, e.String())
		}
		if left := len(s.To) - mostNamed; left > 0 {
			hop.To = append(hop.To, "and "+strconv.Itoa(left)+" more")
		}
		all = append(all, hop)
	}
	return all
}

// String returns for example `client web1 of queue group g`.
func (e Egress) String() string {
	text := e.Kind.String() + " " + printable(e.Name)
	if e.Queue != "" {
		text += " of queue group " + printable(e.Queue)
	}
	if e.Error != "" {
		text += ": " + printable(e.Error)
	}
	return text
}

// printable returns a text that others have written, clipped, in printable ASCII. Quotes stay as
// they are: servers quote the subjects in their errors.
func printable(text string) string {
	quoted := strconv.QuoteToASCII(text[:min(len(text), mostNameBytes)])
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
