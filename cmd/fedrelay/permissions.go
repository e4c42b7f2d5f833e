package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/link"
	"github.com/fedrelay/fedrelay/internal/preflight"
	"github.com/fedrelay/fedrelay/internal/relay"
)

func configPermissionsCommand() *cli.Command {
	c := verb(&cli.Command{
		Name:      "permissions",
		Usage:     "print what the logins of both sides must be allowed to do, to paste or to run",
		ArgsUsage: "[FILE]",
		Description: "FILE stands for --config. Nothing is connected to: fedrelay check --connect says what is missing.\n" +
			"Forms: nats (a block for nats-server), nsc (commands, for accounts with JWTs), choria (commands).",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "for", Usage: "only this `FORM`: nats, nsc or choria"},
			&cli.BoolFlag{Name: "least", Usage: "only what is needed to carry messages", HideDefault: true},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the relay's users; its Choria caller is up=NAME", Value: "fedrelay", Validator: notEmpty},
			&cli.StringFlag{Name: "operator", Usage: "`NAME` of the operators' user, likewise", Value: "operator", Validator: notEmpty},
		}, configFlags()...),
		Action: permissions,
	}, "fedrelay config permissions -c fedrelay.yaml\n"+
		"fedrelay config permissions --for nats --least --cluster london")
	c.ArgValidator = oneFile
	return c
}

func permissions(_ context.Context, cmd *cli.Command) error {
	forms := preflight.Forms()
	if given := cmd.String("for"); given != "" {
		if !slices.Contains(forms, preflight.Form(given)) {
			return command.UsageError(cmd, fmt.Sprintf("--for: %q: want nats, nsc or choria", given))
		}
		forms = []preflight.Form{preflight.Form(given)}
	}
	src, err := sources(cmd, os.Environ())
	if err != nil {
		return err
	}
	src.FilesLater, src.ServersLater = true, true
	resolved, err := config.Resolve(src)
	if err != nil {
		return err
	}
	c := resolved.Config
	second, _ := relay.SecondSide(c)
	w := cmd.Root().Writer
	fmt.Fprintf(w, "# What the logins of cluster %s need. More rights than these help only whoever steals a login.\n",
		strings.Join(c.ClusterNames(), ", "))
	if len(c.Allow.Collectives) == 0 && !c.IsEdge() {
		fmt.Fprintln(w, "# The * stands for any collective: list yours in allow.collectives, and it is replaced.")
	}
	p := grants{w: w, forms: forms, least: cmd.Bool("least")}
	for _, side := range []string{"federation", second} {
		p.print(side, preflight.Holder{Name: cmd.String("name"), Side: side}, relay.RightsOf(c, side), "to carry messages")
		if side == link.Collective && slices.Contains(forms, preflight.Choria) {
			fmt.Fprintf(w, "\n# A Choria broker denies the answers of nodes, unless %s is named as one of their collectives or their tokens are made with\n#   %s\n",
				strings.Join(c.ClusterNames(), ", "), preflight.NodeToken(c.ClusterNames()))
		}
	}
	if !p.least && c.Service.Enabled {
		p.print("operators, on the federation", preflight.Holder{Name: cmd.String("operator"), Side: "federation", Files: "operator", Fleet: true},
			relay.AskingRights(c), "to ask with fedrelay observe, explain and rejects")
	}
	return nil
}

func notEmpty(text string) error {
	if text == "" {
		return errors.New("want a name")
	}
	return nil
}

// grants prints rights.
type grants struct {
	w     io.Writer
	forms []preflight.Form
	least bool
}

// print prints the rights of a login in all forms, and which of them it can do without.
func (p grants) print(title string, h preflight.Holder, rights []relay.Right, purpose string) {
	optional := func(r relay.Right) bool { return r.Lacks != "" }
	if p.least {
		rights = slices.DeleteFunc(rights, optional)
	}
	for _, form := range p.forms {
		fmt.Fprintf(p.w, "\n# %s, %s\n%s\n", title, form.Title(), strings.Join(preflight.Grant(form, h, rights), "\n"))
	}
	if len(p.forms) == 1 {
		rights = preflight.Granted(p.forms[0], h, rights) // as that form names them
	}
	if !slices.ContainsFunc(rights, optional) {
		return
	}
	fmt.Fprintf(p.w, "\n# %s: not needed %s (--least leaves it out):\n", title, purpose)
	for _, r := range rights {
		if optional(r) {
			fmt.Fprintf(p.w, "#   %-9s %-45s %s\n", map[bool]string{true: "publish", false: "subscribe"}[r.Publish], r.Subject, r.Lacks)
		}
	}
}
