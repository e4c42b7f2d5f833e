package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/explain"
	"github.com/fedrelay/fedrelay/internal/relay"
	"github.com/fedrelay/fedrelay/internal/service"
	"github.com/fedrelay/fedrelay/internal/state"
)

func explainCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:        "explain",
		Usage:       "say what became of a request, or list the recent ones",
		ArgsUsage:   "[REQUEST]",
		Description: explainText,
		Flags: append(append(askFlags(),
			&cli.BoolFlag{Name: "all", Usage: "list all nodes that have not answered, not only 20", HideDefault: true},
			&cli.IntFlag{Name: "last", Usage: "without REQUEST: list `N` requests at most", Value: 20, Validator: atLeastOne},
		), operatorFlags()...),
		Action: explainRequest,
	}, "fedrelay explain --cluster london --federation nats://127.0.0.1:4222\n"+
		"fedrelay explain --cluster london --context central 8f2a6c0e5d1b4a3f9e7d2c1b0a998877\n"+
		"fedrelay explain --cluster london --cluster tokyo --json 8f2a6c0e5d1b4a3f9e7d2c1b0a998877")
	c.ArgValidator = atMostOneArgument
	return c
}

const explainText = `Asks all instances of the clusters over NATS what they know of a request: when it came, from
whom, what became of the copies, how many replies were carried, and which nodes have not answered.
Instances remember the latest requests, as far as their memory for that goes. REQUEST is the id that
clients show and log. Without it the recent requests are listed, the newest first.
The exit code is 1 if no instance knows the request.`

func atLeastOne(n int) error {
	if n < 1 {
		return fmt.Errorf("want 1 or more")
	}
	return nil
}

// atMostOneArgument is for verbs that work with a name or without.
func atMostOneArgument(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Len() > 1 {
		return command.UsageError(cmd, fmt.Sprintf("want one request at most, got %d", cmd.Args().Len()))
	}
	return nil
}

func explainRequest(ctx context.Context, cmd *cli.Command) error {
	ctx, stop := command.UntilSignal(ctx)
	defer stop()
	o, err := connectOperator(ctx, cmd)
	if err != nil {
		return err
	}
	defer o.session.Close()
	if id := cmd.Args().First(); id != "" {
		return explainOne(ctx, cmd, o, id)
	}
	return listRequests(ctx, cmd, o)
}

func explainOne(ctx context.Context, cmd *cli.Command, o *operator, id string) error {
	found, err := askAll[state.Request](ctx, o, service.Request, service.ByID{ID: id}, cmd.Duration("timeout"))
	found.warn(cmd.Root().ErrWriter)
	switch {
	case err != nil:
		return err
	case len(found.all) == 0:
		return o.nobody()
	}
	e := state.Explain(id, found.all, o.silent(ctx, identities(found.all)))
	if cmd.Bool("json") {
		err = state.WriteJSON(cmd.Root().Writer, e)
	} else if len(e.Together.Instances) > 0 {
		err = explain.Request(cmd.Root().Writer, e, explain.Options{Hint: relay.Hint, All: cmd.Bool("all")})
	}
	if err == nil && len(e.Together.Instances) == 0 {
		err = unknown(e, o)
	}
	return err
}

// unknown is the error for a request that no instance knows.
func unknown(e state.Explanation, o *operator) error {
	clusters := strings.Join(o.clusters, ", ")
	text := fmt.Sprintf("none of %d instances of cluster %s knows request %q", len(e.Instances), clusters, e.ID)
	if len(e.Silent) > 0 {
		text += "; it may have gone through one of these, which do not answer: " + strings.Join(e.Silent, ", ")
	}
	return fmt.Errorf("%s\n  fedrelay explain --cluster %s lists those that they know; older ones are forgotten, at the latest when an instance ends.\n"+
		"  A client sends to the clusters in its CHORIA_FED_COLLECTIVE or choria.federation.collectives: is %s among them?",
		text, strings.Join(o.clusters, " --cluster "), clusters)
}

func listRequests(ctx context.Context, cmd *cli.Command, o *operator) error {
	most := cmd.Int("last")
	found, err := askAll[[]state.Summary](ctx, o, service.Requests, service.Latest{Most: most}, cmd.Duration("timeout"))
	found.warn(cmd.Root().ErrWriter)
	switch {
	case err != nil:
		return err
	case len(found.all) == 0:
		return o.nobody()
	}
	all := state.MergeSummaries(slices.Concat(found.all...))
	all = all[:min(len(all), most)]
	silent, w := o.silentBeside(ctx, found.counts, cmd.Duration("timeout")), cmd.Root().Writer
	text := ""
	switch {
	case cmd.Bool("json"):
		warnSilent(cmd.Root().ErrWriter, silent)
		return state.WriteJSON(w, list(all))
	case len(all) == 0:
		text = explain.Instances(len(found.all)) + " asked: no requests are known yet\n"
	default:
		err = explain.List(w, all)
	}
	if err == nil {
		_, err = fmt.Fprint(w, text+missing("requests that only they have seen are", silent))
	}
	return err
}

// list makes a list that is never null.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
