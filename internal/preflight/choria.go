package preflight

import (
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/relay"
)

const (
	inboxes = "_INBOX.>" // of a login without a Choria token
	ask     = "$SYS.REQ.USER.INFO"

	// choriaInboxes are those of all callers with Choria tokens.
	choriaInboxes = link.ChoriaInboxes + ">"
)

// inChoria returns rights as a Choria broker knows them. There each caller has inboxes of its own,
// and nobody may answer a question just because it has come.
func inChoria(rights []relay.Right, caller string) []relay.Right {
	all := slices.Clone(rights)
	for i := range all {
		if all[i].Subject == inboxes {
			all[i].Subject = link.ChoriaInbox(caller) + ".>"
		}
	}
	lacks, answers := answering(rights)
	replies := func(r relay.Right) bool { return r.Publish && (r.Subject == "*.reply.>" || r.Subject == choriaInboxes) }
	if answers && !slices.ContainsFunc(all, replies) {
		all = append(all, relay.Right{Publish: true, Subject: choriaInboxes, Lacks: lacks})
	}
	return all
}

// Granted returns those of rights that a form has to grant to h, as it names them: a Choria broker
// lets every client ask for its rights and get answers, and those who command nodes do so.
func Granted(form Form, h Holder, rights []relay.Right) []relay.Right {
	if form != Choria {
		return rights
	}
	own := link.ChoriaInbox(h.caller()) + ".>"
	return slices.DeleteFunc(inChoria(rights, h.caller()), func(r relay.Right) bool {
		client := h.Fleet && (r.Publish && strings.HasSuffix(r.Subject, ".federation") || !r.Publish && strings.HasSuffix(r.Subject, ".reply.>"))
		// The nats command cannot log in with such a token.
		service := h.Fleet && strings.HasPrefix(r.Subject, "$SRV.")
		return client || service || r.Publish && r.Subject == ask || !r.Publish && r.Subject == own
	})
}

// choriaGrant makes a key, unless there is one, and a token for it.
func choriaGrant(h Holder, publish, subscribe []string) (lines []string) {
	public, validity := h.Key, "8760h"
	if public == "" {
		public = h.file(".public")
		lines = append(lines, "choria jwt keys "+h.file(".seed")+" "+public)
	}
	command := "choria jwt client " + h.file(".jwt") + " " + shellWord(h.caller()) + " " + h.Side + "-issuer.seed --public-key " + shellWord(public)
	if h.Fleet {
		validity = "24h"
	} else {
		command += " --no-fleet-management"
	}
	command += " --validity " + validity
	for _, s := range subscribe {
		command += " --subscribe " + shellWord(s)
	}
	for _, s := range publish {
		command += " --publish " + shellWord(s)
	}
	return append(lines, command)
}

// NodeToken returns the command for the token of a node that may answer to clusters. A Choria
// broker lets it answer only to those that are named as one of its collectives, and to these
// subjects.
func NodeToken(clusters []string) string {
	command := "choria jwt server NODE.jwt NODE NODE.public collective-issuer.seed --collectives ..."
	for _, cluster := range clusters {
		command += " --subjects " + shellWord("choria.federation."+cluster+".collective")
	}
	return command
}
