//go:build manpages

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	docs "github.com/urfave/cli-docs/v3"
	"github.com/urfave/cli/v3"
)

// commandsOfBuild returns a verb that writes manual pages: fedrelay.1 and one for each verb. The
// relay itself does not link what that takes.
func commandsOfBuild() []*cli.Command { return []*cli.Command{manCommand()} }

func manCommand() *cli.Command {
	return &cli.Command{
		Name:   "man",
		Hidden: true,
		Action: func(_ context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return errors.New("want the directory to write to")
			}
			return writePages(app(), "fedrelay", cmd.Args().First())
		},
	}
}

// writePages writes the page of c and those of its verbs.
func writePages(c *cli.Command, name, dir string) error {
	c.Name = name
	page, err := docs.ToManWithSection(c, 1)
	page += examplesOf(c)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".1"), []byte(page), 0o644)
	}
	if err != nil {
		return err
	}
	for _, verb := range c.Commands {
		if verb.Hidden {
			continue
		}
		if err := writePages(verb, name+" "+verb.Name, dir); err != nil {
			return err
		}
	}
	return nil
}

// examplesOf returns the section with the examples that end the help of c.
func examplesOf(c *cli.Command) string {
	template := c.CustomHelpTemplate
	if c.Name == "fedrelay" {
		template = c.CustomRootCommandHelpTemplate
	}
	_, examples, ok := strings.Cut(template, "\nEXAMPLES:\n")
	if !ok {
		return ""
	}
	return ".SH EXAMPLES\n.nf\n" + strings.ReplaceAll(examples, `\`, `\e`) + ".fi\n"
}
