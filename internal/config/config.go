package config

import "time"

// Values of Config.Compat.
const (
	CompatStrict = "strict"
	CompatPeer   = "peer"
)

// Config is everything an operator can set. Default returns a Config in which only settings without
// a default are missing: the cluster and the servers of both sides. A Config can be copied freely.
// Change it before relay.New; afterwards Process.Reload takes another one.
//
// The tag reload or restart of a setting, or of the section that it is in, says whether a reload
// changes it (Keys).
type Config struct {
	// Cluster is the name shared by all relays that serve one member collective, for example
	// "london". It names the subjects choria.federation.CLUSTER.{federation,collective} and the
	// queue groups CLUSTER_{federation,collective}. One word, or several with dots between them. No
	// default. An edge has edge.clusters instead.
	Cluster string `yaml:"cluster" restart:"subjects and queue groups follow from it"`
	// Edge makes this an edge: it stands beside the clients, and Line takes the place of
	// Collective.
	Edge Edge `yaml:"edge" restart:"subjects, queue groups and return addresses follow from it"`
	// Identity names this instance in traces, logs and the servers' connection lists. Default: the
	// host name, with its domain where Choria's files are read.
	Identity string `yaml:"identity" restart:"servers, traces and metrics know this process by it"`

	// Federation is the network of the clients.
	Federation Side `yaml:"federation" reload:"yes"`
	// Collective is the network of the nodes. An edge has none.
	Collective Side `yaml:"collective" reload:"yes"`
	// Line is the network between an edge and the relays of its clusters: that which the relays
	// have as their federation side. Only an edge has it.
	Line Side `yaml:"line" reload:"yes"`

	// Compat is "strict" (default) or "peer". With "peer" the relay accepts the messages that
	// go-choria's broker accepts, except those that would end the process or reach across networks.
	Compat string `yaml:"compat" reload:"yes"`
	// Trace says when to add a hop to a message: "always", "never", or "preserve" (default), which
	// is when the message already carries a list of hops.
	Trace string `yaml:"trace" reload:"yes"`

	// Weight is this relay's share of the load, compared with other members of its queue groups. A
	// relay with 10 gets ten times as many messages as one with 1. The original broker has 10.
	// Default 1, at most 100.
	Weight int `yaml:"weight" reload:"yes"`

	// OneNetwork says that both sides are one network on purpose: nothing warns of that then. Not
	// for an edge, which carries nothing on one network. Default false.
	OneNetwork bool `yaml:"one_network" reload:"yes"`

	// ReturnAddress says what replies must bring back of their requests.
	ReturnAddress ReturnAddress `yaml:"return_address" reload:"yes"`
	// Allow narrows what may be addressed.
	Allow Allow `yaml:"allow" reload:"yes"`
	// Limits bound what one message can ask for.
	Limits Limits `yaml:"limits" reload:"yes"`
	// Pipeline sizes each of the two paths.
	Pipeline Pipeline `yaml:"pipeline" restart:"queues, memory and connections are laid out at the start"`
	// Drain bounds a graceful stop.
	Drain Drain `yaml:"drain" reload:"yes"`
	// HTTP says where metrics and health are served.
	HTTP HTTP `yaml:"http" restart:"the listeners are opened at the start"`
	// Stats is the statistics document of the original broker.
	Stats Stats `yaml:"stats" reload:"yes"`
	// Service is how operators ask this instance over NATS.
	Service Service `yaml:"service" reload:"yes"`
	// Recent is the memory for recent requests.
	Recent Recent `yaml:"recent" restart:"its memory is laid out at the start"`
	// Log says what is logged, and how.
	Log Log `yaml:"log" reload:"yes"`
}

// Edge says whom an edge serves.
type Edge struct {
	// Clusters are the names of the clusters whose requests it takes from the clients. Default
	// none: then this is a relay.
	Clusters []string `yaml:"clusters"`
	// Group is the name shared by the edges of one site, which take each other's replies. One word.
	// Default: the identity, with _ in the place of dots; then each edge is a group of its own.
	Group string `yaml:"group"`
	// Wire is how requests cross the line: "compact" (default), or "json" for as long as a cluster
	// has relays that read only JSON. Replies come back in the form that each relay writes.
	Wire string `yaml:"wire"`
}

// Values of Edge.Wire.
const (
	WireCompact = "compact"
	WireJSON    = "json"
)

// IsEdge reports whether c is for an edge.
func (c Config) IsEdge() bool { return len(c.Edge.Clusters) > 0 }

// Side is one of the two networks: where it is and how to be let in.
type Side struct {
	// Name labels this side's servers in logs and connection names, for example "central". Default:
	// federation, collective or line.
	Name string `yaml:"name" restart:"connections bear it"`
	// Servers are NATS URLs; host:port means nats://host:port. Empty: look them up in DNS (SRV).
	Servers []string `yaml:"servers"`
	// SRV says how to find servers in DNS when none are listed.
	SRV SRV `yaml:"srv"`
	// Context is the name of a nats context, or a path to its JSON file.
	Context string `yaml:"context"`

	// TLS says how the server is verified, and which certificate the relay shows it.
	TLS TLS `yaml:"tls"`

	// Creds is the path of a NATS credentials file. All files named here are read again at every
	// connect.
	Creds string `yaml:"creds"`
	// NKey is the path of an nkey seed file.
	NKey string `yaml:"nkey"`
	// User logs in with Password; set both or neither. In User, Password and Token, ${file:PATH} is
	// read again at every connect, and $${ is a literal ${ (see ReadSecret).
	User string `yaml:"user"`
	// Password belongs to User. Better not written into the file: ${file:/run/secrets/password}.
	Password string `yaml:"password"`
	// Token is a plain token of the NATS server. Better not written into the file, either.
	Token string `yaml:"token"`
	// Choria is a Choria client token with its ed25519 seed.
	Choria ChoriaToken `yaml:"choria"`
}

// SRV says how to find servers in DNS when none are listed.
type SRV struct {
	// Disabled turns the lookup off: then servers must be listed. Default false.
	Disabled bool `yaml:"disabled"`
	// Domain is appended to the record names. Default: the domain of this host, from its name, DNS
	// or resolv.conf.
	Domain string `yaml:"domain"`
	// Interval between lookups while connected. Default 1m.
	Interval time.Duration `yaml:"interval"`
	// Resolver is the host:port of the DNS server to ask. Default: the system's.
	Resolver string `yaml:"resolver"`
}

// TLS holds paths of PEM files; all are read again at every connect.
type TLS struct {
	// CA verifies the server. Default: the system's roots.
	CA string `yaml:"ca"`
	// Cert identifies the relay, together with Key; both or neither.
	Cert string `yaml:"cert"`
	// Key is the private key of Cert.
	Key string `yaml:"key"`
	// Required makes every connect to a server without TLS fail. Any other setting here does so,
	// too. Default false.
	Required bool `yaml:"required"`
	// First starts TLS before the server's greeting. Default false.
	First bool `yaml:"first"`
	// ServerName overrides the name the server's certificate must bear. Default: the host dialled.
	ServerName string `yaml:"server_name"`
	// InsecureSkipVerify turns verification of the server off. For tests only.
	InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
}

// ChoriaToken is the pair of files that `choria jwt client` makes. The key signs requests as well
// as logins. So a token for a relay should have its subjects only, without fleet management, and
// each side should have a key of its own.
type ChoriaToken struct {
	// Token is the path of the JWT.
	Token string `yaml:"token"`
	// Seed is the path of the ed25519 seed: 64 hexadecimal characters.
	Seed string `yaml:"seed"`
}

// ReturnAddress says what replies must bring back of their requests. A seal in the place of the
// request id says which reply subject a relay of this cluster has asked for, and until when.
type ReturnAddress struct {
	// Mode is plain, sealed or require. Default plain: requests keep their id, and any reply is
	// carried that is allowed. With sealed, requests are sealed, and replies whose seal does not
	// open are carried, counted and logged. With require they are rejected. Relays of a cluster go
	// from plain to sealed, and to require when all of them seal and the counters stand still.
	Mode string `yaml:"mode"`
	// Keys is the path of the key file, the same for all relays of a cluster (fedrelay keys). It is
	// read again within seconds when it changes. No default.
	Keys string `yaml:"keys"`
	// Lifetime is how long after its request a reply is carried, so it must be longer than the
	// slowest agent takes. Default 1h.
	Lifetime time.Duration `yaml:"lifetime"`
}

// Allow narrows which subjects may be addressed. The shapes of the subjects are fixed (wire.Rules).
type Allow struct {
	// Collectives that targets and reply subjects may start with. Empty (default): any not denied.
	Collectives []string `yaml:"collectives"`
	// DenyCollectives may not be addressed, even if they are allowed above. Default none.
	DenyCollectives []string `yaml:"deny_collectives"`
	// Replies lists further reply subjects, exact or with * and > wildcards, for clients that
	// choose their own. Default none.
	Replies []string `yaml:"replies"`
}

// Limits bound what one message can ask for.
type Limits struct {
	// Targets in one request. Default 50,000.
	Targets int `yaml:"targets"`
	// FanoutBytes is the size of the outgoing message times its targets. Default 256 MiB.
	FanoutBytes Size `yaml:"fanout_bytes"`
	// SubjectLength in bytes, of targets and reply subjects. Default 255, at most 1024.
	SubjectLength int `yaml:"subject_length"`
	// Hops in a trace list as the relay writes it, its own included. Of a longer list the relay
	// keeps the first and the last ones; it does not reject the message. Default 16.
	Hops int `yaml:"hops"`
	// Depth of JSON nesting in the envelope. Default 16.
	Depth int `yaml:"depth"`
	// ExpandedBytes is how many bytes of JSON one compact message may stand for. Default 16 MiB. If
	// the memory of the process is limited, it is half of the default of MaxBytes if that is less,
	// but 8 MiB at least.
	ExpandedBytes Size `yaml:"expanded_bytes"`
}

// Pipeline sizes each of the two paths.
type Pipeline struct {
	// DecodeWorkers is how many goroutines scan batches side by side while batches come faster than
	// one goroutine carries them. With 1 the goroutine that reads does everything. Default 0: one
	// for every two processors.
	DecodeWorkers int `yaml:"decode_workers"`
	// Lanes publish side by side, each with a connection of its own. All copies to one subject take
	// the same lane. A number is for both paths. Default auto: one lane for replies, and for
	// requests one for every 400 nodes, up to 32, as nodes are addressed. Set 1 where connections
	// are scarce.
	Lanes Lanes `yaml:"lanes"`
	// Depth of the channels between stages, in batches. Default 8.
	Depth int `yaml:"depth"`
	// BatchMessages is how many messages a batch has at most where the NATS library reads. Default
	// 256.
	BatchMessages int `yaml:"batch_messages"`
	// BatchBytes is how many bytes such a batch has at most. Default 256 KiB.
	BatchBytes Size `yaml:"batch_bytes"`
	// MaxBytes is how many bytes of messages may be under way in a path. At the bound the path
	// reads nothing more. Then messages wait in the NATS server, which ends connections that keep
	// it waiting for long. Default 64 MiB. If the memory of the process is limited (control group,
	// GOMEMLIMIT), the default is a quarter of what the limit leaves besides 16 MiB, if that is
	// less.
	MaxBytes Size `yaml:"max_bytes"`
	// Portable makes the NATS library read and write all messages, as it does with ws:// servers
	// anyway. That is slower, and messages wait in an inbox first. It is for comparisons, and for
	// cases of doubt. Default false.
	Portable bool `yaml:"portable"`
	// InboxBytes is how many bytes may wait for a path where the NATS library reads. Further
	// messages are dropped and counted. Default 256 MiB, or half of the default of MaxBytes if the
	// memory of the process is limited.
	InboxBytes Size `yaml:"inbox_bytes"`
	// InboxMessages is how many messages may wait in such an inbox, whatever their size. Default
	// 500,000.
	InboxMessages int `yaml:"inbox_messages"`
	// CopyTTL is how late a copy may be because its side was down, or because this process stood
	// still (SIGSTOP, a suspended machine). A later copy expires. A copy that waits for a side that
	// is up but slow does not expire. Default 60s.
	CopyTTL time.Duration `yaml:"copy_ttl"`
}

// Drain bounds a graceful stop.
type Drain struct {
	// Timeout for everything. Default 30s.
	Timeout time.Duration `yaml:"timeout"`
	// Replies is for how long after the last request the relay waits for replies. Default 10s.
	Replies time.Duration `yaml:"replies"`
}

// HTTP is where metrics and health are served: /metrics, /healthz, /readyz, /stats.
type HTTP struct {
	// Listen is host:port; port 0 picks a free one, "off" opens none. Default 127.0.0.1:8280.
	Listen string `yaml:"listen"`
	// Pprof serves /debug/pprof on the same listener. Default false.
	Pprof bool `yaml:"pprof"`
	// ChoriaMetrics adds the metrics that go-choria's broker has, under its names, to /metrics, and
	// serves the page at /choria/prometheus and /choria/metrics, too. Default false.
	ChoriaMetrics bool `yaml:"choria_metrics"`
	// Remote is a second listener, for a Prometheus on another machine.
	Remote Remote `yaml:"remote"`
}

// Remote is a listener for other machines: /metrics, /healthz and /readyz and nothing else, over
// TLS, for those who log in or show a certificate. On a loopback address it may do without.
type Remote struct {
	// Listen is host:port; port 0 picks a free one. Default off.
	Listen string `yaml:"listen"`
	// Cert is the path of a PEM file with the certificate of this listener and those between it and
	// the authority. All files named here are read again when they change.
	Cert string `yaml:"cert"`
	// Key is the path of the private key of Cert.
	Key string `yaml:"key"`
	// ClientCA is the path of a PEM file with the authorities of clients. With it every client must
	// show a certificate. Default none.
	ClientCA string `yaml:"client_ca"`
	// User and Password are what clients log in with (basic authentication); set both or neither.
	// ${file:PATH} in them is read at each request. Default none.
	User string `yaml:"user"`
	// Password belongs to User. Better not written into the file: ${file:/run/secrets/scrape}.
	Password string `yaml:"password"`
}

// Stats is the statistics document of the original broker.
type Stats struct {
	// Publish it on choria.federation.CLUSTER.stats of the federation side every Interval: auto,
	// true or false. With auto a denial ends it until the next connect. Default auto.
	Publish Publish `yaml:"publish"`
	// Interval between two documents. Default 10s.
	Interval time.Duration `yaml:"interval"`
}

// Service is how operators ask this instance over NATS: a micro service, on a connection of its
// own to the federation side.
type Service struct {
	// Enabled answers fedrelay observe, explain, rejects and trace, and nats service. The login of
	// the federation side must be allowed to subscribe to $SRV.> and
	// choria.federation.CLUSTER.fedrelay.>, and to answer. Default true.
	Enabled bool `yaml:"enabled"`
}

// Recent is the memory for recent requests, replies and rejections, about which operators ask.
type Recent struct {
	// Bytes is how much memory a relay has for it, or an edge for each of its clusters. 0 keeps
	// nothing. A request costs half a KiB, and each of its targets 10 bytes more than its subject
	// has: 8 MiB keep 2,048 requests, with 130,000 targets in all. Default 8 MiB, or an eighth of
	// the default of MaxBytes if the memory of the process is limited, but 256 KiB at least.
	Bytes Size `yaml:"bytes"`
}

// Log settings; logs go to stderr.
type Log struct {
	// Level is debug, info (default), warn or error.
	Level string `yaml:"level"`
	// Format is auto (default: text on a terminal, else json), text or json.
	Format string `yaml:"format"`
	// DropInterval is the least time between two log lines about messages rejected, or targets
	// skipped, for the same reason. Default 10s.
	DropInterval time.Duration `yaml:"drop_interval"`
}

// Default returns the settings of an operator who sets nothing.
func Default() Config {
	return Config{
		Federation: Side{Name: "federation", SRV: SRV{Interval: time.Minute}},
		Collective: Side{Name: "collective", SRV: SRV{Interval: time.Minute}},
		Line:       Side{Name: "line", SRV: SRV{Interval: time.Minute}},
		Edge:       Edge{Wire: WireCompact},
		Compat:     CompatStrict,
		Trace:      "preserve",
		Weight:     1,
		ReturnAddress: ReturnAddress{
			Mode: ReturnPlain, Lifetime: time.Hour,
		},
		Limits: Limits{
			Targets: 50_000, FanoutBytes: 256 << 20, SubjectLength: 255, Hops: 16, Depth: 16,
			ExpandedBytes: 16 << 20,
		},
		Pipeline: Pipeline{
			Lanes: LanesAuto, Depth: 8,
			BatchMessages: 256, BatchBytes: 256 << 10,
			MaxBytes:   mostBytes,
			InboxBytes: mostInbox, InboxMessages: 500_000,
			CopyTTL: time.Minute,
		},
		Drain:   Drain{Timeout: 30 * time.Second, Replies: 10 * time.Second},
		HTTP:    HTTP{Listen: "127.0.0.1:8280", Remote: Remote{Listen: "off"}},
		Stats:   Stats{Publish: PublishAuto, Interval: 10 * time.Second},
		Service: Service{Enabled: true},
		Recent:  Recent{Bytes: mostRecent},
		Log:     Log{Level: "info", Format: "auto", DropInterval: 10 * time.Second},
	}
}

// usesSRV reports whether servers are looked up in DNS.
func (s Side) usesSRV() bool { return len(s.Servers) == 0 && s.Context == "" && !s.SRV.Disabled }
