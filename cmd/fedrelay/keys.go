package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
)

func keysCommand() *cli.Command {
	return verb(&cli.Command{
		Name:        "keys",
		Usage:       "make, rotate and show the keys for sealed return addresses",
		Description: keysText,
		Commands:    []*cli.Command{keysNewCommand(), keysRotateCommand(), keysShowCommand()},
	}, "fedrelay keys new /etc/fedrelay/return-address.keys\n"+
		"fedrelay keys rotate /etc/fedrelay/return-address.keys --from 10m")
}

const keysText = `All relays of a cluster need the same key file; name it in return_address.keys. A relay
seals with the newest key whose time has come, and opens with all keys. It reads a file that has
changed within seconds. So rotation is: rotate the file on one host, copy it to the others before
the new key is used, in any order. No reply is lost, and nothing restarts.`

func keysNewCommand() *cli.Command {
	return fileVerb(&cli.Command{
		Name:  "new",
		Usage: "write a file with one key, which is used at once",
		Action: func(_ context.Context, cmd *cli.Command) error {
			return newKeys(cmd, cmd.Args().First())
		},
	}, "fedrelay keys new /etc/fedrelay/return-address.keys\nfedrelay keys new london.keys")
}

func newKeys(cmd *cli.Command, file string) error {
	keys, err := seal.NewKeys(seal.Generate(time.Now()))
	if err != nil {
		return err
	}
	switch err := config.CreateKeys(file, keys); {
	case errors.Is(err, fs.ErrExist):
		return ofFile(file, errors.New("exists; fedrelay keys rotate adds a key to it"))
	case err != nil:
		return ofFile(file, err)
	}
	_, err = fmt.Fprintf(cmd.Root().Writer, "%s: made the key %s\ncopy the file to all relays of the cluster, readable "+
		"for their user only, and name it in return_address.keys\n", file, keys.All()[0].ID())
	return err
}

func keysRotateCommand() *cli.Command {
	return fileVerb(&cli.Command{
		Name:  "rotate",
		Usage: "add a key that is used later, and drop those that are over",
		Description: "A key is over when another one is used in its place. It is dropped when nothing can come back\n" +
			"with it any more: after the lifetime of seals. A week is the longest that relays may have.",
		Flags: []cli.Flag{
			&cli.DurationFlag{
				Name: "from", Usage: "use the new key after this `TIME`, in which the file must reach all relays",
				Value: 10 * time.Minute, Validator: notNegative,
			},
			&cli.DurationFlag{
				Name: "lifetime", Usage: "keep keys that are over for this `TIME`, at least return_address.lifetime",
				Value: config.LongestLifetime, Validator: isLifetime,
			},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			return rotateKeys(cmd, cmd.Args().First())
		},
	}, "fedrelay keys rotate /etc/fedrelay/return-address.keys\n"+
		"fedrelay keys rotate london.keys --from 1h --lifetime 24h")
}

func notNegative(d time.Duration) error {
	if d < 0 {
		return errors.New("want a time from 0 on")
	}
	return nil
}

// isLifetime refuses a time for which no relay has its seals, so that a slip does not drop keys
// which replies still need.
func isLifetime(d time.Duration) error {
	if d < config.ShortestLifetime {
		return fmt.Errorf("want %s at least, the shortest return_address.lifetime", config.ShortestLifetime)
	}
	return nil
}

func rotateKeys(cmd *cli.Command, file string) error {
	keys, err := config.ReadKeys(file)
	if err != nil {
		return ofFile(file, err)
	}
	now := time.Now()
	from := now.Add(cmd.Duration("from"))
	rotated, added, dropped, err := keys.Rotate(now, from, cmd.Duration("lifetime"))
	if err == nil {
		err = config.ReplaceKeys(file, rotated)
	}
	if err != nil {
		return ofFile(file, err)
	}
	out := cmd.Root().Writer
	for _, key := range dropped {
		fmt.Fprintf(out, "%s: dropped the key %s\n", file, key.ID())
	}
	_, err = fmt.Fprintf(out, "%s: added the key %s, used from %s on\ncopy the file to all relays of the cluster before that\n",
		file, added.ID(), clock(added.From))
	return err
}

func keysShowCommand() *cli.Command {
	return fileVerb(&cli.Command{
		Name:  "show",
		Usage: "print the ids of the keys and when they are used, never the secrets",
		Action: func(_ context.Context, cmd *cli.Command) error {
			return showKeys(cmd, cmd.Args().First())
		},
	}, "fedrelay keys show /etc/fedrelay/return-address.keys\nfedrelay keys show london.keys | grep seals")
}

func showKeys(cmd *cli.Command, file string) error {
	keys, err := config.ReadKeys(file)
	if err != nil {
		return ofFile(file, err)
	}
	now := time.Now()
	sealing := keys.Sealing(now)
	for i, key := range keys.All() {
		state := "for later"
		if end, over := keys.End(i); over && !end.After(now) {
			state = "only opens, since " + clock(end)
		}
		if key == sealing {
			state = "seals now"
		}
		fmt.Fprintf(cmd.Root().Writer, "%s  from %s  %s\n", key.ID(), clock(key.From), state)
	}
	return nil
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ofFile is an error about a file that somebody named.
func ofFile(file string, err error) error {
	return command.Exit(command.WrongUsage, fmt.Errorf("%s: %w", file, err))
}

// fileVerb is verb for one that takes a file.
func fileVerb(c *cli.Command, examples string) *cli.Command {
	c = verb(c, examples)
	c.ArgsUsage = "FILE"
	c.ArgValidator = func(_ context.Context, cmd *cli.Command) error {
		switch {
		case cmd.Args().First() == "help":
			return command.ShowHelp(cmd)
		case cmd.Args().Len() != 1:
			return command.UsageError(cmd, "want one FILE")
		}
		return nil
	}
	return c
}
