package observe

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

// deniedAdvice says what a login lacks.
func deniedAdvice(n service.News) string {
	switch {
	case n.Publish:
		return fmt.Sprintf("this login may not publish to %q: add to its permissions: publish %q (fedrelay config permissions prints all that operators need)",
			n.Subject, "choria.federation.*.fedrelay.*")
	case n.Subject == service.StatisticsSubject(n.Cluster):
		return fmt.Sprintf("this login may not subscribe to %q: brokers that do not answer questions are not seen", n.Subject)
	}
	return fmt.Sprintf("this login may not subscribe to %q: add to its permissions: subscribe %q", n.Subject, "_INBOX.>")
}

// advice returns what somebody who watches a cluster should look at.
func (c *cluster) advice(doc Cluster, now time.Time, conn Connection) (all []string) {
	if !conn.Up {
		all = append(all, "not connected to the federation: "+orUnknown(conn.Error)+"; trying again")
	}
	for _, subject := range slices.Sorted(maps.Keys(c.denied)) {
		all = append(all, c.denied[subject])
	}
	if conn.Up && doc.Answering == 0 && len(c.denied) == 0 {
		all = append(all, c.nobodyAdvice(now)...)
	}
	if c.unreadable > 0 {
		all = append(all, fmt.Sprintf("%d answers could not be read", c.unreadable))
	}
	if c.evicted > 0 {
		all = append(all, fmt.Sprintf("%d times an instance was forgotten, because more than %s have been said in the name of this cluster: "+
			"who else may subscribe to %q?", c.evicted, humanize.IBytes(uint64(c.most)), service.Subject(c.name, service.State)))
	}
	if c.refusal != "" {
		all = append(all, "an instance did not answer: "+c.refusal)
	}
	return append(append(all, muteAdvice(c.name, doc.Mute)...), memberAdvice(doc.Members)...)
}

func orUnknown(text string) string {
	if text == "" {
		return "no connection yet"
	}
	return text
}

// nobodyAdvice is for a cluster of which nobody is heard.
func (c *cluster) nobodyAdvice(now time.Time) []string {
	subject := service.Subject(c.name, service.State)
	if c.nobody {
		return []string{
			fmt.Sprintf("nobody listens at %q", subject),
			fmt.Sprintf("is the cluster called %q? does a relay of it run, connected to this federation?", c.name),
			"has that relay service.enabled: true, and may its login subscribe to this subject?",
		}
	}
	if c.asked.IsZero() {
		return nil
	}
	return []string{
		fmt.Sprintf("no answer from %q for %s", subject, Age(now.Sub(c.asked))),
		"somebody listens there: may the login of that relay publish to the inbox of who asks (allow_responses: true, or --publish 'choria.reply.>' for its Choria token)?",
	}
}

// clockTolerance is how far a clock may be off without a word.
const clockTolerance = 5 * time.Second

// memberAdvice is what is odd about members.
func memberAdvice(members []Member) (all []string) {
	for n, m := range members {
		if n > 0 && members[n-1].Name == m.Name && members[n-1].Silent == 0 && m.Silent == 0 {
			all = append(all, fmt.Sprintf("two instances are called %q: give each an identity of its own", m.Name))
		}
		i := m.Instance
		if i == nil {
			continue
		}
		if i.Schema > state.Schema {
			all = append(all, fmt.Sprintf("%s speaks schema %d, and this program %d: it may misread figures; use one as new as the relay",
				m.Name, i.Schema, state.Schema))
		}
		if off := i.Now.Sub(m.Heard); math.Abs(off.Seconds()) > clockTolerance.Seconds() && m.Silent == 0 {
			all = append(all, fmt.Sprintf("the clock of %s is %s %s", m.Name, Age(off.Abs()), aheadOrBehind(off)))
		}
	}
	return all
}

func aheadOrBehind(off time.Duration) string {
	if off > 0 {
		return "ahead"
	}
	return "behind"
}
