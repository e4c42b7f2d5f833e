package main

import "github.com/urfave/cli/v3"

// edgeVerb is the name of the verb that runs an edge.
const edgeVerb = "edge"

func edgeCommand() *cli.Command {
	return verb(&cli.Command{
		Name:  edgeVerb,
		Usage: "carry requests of clients near by to relays far away, until told to stop",
		Description: "An edge stands beside the clients, and sends their requests over a long line as compact\n" +
			"messages. Signals and files are those of fedrelay run; --fed-* flags have --line-* twins.",
		Flags:  append(edgeConfigFlags(), lifeFlags()...),
		Action: run,
	}, "fedrelay edge --cluster london --federation nats://127.0.0.1:4222 --line nats://wan.example.net:4222\n"+
		"fedrelay edge --config /etc/fedrelay/edge.yaml\n"+
		"fedrelay edge --config /etc/fedrelay/edge.yaml --wire json --test")
}

// isEdge reports whether cmd is for an edge whatever the configuration says.
func isEdge(cmd *cli.Command) bool { return cmd.Name == edgeVerb }
