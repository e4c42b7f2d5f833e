package archtest

// mayImport is the whole of what each package may import besides the standard library. A package
// without a row fails, so that whoever adds one decides about its place. A row without a package
// fails too, and so does a grant that nobody uses. Tests are free: their imports do not reach the
// program.
//
// Arrows point from I/O to plain data. An entry covers the packages below it. Packages of this
// module stand without its path.
var mayImport = map[string][]string{
	// Plain data.
	"pool":         {"github.com/valyala/bytebufferpool"},
	"wire":         {},
	"wire/compact": {"wire", "github.com/klauspost/compress"},
	"pipeline":     {"pool", "wire"},

	"internal/seal": {"wire"},
	// For other programs.
	"client": {"wire", "wire/compact", nats},

	"internal/suggest": {},
	"internal/config":  {"go.yaml.in/yaml/v4", "internal/seal", "internal/suggest"},

	// The network.
	"internal/natscontext": {nats, "github.com/nats-io/nkeys"},
	"internal/natstrace":   {"internal/state", nats},
	"internal/lock":        {},
	"internal/rawio":       {},
	"internal/socket":      {"pool", "wire", "pipeline", "internal/lock", "internal/rawio", "golang.org/x/sys"},
	"internal/link": {
		"wire", "internal/config", "internal/lock", "internal/natscontext", "internal/socket",
		nats, "github.com/nats-io/nkeys", "github.com/nats-io/jwt", "golang.org/x/net/proxy",
	},
	"internal/natsio": {
		"pool", "wire", "pipeline", "internal/link", "internal/lock", "internal/socket", nats, "golang.org/x/sys",
	},
	"internal/telemetry": {
		"pipeline", "wire", "internal/state", "internal/web", "github.com/VictoriaMetrics/metrics", "github.com/klauspost/compress/gzhttp",
	},
	"internal/state":   {},
	"internal/recent":  {"pipeline", "wire", "internal/lock", "internal/state"},
	"internal/explain": {"internal/state", "github.com/dustin/go-humanize"},
	"internal/service": {"internal/config", "internal/link", "internal/natstrace", "internal/state", nats},
	"internal/uplot":   {},
	"internal/web":     {"internal/state", "internal/uplot", "github.com/klauspost/compress/gzhttp"},
	"internal/observe": {"internal/service", "internal/state", "github.com/dustin/go-humanize"},
	"internal/observe/screen": {
		"internal/observe", "internal/service", "internal/state",
		bubbletea, lipgloss, "github.com/dustin/go-humanize",
	},
	"internal/sign": {},
	"internal/trace": {
		"client", "internal/link", "internal/natstrace", "internal/service", "internal/sign", "internal/state",
	},
	"internal/embedded": {natsServer},

	// What puts it together.
	"internal/relay": {
		"pool", "wire", "pipeline",
		"internal/config", "internal/link", "internal/lock", "internal/natsio", "internal/natstrace", "internal/recent", "internal/seal", "internal/service",
		"internal/state", "internal/telemetry",
	},
	"internal/schemas": {
		"internal/command", "internal/config", "internal/observe", "internal/preflight", "internal/state",
	},
	"internal/preflight": {
		"internal/config", "internal/link", "internal/natstrace", "internal/relay", "internal/state", nats,
	},
	"internal/command":  {"internal/suggest", "github.com/urfave/cli/v3"},
	"internal/logqueue": {},
	"cmd/fedrelay-demo": {"internal/command", "internal/demo", "github.com/urfave/cli/v3"},
	"cmd/fedrelay": {
		"internal/command", "internal/config", "internal/explain", "internal/link", "internal/logqueue", "internal/observe", "internal/preflight", "internal/relay", "internal/seal",
		"internal/service", "internal/sign", "internal/state", "internal/telemetry", "internal/trace",
		"github.com/urfave/cli/v3", "github.com/urfave/cli-docs/v3", "github.com/lmittmann/tint", "github.com/mattn/go-isatty",
		"github.com/KimMachineGun/automemlimit", "github.com/coreos/go-systemd/v22", "github.com/pkg/profile",
	},

	// Simulation, load, tests.
	"internal/record":   {"github.com/klauspost/compress"},
	"internal/report":   {"internal/record", "internal/uplot", "github.com/HdrHistogram/hdrhistogram-go", "github.com/dustin/go-humanize"},
	"internal/fleet":    {nats, "github.com/HdrHistogram/hdrhistogram-go"},
	"internal/load":     {"wire", "wire/compact", "internal/fleet", "internal/record", nats, "github.com/HdrHistogram/hdrhistogram-go"},
	"internal/cost":     {"internal/record"},
	"internal/child":    {},
	"internal/line":     {},
	"internal/progress": {"golang.org/x/term"},
	"internal/lab": {
		"internal/line", "internal/child", "internal/embedded", "internal/fleet", "internal/load", "internal/cost", "internal/record", nats,
	},
	"internal/chaos": {
		"internal/child", "internal/embedded", "internal/fleet", "internal/load", "internal/record", "internal/report", nats,
		"github.com/dustin/go-humanize",
	},
	"internal/demo": {
		"pipeline", "internal/config", "internal/relay", "internal/embedded", "internal/fleet", "internal/logqueue",
		"github.com/dustin/go-humanize", "github.com/mattn/go-isatty", "golang.org/x/term",
	},
	"internal/fedtest": {
		"internal/config", "internal/relay", "internal/embedded", nats, "github.com/miekg/dns",
	},
	"internal/natstest": {
		"internal/config", "internal/embedded", natsServer, nats, "github.com/nats-io/nkeys",
	},
	"internal/toy":      {"internal/embedded", nats},
	"internal/tools":    {"golang.org/x/sys"},
	"internal/archtest": {},
	"deploy":            {},
	"docs":              {},
	"internal/corpus":   {"wire"},
	"internal/sim":      {},
	"scripts/licenses":  {},
	"scripts/sbom":      {"internal/uplot"},
	"scripts/loadgen": {
		"internal/command", "internal/fleet", "internal/load", "internal/lab", "internal/line", "internal/progress", "internal/record", "internal/report",
		"github.com/urfave/cli/v3", "github.com/dustin/go-humanize",
	},
	"scripts/chaos": {
		"internal/chaos", "internal/command", "internal/load", "internal/progress", "internal/report",
		"github.com/urfave/cli/v3", "github.com/dustin/go-humanize",
	},
	"scripts/pictures": {"internal/command", "internal/embedded"},
	"benchmarks": {
		"internal/progress", "internal/record", "internal/report", "benchmarks/bare", "benchmarks/floor", "benchmarks/plain",
		"benchmarks/secure", "benchmarks/trial", "benchmarks/wan",
	},
	"benchmarks/bare":    {"benchmarks/secure", "internal/rawio"},
	"benchmarks/message": {"internal/fleet"},
	"benchmarks/secure":  {},
	"benchmarks/floor":   {"benchmarks/bare", "benchmarks/message", "wire"},
	"benchmarks/plain":   {"benchmarks/message", nats},
	"benchmarks/trial": {
		"benchmarks/bare", "benchmarks/message", "benchmarks/secure", "wire", "internal/record", "internal/child", "internal/cost", "internal/embedded",
		"internal/line", nats,
	},
	"benchmarks/wan": {
		"client", "wire", "wire/compact", "benchmarks/bare", "benchmarks/message", "internal/child", "internal/corpus", "internal/cost",
		"internal/embedded", "internal/line", "internal/record", "internal/report", nats,
	},
}

const (
	nats       = "github.com/nats-io/nats.go"
	natsServer = "github.com/nats-io/nats-server"
	bubbletea  = "charm.land/bubbletea/v2"
	lipgloss   = "charm.land/lipgloss/v2"
)

// onlyImportedBy names what stays with few packages, whatever the rows above say.
var onlyImportedBy = map[string][]string{
	nats: {
		"client", "internal/link", "internal/natscontext", "internal/natsio", "internal/fleet", "internal/fedtest",
		"internal/natstrace", "internal/preflight",
		"internal/natstest", "internal/service", "internal/toy", "internal/load", "internal/lab", "internal/chaos",
		"benchmarks/plain", "benchmarks/trial", "benchmarks/wan",
	},
	natsServer:          {"internal/embedded", "internal/natstest"},
	"internal/embedded": {"scripts/pictures", "internal/chaos", "internal/demo", "internal/fedtest", "internal/natstest", "internal/toy", "internal/lab", "benchmarks/trial", "benchmarks/wan"},
	"internal/fedtest":  {},
	bubbletea:           {"internal/observe/screen"},
	lipgloss:            {"internal/observe/screen"},
	"internal/toy":      {},
	"internal/tools":    {},
	"internal/schemas":  {},
	"internal/natstest": {},
	"internal/socket":   {"internal/link", "internal/natsio"},
	"internal/link":     {"internal/natsio", "internal/preflight", "internal/relay", "internal/service", "internal/trace", "cmd/fedrelay"},
	"internal/natsio":   {"internal/relay"},
}

// noIO are the packages that never see the world outside: they may not import outside, either.
var (
	noIO     = []string{"pool", "wire", "pipeline", "internal/seal"}
	outside  = []string{"net", "net/http", "os", "log", "log/slog", "os/exec", "syscall"}
	badNames = []string{"utils", "util", "common", "types", "helpers", "pkg"}
)
