package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
)

// resolve reads the configuration that cmd's flags lead to.
func resolve(cmd *cli.Command) (config.Resolved, error) {
	return resolveWith(cmd, false)
}

// resolveToRun is resolve for a relay that waits for files that cannot be used yet.
func resolveToRun(cmd *cli.Command) (config.Resolved, error) {
	return resolveWith(cmd, true)
}

// sourcesToRun is for a relay, which waits for files that cannot be used yet. They can be resolved
// again later, and then differ in what stands in files only.
func sourcesToRun(cmd *cli.Command) (config.Sources, error) {
	src, err := sources(cmd, os.Environ())
	src.Memory, src.FilesLater, src.Host = memoryLimit(), true, steadyHost()
	return src, err
}

func resolveWith(cmd *cli.Command, filesLater bool) (config.Resolved, error) {
	src, err := sources(cmd, os.Environ())
	if err != nil {
		return config.Resolved{}, err
	}
	src.Memory, src.FilesLater = memoryLimit(), filesLater
	return config.Resolve(src)
}

func sources(cmd *cli.Command, environ []string) (config.Sources, error) {
	yaml, choria, err := fileOf(cmd)
	if err != nil {
		return config.Sources{}, err
	}
	src := config.Sources{
		File: yaml, Choria: choria, ChoriaWithoutTLS: cmd.Bool("disable-tls"), Stdin: os.Stdin,
		Environ: environ, Flags: given(cmd), Edge: isEdge(cmd),
		Argument: takesFile(cmd),
	}
	if src.File != "" && src.Choria != "" {
		return src, command.UsageError(cmd, fmt.Sprintf("--config (%s) and --choria-config (%s) are both given, "+
			"or the variables %s and %s that stand for them; give one",
			src.File, src.Choria, config.EnvFile, config.EnvChoria))
	}
	if src.ChoriaWithoutTLS && src.Choria == "" {
		return src, command.UsageError(cmd, "--disable-tls does nothing without --choria-config; "+
			"for others write nats:// and leave tls out")
	}
	return src, nil
}
