package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/sign"
	"github.com/fedrelay/fedrelay/internal/state"
	"github.com/fedrelay/fedrelay/internal/trace"
)

func traceCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:        "trace",
		Usage:       "ask one node through the federation, and show the way or where it ends",
		ArgsUsage:   "NODE",
		Description: traceText,
		Flags:       append(traceFlags(), operatorFlags()...),
		Action:      traceNode,
	}, "fedrelay trace web1.example.net --cluster london --federation nats://127.0.0.1:4222\n"+
		"fedrelay trace web1.example.net --cluster london --context central \\\n"+
		"  --sign-cert ~/.puppetlabs/etc/puppet/ssl/certs/alice.pem --sign-key ~/.puppetlabs/etc/puppet/ssl/private_keys/alice.pem\n"+
		"fedrelay trace web1.example.net --cluster london --cluster tokyo --sign-token alice.jwt --sign-seed alice.seed --json")
	c.ArgValidator = oneNode
	return c
}

const traceText = `Sends a discovery ping to NODE, each hop writes itself into it, and the answer shows the way. If
none comes, the last hop that answers is named: relays say how far they reach, and servers of NATS
2.11 and later which way a message takes, without disturbing the node.
Nodes that check signatures answer signed requests only. The login needs what a client has, and for
all that is shown: publish choria.federation.*.fedrelay.*, subscribe and publish _INBOX.>;
fedrelay config permissions prints it in all forms.
The exit code is 0 if the node has answered, 1 if not, 3 if there is no connection.`

func traceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "collective", Usage: "`NAME` of the collective (default: mcollective, with a token choria)", OnlyOnce: true},
		&cli.StringFlag{Name: "sign-cert", Usage: "certificate `FILE` to sign with, with --sign-key (protocol 1)", OnlyOnce: true},
		&cli.StringFlag{Name: "sign-key", Usage: "private key `FILE`", OnlyOnce: true},
		&cli.StringFlag{Name: "sign-token", Usage: "Choria client token `FILE` to sign with, with --sign-seed (protocol 2)", OnlyOnce: true},
		&cli.StringFlag{Name: "sign-seed", Usage: "seed `FILE` of its key", OnlyOnce: true},
		&cli.StringFlag{Name: "caller", Usage: "`ID` to ask as (default: choria= and the name in the certificate, or this user)", OnlyOnce: true},
		&cli.BoolFlag{Name: "json", Aliases: []string{"j"}, Usage: "print JSON", HideDefault: true},
		&cli.DurationFlag{Name: "timeout", Usage: "`TIME` to wait for the answer", Value: 2 * time.Second, Validator: atLeast(10 * time.Millisecond)},
	}
}

// oneNode wants the name of a node, and nothing else.
func oneNode(ctx context.Context, cmd *cli.Command) error {
	switch {
	case cmd.Args().First() == "help":
		return command.NoArguments(ctx, cmd)
	case cmd.Args().First() == "":
		return command.UsageError(cmd, "which node? give its name, for example: fedrelay trace web1.example.net")
	case cmd.Args().Len() > 1:
		return command.UsageError(cmd, fmt.Sprintf("unexpected argument %s: one node at a time", command.Quoted(cmd.Args().Get(1))))
	}
	return nil
}

func traceNode(ctx context.Context, cmd *cli.Command) error {
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	signer, err := signerOf(cmd)
	if err != nil {
		return command.Exit(command.WrongUsage, err)
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	o, err := connectOperator(ctx, cmd)
	if err != nil {
		return err
	}
	defer o.session.Close()
	sayDoubts(cmd.Root().ErrWriter, signer)
	collective := cmd.String("collective")
	if collective == "" {
		collective = signer.Collective()
	}
	t, err := trace.Run(ctx, trace.Options{
		Session: o.session, Signer: signer, Node: nodeIn(cmd.Args().First(), collective), Collective: collective, Clusters: o.clusters,
		Identity: host, Patience: cmd.Duration("timeout"),
	})
	switch {
	case ctx.Err() != nil:
		return command.Exit(command.Interrupted, nil)
	case err != nil:
		return err
	}
	if err := writeTrace(cmd, t); err != nil {
		return err
	}
	return unanswered(t)
}

// nodeIn returns the name of a node that may be given as its subject, as explain lists it. A name
// such as web1.node.consul is one all the same.
func nodeIn(argument, collective string) string {
	return strings.TrimPrefix(argument, collective+".node.")
}

// signerOf returns what the flags say to sign with.
func signerOf(cmd *cli.Command) (*sign.Signer, error) {
	certificate, key := cmd.String("sign-cert"), cmd.String("sign-key")
	token, seed := cmd.String("sign-token"), cmd.String("sign-seed")
	caller := cmd.String("caller")
	switch {
	case (certificate == "") != (key == ""):
		return nil, fmt.Errorf("--sign-cert and --sign-key go together: give both")
	case (token == "") != (seed == ""):
		return nil, fmt.Errorf("--sign-token and --sign-seed go together: give both")
	case certificate != "" && token != "":
		return nil, fmt.Errorf("--sign-cert and --sign-token: keep one, a node takes one protocol only")
	case token != "" && caller != "":
		return nil, fmt.Errorf("--caller and --sign-token: the token names the caller, leave --caller out")
	case certificate != "":
		return sign.Certificate(certificate, key, caller, time.Now())
	case token != "":
		return sign.Token(token, seed, time.Now())
	case caller == "":
		caller = "choria=" + userName()
	}
	return sign.Unsigned(caller)
}

// userName is how Choria's clients name a user without a certificate.
func userName() string {
	if name := os.Getenv("USER"); sign.IsName(name) {
		return name + ".mcollective"
	}
	return "fedrelay.mcollective"
}

func sayDoubts(w io.Writer, s *sign.Signer) {
	for _, text := range s.Warnings() {
		fmt.Fprintln(w, "fedrelay: warning:", text)
	}
	if !s.Signed() {
		fmt.Fprintln(w, "fedrelay: warning: the request is not signed: nodes that check signatures will not answer (--sign-cert, --sign-token)")
	}
}

func writeTrace(cmd *cli.Command, t state.Trace) error {
	out := cmd.Root().Writer
	if !cmd.Bool("json") {
		return trace.WriteText(out, t)
	}
	return state.WriteJSON(out, t)
}

// unanswered returns an error if the node has answered through no cluster.
func unanswered(t state.Trace) error {
	var clusters []string
	for _, c := range t.Clusters {
		if c.Outcome == state.Answered {
			return nil
		}
		clusters = append(clusters, c.Cluster)
	}
	return fmt.Errorf("%.255q has not answered through cluster %s", t.Node, strings.Join(clusters, ", "))
}
