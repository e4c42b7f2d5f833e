package main

import (
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/fedrelay/fedrelay/internal/config"
)

type flagKind int

const (
	oneValue flagKind = iota
	manyValues
	onOff
)

// settingFlag is a flag that sets one setting.
type settingFlag struct {
	name, key string
	kind      flagKind
	hidden    bool
	usage     string // `WORD` in it names the value
}

// settingFlags are those of a relay, or of an edge. They spell the credentials as the nats command
// does, once for each side.
func settingFlags(edge bool) []settingFlag {
	flags := []settingFlag{
		{name: "cluster", key: "cluster", usage: "`NAME` shared by all relays of one member collective"},
		{name: "identity", key: "identity", usage: "`NAME` of this instance (default: the host name)"},
		{name: "federation", key: "federation.servers", kind: manyValues, usage: "`URL`[,URL] of the servers clients connect to"},
		{name: "collective", key: "collective.servers", kind: manyValues, usage: "`URL`[,URL] of the servers nodes connect to"},
	}
	other, second := "col", sideFlags("col", "collective", "")
	if edge {
		flags, other, second = edgeFlags(), "line", sideFlags("line", "line", "")
	}
	flags = append(flags, sideFlags("fed", "federation", other)...)
	flags = append(flags, second...)
	return append(flags,
		settingFlag{name: "compat", key: "compat", usage: "strict, or peer: accept what go-choria's broker accepts (`MODE`)"},
		settingFlag{name: "trace", key: "trace", usage: "add a hop to messages: preserve, always or never (`WHEN`)"},
		settingFlag{name: "weight", key: "weight", usage: "`N` shares of the load; go-choria's broker has 10 (default 1)"},
		settingFlag{name: "http", key: "http.listen", usage: "serve metrics and health on `HOST:PORT` (port 0: any free one), or off"},
		settingFlag{name: "pprof", key: "http.pprof", kind: onOff, usage: "serve /debug/pprof there too"},
		settingFlag{name: "log-level", key: "log.level", usage: "`LEVEL` debug, info, warn or error"},
		settingFlag{name: "log-format", key: "log.format", usage: "`FORMAT` auto, text or json"},
		settingFlag{name: "drain-timeout", key: "drain.timeout", usage: "`TIME` a graceful stop may take (default 30s)"},
		settingFlag{name: "drain-replies", key: "drain.replies", usage: "`TIME` to wait for replies to the last request (default 10s)"},
	)
}

// edgeFlags stand in the place of a relay's first ones.
func edgeFlags() []settingFlag {
	return []settingFlag{
		{name: "cluster", key: "edge.clusters", kind: manyValues, usage: "`NAME`[,NAME] of the clusters to serve"},
		{name: "identity", key: "identity", usage: "`NAME` of this instance (default: the host name)"},
		{name: "federation", key: "federation.servers", kind: manyValues, usage: "`URL`[,URL] of the servers clients connect to"},
		{name: "line", key: "line.servers", kind: manyValues, usage: "`URL`[,URL] of the servers that the clusters' relays have as federation"},
		{name: "group", key: "edge.group", usage: "`NAME` shared by the edges of this site (default: the identity)"},
		{name: "wire", key: "edge.wire", usage: "`FORM` of requests on the line: compact, or json for relays that read no other"},
	}
}

// sideFlags are the flags of one side. The help shows them for one only, and says what those of the
// other begin with: they are the same, and with them the page would not fit a screen. Without other
// they are hidden.
func sideFlags(prefix, side, other string) []settingFlag {
	flags := []settingFlag{
		{name: "creds", key: "creds", usage: "credentials `FILE`; --" + other + "-creds and so on for the other side"},
		{name: "nkey", key: "nkey", usage: "nkey seed `FILE`"},
		{name: "user", key: "user", usage: "`NAME` to log in with"},
		{name: "password", key: "password", usage: "`TEXT`, visible in ps; better FEDRELAY_FEDERATION_PASSWORD"},
		{name: "token", key: "token", usage: "`TEXT`, visible in ps; better FEDRELAY_FEDERATION_TOKEN"},
		{name: "context", key: "context", usage: "nats context, `NAME` or path"},
		{name: "tlsca", key: "tls.ca", usage: "`FILE` of authorities that sign the servers' certificates"},
		{name: "tlscert", key: "tls.cert", usage: "certificate `FILE` of the relay"},
		{name: "tlskey", key: "tls.key", usage: "private key `FILE` of the relay"},
		{name: "tlsfirst", key: "tls.first", kind: onOff, usage: "start TLS before the server's greeting"},
		{name: "choria-token", key: "choria.token", usage: "Choria JWT `FILE`"},
		{name: "choria-seed", key: "choria.seed", usage: "ed25519 seed `FILE` of that token"},
	}
	for i := range flags {
		flags[i].name, flags[i].key, flags[i].hidden = prefix+"-"+flags[i].name, side+"."+flags[i].key, other == ""
	}
	return flags
}

// flag makes the library's value. Values stay text: internal/config reads them and names the flag
// in its errors.
func (s settingFlag) flag() cli.Flag {
	switch s.kind {
	case manyValues:
		return &cli.StringSliceFlag{Name: s.name, Usage: s.usage, Hidden: s.hidden, HideDefault: true}
	case onOff:
		return &cli.BoolFlag{Name: s.name, Usage: s.usage, Hidden: s.hidden, HideDefault: true}
	}
	return &cli.StringFlag{Name: s.name, Usage: s.usage, Hidden: s.hidden, HideDefault: true}
}

func (s settingFlag) values(cmd *cli.Command) []string {
	switch s.kind {
	case manyValues:
		return cmd.StringSlice(s.name)
	case onOff:
		return []string{strconv.FormatBool(cmd.Bool(s.name))}
	}
	return []string{cmd.String(s.name)}
}

// given are the settings on the command line.
func given(cmd *cli.Command) (flags []config.Flag) {
	for _, s := range settingFlags(isEdge(cmd)) {
		if cmd.IsSet(s.name) {
			flags = append(flags, config.Flag{Name: "--" + s.name, Key: s.key, Values: s.values(cmd)})
		}
	}
	return flags
}

// configFlags are those of every verb that reads the configuration of a relay.
func configFlags() []cli.Flag {
	flags := []cli.Flag{
		configFlag(),
		&cli.StringFlag{
			Name: "choria-config", Usage: "read go-choria's `FILE`, as broker.conf",
			OnlyOnce: true, Sources: cli.EnvVars(config.EnvChoria),
		},
		&cli.BoolFlag{Name: "disable-tls", Usage: "ignore the TLS settings of --choria-config", HideDefault: true},
	}
	return append(flags, flagsOf(settingFlags(false))...)
}

// edgeConfigFlags are those of the verb edge.
func edgeConfigFlags() []cli.Flag {
	return append([]cli.Flag{configFlag()}, flagsOf(settingFlags(true))...)
}

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Aliases: []string{"c"}, Usage: "read `FILE` (YAML; - is standard input)",
		OnlyOnce: true, Sources: cli.EnvVars(config.EnvFile),
	}
}

func flagsOf(settings []settingFlag) (flags []cli.Flag) {
	for _, s := range settings {
		flags = append(flags, s.flag())
	}
	return flags
}
