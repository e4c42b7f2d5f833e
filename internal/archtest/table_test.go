package archtest

// mayImport is the whole of what each package may import besides the standard library. A package without a row fails:
// adding a package means deciding about its place. Tests are free, their imports do not reach the program.
//
// Arrows point from I/O to plain data. An entry covers the packages below it. Own packages stand without the module path.
var mayImport = map[string][]string{
	// Plain data.
	"pool":     {"github.com/valyala/bytebufferpool"},
	"wire":     {"github.com/klauspost/compress"},
	"pipeline": {"pool", "wire"},

	"internal/suggest": {},
	"internal/config":  {"go.yaml.in/yaml/v4", "wire", "internal/suggest"},

	// The network.
	"internal/natsio": {
		"internal/config", "pipeline", "pool", "wire",
		nats, "github.com/nats-io/nkeys", "github.com/nats-io/jwt", "github.com/nats-io/jsm.go/natscontext",
		"golang.org/x/net/proxy", "golang.org/x/sys", "github.com/miekg/dns",
	},
	"internal/telemetry": {
		"pipeline", "wire", "github.com/VictoriaMetrics/metrics", "github.com/klauspost/compress/gzhttp",
	},
	"internal/embedded": {natsServer, nats},

	// Decisions about a message: no I/O.
	"internal/policy": {"wire", "github.com/expr-lang/expr", "golang.org/x/time/rate"},
	"internal/audit":  {"wire"},
	"internal/seal":   {"wire", "golang.org/x/crypto"},

	// What puts it together.
	"internal/relay": {
		"pool", "wire", "pipeline",
		"internal/config", "internal/natsio", "internal/telemetry", "internal/policy", "internal/audit", "internal/seal",
		"golang.org/x/sync", "golang.org/x/time/rate",
	},
	"internal/command":  {"internal/suggest", "github.com/urfave/cli/v3"},
	"internal/logqueue": {},
	"cmd/fedrelay": {
		"internal/command", "internal/config", "internal/logqueue", "internal/relay", "internal/telemetry", "internal/demo",
		"github.com/urfave/cli/v3", "github.com/lmittmann/tint", "github.com/mattn/go-isatty",
		"github.com/KimMachineGun/automemlimit", "github.com/coreos/go-systemd/v22", "github.com/pkg/profile",
	},

	// Simulation, load, tests.
	"internal/record":   {"github.com/klauspost/compress"},
	"internal/report":   {"internal/record", "github.com/HdrHistogram/hdrhistogram-go", "github.com/dustin/go-humanize"},
	"internal/fleet":    {nats, "github.com/HdrHistogram/hdrhistogram-go", "github.com/nats-io/nuid"},
	"internal/load":     {"internal/fleet", "internal/record", nats, "github.com/HdrHistogram/hdrhistogram-go"},
	"internal/cost":     {"internal/record"},
	"internal/child":    {},
	"internal/progress": {"golang.org/x/term"},
	"internal/lab": {
		"internal/child", "internal/embedded", "internal/fleet", "internal/load", "internal/cost", "internal/record", nats,
	},
	"internal/demo": {
		"pipeline", "internal/config", "internal/relay", "internal/telemetry", "internal/embedded", "internal/fleet",
		"internal/logqueue", nats, "github.com/dustin/go-humanize", "github.com/mattn/go-isatty", "golang.org/x/term",
	},
	"internal/fedtest": {
		"pool", "wire", "pipeline", "internal/config", "internal/relay", "internal/natsio", "internal/embedded",
		"internal/fleet", nats, natsServer, "github.com/miekg/dns",
	},
	"internal/archtest": {},
	"internal/sim":      {},
	"scripts/loadgen": {
		"internal/command", "internal/fleet", "internal/load", "internal/lab", "internal/progress", "internal/record", "internal/report",
		"github.com/urfave/cli/v3", "github.com/dustin/go-humanize",
	},
	"benchmarks": {
		"internal/progress", "internal/record", "internal/report", "benchmarks/floor", "benchmarks/message", "benchmarks/plain",
		"benchmarks/trial",
	},
	"benchmarks/bare":    {},
	"benchmarks/message": {},
	"benchmarks/floor":   {"benchmarks/bare", "benchmarks/message"},
	"benchmarks/plain":   {nats},
	"benchmarks/trial": {
		"benchmarks/bare", "benchmarks/message", "internal/record", "internal/child", "internal/cost", "internal/embedded", nats,
	},
}

const (
	nats       = "github.com/nats-io/nats.go"
	natsServer = "github.com/nats-io/nats-server"
)

// onlyImportedBy guards against rows that grow: these stay with few, whatever the rows above say.
var onlyImportedBy = map[string][]string{
	nats: {
		"internal/natsio", "internal/embedded", "internal/fleet", "internal/fedtest", "internal/demo",
		"internal/load", "internal/lab", "benchmarks/plain", "benchmarks/trial",
	},
	natsServer:          {"internal/embedded", "internal/fedtest"},
	"internal/embedded": {"internal/demo", "internal/fedtest", "internal/lab", "benchmarks/trial"},
	"internal/fedtest":  {},
	"internal/natsio":   {"internal/relay", "internal/fedtest"},
}

// noIO are the packages that never see the world outside: of the standard library too they may not import these.
var (
	noIO     = []string{"pool", "wire", "pipeline", "internal/policy", "internal/seal"}
	outside  = []string{"net", "net/http", "os", "log", "log/slog", "os/exec", "syscall"}
	badNames = []string{"utils", "util", "common", "types", "helpers", "pkg"}
)
