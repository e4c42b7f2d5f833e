package explain

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Options are what Request needs besides the explanation.
type Options struct {
	// Hint says what to do about a reason.
	Hint func(reason string) string
	// All lists all names, however many there are.
	All bool
}

// few is how many names are listed without Options.All.
const few = 20

// Request writes what became of a request.
func Request(w io.Writer, e state.Explanation, o Options) error {
	var b strings.Builder
	together := e.Together
	fmt.Fprintf(&b, "request %s\n", clean(e.ID, longest))
	writeOrigin(&b, together)
	b.WriteString("\n" + instances(e).text())
	b.WriteString(gaps(e))
	writeCopies(&b, together, o)
	writeRejected(&b, together, o)
	writeNodes(&b, e, o)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeOrigin writes from whom the request came, when, and where its answers go.
func writeOrigin(b *strings.Builder, r state.Whole) {
	if r.Sender != "" {
		fmt.Fprintf(b, "  from       %s\n", clean(r.Sender, longest))
	}
	if r.ReplyTo != "" {
		fmt.Fprintf(b, "  answer to  %s\n", clean(r.ReplyTo, longest))
	}
	if !r.First.IsZero() {
		fmt.Fprintf(b, "  came       %s\n", at(r.First))
	}
	if !r.FirstReply.IsZero() && r.First.IsZero() {
		fmt.Fprintf(b, "  replies    from %s\n", at(r.FirstReply))
	} else if !r.FirstReply.IsZero() {
		fmt.Fprintf(b, "  replies    from %s to %s\n", after(r.FirstReply, r.First), after(r.LastReply, r.First))
	}
}

// instances returns a row for each instance that knows something, for each of several clusters, and
// for all together.
func instances(e state.Explanation) table {
	t := table{{"INSTANCE", "CAME", "TARGETS", "WRITTEN", "OTHER", "REPLIES", "LAST REPLY"}}
	clusters := map[string][]state.Request{}
	for _, r := range e.Instances {
		if r.Known() {
			clusters[r.Cluster] = append(clusters[r.Cluster], r)
		}
	}
	rows := 0
	for _, cluster := range slices.Sorted(maps.Keys(clusters)) {
		known := clusters[cluster]
		slices.SortStableFunc(known, func(a, b state.Request) int { return strings.Compare(a.Identity, b.Identity) })
		for _, r := range known {
			name := r.Identity
			if len(clusters) > 1 {
				name = cluster + ": " + name
			}
			rows++
			t.add(row(name, state.Merge([]state.Request{r}), e.Together)...)
		}
		if len(clusters) > 1 && len(known) > 1 {
			t.add(row(cluster+" together", state.Merge(known), e.Together)...)
		}
	}
	if rows > 1 {
		t.add(row("together", e.Together, e.Together)...)
	}
	return t
}

// row returns the cells for one or more instances. Times are counted from when the first of all
// messages came.
func row(name string, r, all state.Whole) []string {
	written := written(r.Copies)
	other := sum(r.Copies) - written
	most, least := "", "" // words that fit a column
	if r.DenialsForgotten {
		most, least = "<=", ">="
	}
	return []string{
		name, after(r.First, all.First), comma(r.Targets), most + comma(written), least + comma(other), comma(r.Replies), after(r.LastReply, all.First),
	}
}

func written(copies map[string]int64) int64 { return copies["confirmed"] + copies["unconfirmed"] }

func sum(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// gaps says who was asked and does not help.
func gaps(e state.Explanation) string {
	var unknowing []string
	for _, r := range e.Instances {
		if !r.Known() {
			unknowing = append(unknowing, clean(r.Identity, longest))
		}
	}
	slices.Sort(unknowing)
	text := ""
	if len(unknowing) > 0 {
		text += wrap("know nothing of it: "+strings.Join(unknowing, ", "), "", width)
	}
	return text + Silent("what they carried is", e.Silent)
}

// Silent says that members of the queue groups have not answered, and what is missing for that
// reason. It is empty if all have.
func Silent(what string, members []string) string {
	if len(members) == 0 {
		return ""
	}
	var names []string
	for _, m := range members {
		names = append(names, clean(m, longest))
	}
	return wrap("have not answered, so "+what+" missing here: "+strings.Join(names, ", "), "", width)
}

// fateAdvice says what each fate means, except confirmed.
var fateAdvice = map[string]string{
	"unconfirmed": "the connection ended before the server had answered; they may have arrived",
	"denied":      "the collective's server does not let the relay's login publish there; fedrelay config permissions prints what it needs",
	"refused":     "larger than the collective's servers take: raise max_payload there",
	"expired":     "the collective was away for longer than pipeline.copy_ttl",
	"abandoned":   "the relay was told to stop before they were written",
	"in_flight":   "still under way: ask again",
}

// writeCopies writes the fates of the copies, and what to do.
func writeCopies(b *strings.Builder, r state.Whole, o Options) {
	if len(r.Copies) == 0 {
		if r.Replies > 0 && r.Messages == 0 {
			b.WriteString("\n" + wrap("nobody who has answered has seen the request itself: it came through another instance, or one that has started again since.", "", width))
		}
		return
	}
	b.WriteString("\nCOPIES\n")
	for _, fate := range slices.Sorted(maps.Keys(r.Copies)) {
		if fate != "skipped" {
			entry(b, fate+bound(r, fate), r.Copies[fate], fateAdvice[fate])
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		entry(b, "skipped: "+clean(reason, 30), r.Skipped[reason], o.Hint(reason))
	}
	if r.DenialsForgotten {
		b.WriteString(wrap("The server may have denied more copies than these: an instance has forgotten some of what was "+
			"denied at that time, or some names. Nodes below may have been denied, too, without a word.", "  ", width))
	}
}

// bound says what is known of the number of copies with a fate, if that is not the number.
func bound(r state.Whole, fate string) string {
	switch {
	case !r.DenialsForgotten:
	case fate == "confirmed", fate == "unconfirmed":
		return ", at most"
	case fate == "denied":
		return ", at least"
	}
	return ""
}

// entry writes a count and what to do about it.
func entry(b *strings.Builder, name string, n int64, advice string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "  %-28s %10s\n", clean(name, 40), comma(n))
	if advice != "" {
		b.WriteString(wrap(advice, "    ", width))
	}
}

// writeRejected writes messages of the request that were rejected.
func writeRejected(b *strings.Builder, r state.Whole, o Options) {
	if len(r.Rejected) == 0 {
		return
	}
	b.WriteString("\nREJECTED\n")
	shown := r.Rejected
	if !o.All {
		shown = shown[:min(len(shown), few)]
	}
	for _, rejection := range shown {
		writeRejection(b, rejection)
	}
	b.WriteString(more(len(r.Rejected)-len(shown), "message"))
	b.WriteString(hints(shown, func(reason string) string {
		if r.Skipped[reason] > 0 {
			return "" // it is said there
		}
		return o.Hint(reason)
	}))
}

// writeNodes writes which nodes have not answered.
func writeNodes(b *strings.Builder, e state.Explanation, o Options) {
	r := e.Together
	b.WriteString("\n")
	switch {
	case r.Nodes == 0 && r.Messages > 0:
		b.WriteString(wrap("The request names no nodes, or their names are forgotten; so nobody knows who has not answered. "+
			plural(r.Others, "node")+" answered.", "", width))
	case r.Nodes == 0:
		b.WriteString(plural(r.Others, "node") + " answered.\n")
	case len(r.Missing) == 0:
		b.WriteString(allAnswered(r.Nodes))
	default:
		writeMissing(b, e, o)
	}
	if r.Nodes > 0 && r.Others > 0 {
		b.WriteString(wrap(plural(r.Others, "more node")+" answered whose names the instances do not have.", "", width))
	}
	if r.Forgotten {
		b.WriteString(wrap("The names are not complete: an instance has no room for more. Nodes may be missing in the list, "+
			"and some in it may have answered.", "", width))
	}
}

func writeMissing(b *strings.Builder, e state.Explanation, o Options) {
	r := e.Together
	count := comma(int64(len(r.Missing))) + " of " + plural(r.Nodes, "node")
	if len(e.Silent) == 0 {
		fmt.Fprintf(b, "NOT ANSWERED: %s\n", count)
	} else {
		b.WriteString("NO ANSWER SEEN: " + count + "\n" + wrap("Those that have not answered here (above) carry replies, too, and say nothing of them: any of these nodes may have answered.", "  ", width))
	}
	shown := r.Missing
	if !o.All {
		shown = shown[:min(len(shown), few)]
	}
	for _, name := range shown {
		why := ""
		if slices.Contains(r.Denied, name) {
			why = "  (denied by the server)"
		}
		fmt.Fprintf(b, "  %s%s\n", clean(name, longest), why)
	}
	b.WriteString(more(len(r.Missing)-len(shown), "node"))
	if node := toTrace(r); node != "" {
		b.WriteString(wrap("A copy that is confirmed has reached the collective's servers. To find out whether a node gets it there, "+
			"run with the options of this command:", "", width) + "  fedrelay trace " + clean(node, longest) + "\n")
	}
}

func allAnswered(nodes int) string {
	if nodes == 1 {
		return "The one node that is known by name has answered.\n"
	}
	return fmt.Sprintf("All %s that are known by name have answered.\n", plural(nodes, "node"))
}

// toTrace returns the first node that has not answered although a copy may have reached it, as
// trace wants it. Without being told trace looks for nodes of mcollective.
func toTrace(r state.Whole) string {
	for _, target := range r.Missing {
		node, ok := state.NodeName(target)
		if !ok || slices.Contains(r.Denied, target) || strings.ContainsAny(node, "*>") {
			continue
		}
		if collective, _, _ := strings.Cut(target, "."); collective != "mcollective" {
			node += " --collective " + collective
		}
		return node
	}
	return ""
}

// more says how many are not listed.
func more(n int, word string) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("  and %s; --all lists them\n", plural(n, "more "+word))
}
