package wire

import (
	"strings"
	"testing"
)

func TestAReturnAddressIsTakenApart(t *testing.T) {
	for _, c := range []struct{ subject, address, inner string }{
		{"mcollective.reply.c1.7", "", "mcollective.reply.c1.7"},
		{"mcollective.reply.c=1.=x.7=", "", "mcollective.reply.c=1.=x.7="},
		{"m.reply.edge.ams.london.=.m.reply.c1.7", "m.reply.edge.ams.london.=", "m.reply.c1.7"},
		{"m.reply.a.=.m.reply.b.=.m.reply.c", "m.reply.a.=", "m.reply.b.=.m.reply.c"},
		{"m.reply.c1.7.=", "m.reply.c1.7.=", "m.reply.c1.7.="},
		{"", "", ""},
	} {
		address, inner, ok := SplitAddress([]byte(c.subject))
		if string(address) != c.address || string(inner) != c.inner || ok != (c.address != "") {
			t.Errorf("%q is taken apart to %q and %q (%t)", c.subject, address, inner, ok)
		}
	}
}

func TestTheAddressOfAnEdgeIsMadeAndRead(t *testing.T) {
	subject := AppendEdge(nil, "ams.london", []byte("mco.reply.c1.7"))
	if string(subject) != "mco.reply.edge.ams.london.=.mco.reply.c1.7" {
		t.Fatalf("the address is %q", subject)
	}
	address, inner, _ := SplitAddress(subject)
	if edge, ok := EdgeOf(address); !ok || string(edge) != "ams.london" || string(inner) != "mco.reply.c1.7" {
		t.Errorf("the edge is %q (%t), the rest %q", edge, ok, inner)
	}
	for _, other := range []string{"", "m", "m.reply.edge.=", "m.reply.c1.=", "m.reply.edge.ams.london", "m.reply.edge..="} {
		if edge, ok := EdgeOf([]byte(other)); ok {
			t.Errorf("%q is the address of edge %q", other, edge)
		}
	}
}

// A node could send a reply to whatever it likes if only the first part of an address were judged.
func TestBothPartsOfAReturnAddressAreJudged(t *testing.T) {
	rules := Rules{MaxLength: 255, Allow: []string{"m"}, Replies: []string{"app.*.*.reply.>"}}
	edge := "m.reply.edge.ams.london.=."
	for _, c := range []struct {
		subject string
		want    Reason
	}{
		{edge + "m.reply.c1.7", OK},
		{"m.reply.c1.7.=", OK},
		{edge + "m.node.web1", ReplyNotAllowed},
		{edge + "x.reply.c1", ReplyNotAllowed},
		{edge + "choria.federation.london.federation", Loop},
		{strings.Repeat(edge, MaxEdges) + "m.reply.c1", OK},
		{strings.Repeat(edge, MaxEdges+1) + "m.reply.c1", TooManyEdges},
		{"m.node.=.m.reply.c1", ReplyNotAllowed},
		{"app.a.m.reply.c1", OK},
		{"app.=.m.reply.c1", ReplyNotAllowed}, // a bundle would go to app.=
		{edge + "app.a.m.reply.c1", OK},
	} {
		if got := rules.Reply([]byte(c.subject)); got != c.want {
			t.Errorf("%q: %q, not %q", c.subject, got, c.want)
		}
	}
}
