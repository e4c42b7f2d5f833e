package config

// Values of Config.Compat.
const (
	CompatStrict = "strict"
	CompatPeer   = "peer"
)
