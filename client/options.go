package client

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

// Options describe a client. Caller and Clusters are required. All else has a default.
type Options struct {
	// Caller is the caller id of the signed requests, such as "choria=alice.mcollective". Its hash
	// is a part of the reply subjects, which is what servers grant rights for.
	Caller string
	// Clusters are the names of the federation's clusters. Each gets the whole request, as from
	// every client: relays know nothing of where a node is.
	Clusters []string

	// Identity is the name of this host, which stands beside a request. Default: os.Hostname.
	Identity string
	// Collective is the first token of all subjects. Default: that of the request's version,
	// mcollective or choria.
	Collective string

	// Compact sends a request as one compact message instead of JSON in groups. Leave it off as
	// long as relays that read only JSON serve one of the clusters: they drop a compact request,
	// and its nodes stay silent (Result.JSONOnly). Clocks must agree to five seconds.
	Compact bool
	// SingleReplies asks for replies one by one, as stock clients do. Without it, relays put the
	// replies that came together into one compact message. Those that cannot do that send single
	// ones, which are taken as well.
	SingleReplies bool

	// Group is how many targets a message in JSON has at most. Default 200, as stock clients have.
	Group int
	// Buffer is how many bytes of replies may wait for the reader of a call. What finds no room is
	// dropped, and Result.Dropped names its node. As many bytes again, and at least 64 MiB, may
	// wait in the connection until they are looked at. Default 64 MiB.
	Buffer int
	// BundleBytes and BundleReplies are what one compact message may expand to. Larger ones are
	// rejected before memory is taken. Default 16 MiB, and 65,536 replies.
	BundleBytes, BundleReplies int
	// Senders is how many names are kept of those that answer a broadcast. Default 262,144.
	Senders int
}

// longest is the length of the longest subject that relays publish on by default, in bytes.
const longest = 255

// rules are those of a relay with default settings.
var rules = wire.Rules{MaxLength: longest}

func (o *Options) setDefaults() error {
	if o.Identity == "" {
		name, err := os.Hostname()
		if err != nil {
			return fmt.Errorf("client: Options.Identity is empty, and the system does not know its name: %w", err)
		}
		o.Identity = name
	}
	for _, number := range []struct {
		of       *int
		fallback int
	}{
		{&o.Group, 200},
		{&o.Buffer, 64 << 20},
		{&o.BundleBytes, 16 << 20},
		{&o.BundleReplies, 1 << 16},
		{&o.Senders, 1 << 18},
	} {
		if *number.of == 0 {
			*number.of = number.fallback
		}
	}
	return nil
}

// check returns all that is wrong at once.
func (o *Options) check() error {
	var wrong []error
	add := func(ok bool, format string, arguments ...any) {
		if !ok {
			wrong = append(wrong, fmt.Errorf("client: Options."+format, arguments...))
		}
	}
	add(o.Caller != "", "Caller is empty: set the caller id of the signed requests")
	add(wire.IsPlain([]byte(o.Identity)), "Identity %q: want a host name, printable ASCII without blanks and quotes", o.Identity)
	add(o.Collective == "" || isToken(o.Collective), "Collective %q: want one token of a subject", o.Collective)
	add(len(o.Clusters) > 0, "Clusters is empty: name the clusters that the nodes are in")
	for _, cluster := range o.Clusters {
		add(isToken(cluster), "Clusters has %q: want one token of a subject", cluster)
	}
	add(min(o.Group, o.Buffer, o.BundleBytes, o.BundleReplies, o.Senders) > 0, "Group, Buffer, BundleBytes, BundleReplies and Senders must not be negative")
	return errors.Join(wrong...)
}

// copied makes o independent of its caller's memory.
func (o Options) copied() Options {
	o.Clusters = slices.Clone(o.Clusters)
	return o
}

func (o *Options) limits() compact.Limits {
	return compact.Limits{Bytes: o.BundleBytes, Messages: o.BundleReplies, Targets: 1}
}

// isToken reports whether text can be one token of a literal subject.
func isToken(text string) bool {
	return !strings.Contains(text, ".") && wire.CheckSubject([]byte(text), longest) == wire.OK
}
