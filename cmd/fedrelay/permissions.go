package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
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
	for _, side := range []string{"federation", second} {
		printRights(w, side, forms, relay.RightsOf(c, side), cmd.Bool("least"))
	}
	return nil
}

func printRights(w io.Writer, side string, forms []preflight.Form, rights []relay.Right, least bool) {
	optional := func(r relay.Right) bool { return r.Lacks != "" }
	if least {
		rights = slices.DeleteFunc(rights, optional)
	}
	for _, form := range forms {
		fmt.Fprintf(w, "\n# %s, %s\n%s\n", side, form.Title(), strings.Join(preflight.Grant(form, "fedrelay", rights), "\n"))
	}
	if !slices.ContainsFunc(rights, optional) {
		return
	}
	fmt.Fprintf(w, "\n# Not needed to carry messages on the %s (--least leaves it out):\n", side)
	for _, r := range rights {
		if optional(r) {
			fmt.Fprintf(w, "#   %-9s %-45s %s\n", map[bool]string{true: "publish", false: "subscribe"}[r.Publish], r.Subject, r.Lacks)
		}
	}
}
