package trace

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/fedrelay/fedrelay/internal/state"
)

// WriteText draws a trace for people, in plain text.
func WriteText(w io.Writer, t state.Trace) error {
	b := new(strings.Builder)
	signed := "signed"
	if !t.Signed {
		signed = "not signed"
	}
	write(b, "%s, asked by %s (protocol %d, %s)", t.Target, t.Caller, t.Protocol, signed)
	for _, c := range t.Clusters {
		b.WriteString("\n")
		writeCluster(b, t, c)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes one line. What is not printable in it, even a line end, becomes a question mark:
// much of it is what others say, and a terminal obeys control characters.
func write(b *strings.Builder, format string, arguments ...any) {
	text := fmt.Sprintf(format, arguments...)
	b.WriteString(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text) + "\n")
}

func writeCluster(b *strings.Builder, t state.Trace, c state.TracedCluster) {
	write(b, "%s: %s", c.Cluster, c.Detail)
	if c.Outcome != state.Answered {
		write(b, "  last hop:   %s", c.LastHop)
		for i, line := range wrap(c.Advice, 66) {
			write(b, "  %-11s %s", first(i, "what to do:"), line)
		}
		b.WriteString("\n")
		writeReach(b, t, c)
		return
	}
	write(b, "  request id: %s", c.Request)
	b.WriteString("\n")
	drawPath(b, t, c)
	b.WriteString("\n")
	for _, l := range c.Legs {
		write(b, "  %10s  %s (clock: %s)", seconds(l.Seconds), l.Name, l.Clock)
	}
	if len(c.Legs) < 4 {
		write(b, "              (other parts are not known: no one instance remembers request and reply)")
	}
}

// drawPath draws the way there and back. The servers that were named by tracing stand as branches
// at the parts of the way that they belong to.
func drawPath(b *strings.Builder, t state.Trace, c state.TracedCluster) {
	node := nodeIn(c.Path, t.Node)
	for i, h := range c.Path {
		name, _, _ := strings.Cut(h.By, " (")
		write(b, "  %-36s %s", name, role(c.Path, i, node))
		if i+1 == len(c.Path) {
			break
		}
		drawServers(b, h.To, c.Path[i+1].From)
		switch i + 1 {
		case firstRelay(c.Path):
			drawBranches(b, c.Way)
			noteOther(b, c)
		case node:
			drawBranches(b, serversTo(c, c.Path[i].By))
		}
	}
}

// drawServers draws the network between two hops. If they are connected to different servers, the
// message has crossed a cluster of servers.
func drawServers(b *strings.Builder, left, right string) {
	left, right = withoutLogin(left), withoutLogin(right)
	for _, url := range []string{left, right} {
		if url != "" {
			write(b, "   │  %s", url)
		}
		if left == right {
			return
		}
	}
}

// withoutLogin is a URL without the user that some clients write into theirs: with it or without it
// is the same server.
func withoutLogin(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:]
}

// noteOther says so if the servers would have chosen another member of the queue group than they
// did for the request.
func noteOther(b *strings.Builder, c state.TracedCluster) {
	if len(c.Way) == 0 {
		return
	}
	name, _, _ := strings.Cut(c.Path[1].By, " (")
	to := strings.Join(c.Way[len(c.Way)-1].To, " ")
	if strings.Contains(to, "of queue group") && !strings.Contains(to, name) && strings.Contains(to, "fedrelay ") {
		write(b, "   │  (that was another message; the servers chose another member for the request)")
	}
}

func drawBranches(b *strings.Builder, hops []state.TraceHop) {
	for _, line := range branches(hops) {
		write(b, "   │  %s", line)
	}
}

// branches are servers as a tree: each below the one that it got the message from.
func branches(hops []state.TraceHop) (lines []string) {
	for _, h := range hops {
		depth := 0
		if h.Place != "" {
			depth = 1 + strings.Count(h.Place, ".")
		}
		text := strings.Repeat("   ", depth) + "└─ " + h.Server
		if h.Cluster != "" && h.Cluster != h.Server {
			text += " (cluster " + h.Cluster + ")"
		}
		if len(h.To) > 0 {
			text += " to " + strings.Join(h.To, ", ")
		}
		if h.Error != "" {
			text += ": " + h.Error
		}
		lines = append(lines, text)
	}
	return lines
}

// nodeIn is the place of the node in a path, or -1.
func nodeIn(path []state.Hop, node string) int {
	for i, h := range path {
		if h.By == node {
			return i
		}
	}
	return -1
}

// firstRelay is the place of the first hop behind the client.
func firstRelay(path []state.Hop) int {
	if len(path) > 2 {
		return 1
	}
	return -1
}

// serversTo are the servers to the node, as the instance has probed that has carried the request.
func serversTo(c state.TracedCluster, by string) []state.TraceHop {
	for _, p := range c.Probes {
		if name, _, _ := strings.Cut(by, " "); name == p.Identity && !p.Edge {
			return p.Servers
		}
	}
	return nil
}

// role says what a hop is.
func role(path []state.Hop, i, node int) string {
	_, kind, _ := strings.Cut(path[i].By, " (")
	switch {
	case i == 0, i == len(path)-1:
		return "this program"
	case i == node:
		return "the node"
	}
	what := "federation broker"
	if cluster, ok := strings.CutPrefix(kind, "fedrelay:"); ok {
		what = "relay of " + strings.TrimSuffix(cluster, ")")
	}
	if node >= 0 && i > node {
		return what + ", on the way back"
	}
	return what + ", on the way there"
}

// writeReach says how far each instance reaches.
func writeReach(b *strings.Builder, t state.Trace, c state.TracedCluster) {
	write(b, "  %s (this program)", t.Client)
	drawServers(b, t.Server, t.Server)
	drawBranches(b, c.Way)
	if c.WayNote != "" {
		for i, line := range wrap(c.WayNote, 66) {
			write(b, "   │  %s%s", first(i, "not traced: "), line)
		}
	}
	if len(c.Probes) == 0 {
		write(b, "  no instance has answered")
	}
	for _, p := range c.Probes {
		writeProbe(b, p)
	}
	if len(c.Silent) == 0 {
		return
	}
	for _, line := range wrap("have not answered, so how far they reach is missing here: "+strings.Join(c.Silent, ", "), 78) {
		write(b, "  %s", line)
	}
}

func writeProbe(b *strings.Builder, p state.Probe) {
	kind := "relay"
	if p.Edge {
		kind = "edge"
	}
	write(b, "  %-36s %s", p.Identity, kind)
	for _, r := range []state.Reach{p.Federation, p.Collective} {
		word := "connected"
		switch {
		case !r.Up:
			word = "down: " + or(r.Error, "no reason is known")
		case r.Subscribed:
			word = "connected, takes messages"
		}
		write(b, "   ├─ %-10s  %s  %s", r.Name, r.URL, word)
	}
	for i, text := range wrap(listening(p), 70) {
		write(b, "   %s %s", first(i, "└─"), text)
	}
	for _, text := range branches(p.Servers) {
		write(b, "      %s", text)
	}
}

// listening says who listens to what the instance would publish.
func listening(p state.Probe) string {
	subject := or(p.Asked, p.Target)
	switch p.Subscribed {
	case state.Listened:
		return or(strings.Join(p.Listeners, ", "), "somebody") + " listens to " + subject
	case state.Unheard:
		return "nobody listens to " + subject
	case state.Unknown:
		return "not known who listens to " + subject + ": " + p.Detail
	}
	return string(p.Subscribed) + ": " + p.Detail
}

// first returns text for the first line, and as many blanks for the others.
func first(i int, text string) string {
	if i == 0 {
		return text
	}
	return strings.Repeat(" ", len([]rune(text)))
}

// wrap cuts a text into lines of at most so many characters, if its words let it.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
