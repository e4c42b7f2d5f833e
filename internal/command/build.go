package command

import (
	"runtime"
	"runtime/debug"
)

// A Build is what went into a program. The NATS client and server have advisories of their own, so
// they are named; "none" is not built in.
type Build struct {
	Version    string `json:"version"`
	Commit     string `json:"commit,omitempty"`
	Date       string `json:"date,omitempty"`
	Modified   bool   `json:"modified,omitempty"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	NATSClient string `json:"nats.go"`
	NATSServer string `json:"nats-server"`
}

// ReadBuild returns what the running program was built from. linked is the version that the linker
// put into it, if any: it counts more than what Go knows.
func ReadBuild(linked string) Build {
	b := Build{
		Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		NATSClient: "none", NATSServer: "none",
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	switch v := info.Main.Version; {
	case linked != "":
		b.Version = linked
	case v != "" && v != "(devel)":
		b.Version = v
	}
	b.readModules(info.Deps)
	b.readSettings(info.Settings)
	return b
}

func (b *Build) readModules(modules []*debug.Module) {
	for _, m := range modules {
		switch m.Path {
		case "github.com/nats-io/nats.go":
			b.NATSClient = m.Version
		case "github.com/nats-io/nats-server/v2":
			b.NATSServer = m.Version
		}
	}
}

func (b *Build) readSettings(settings []debug.BuildSetting) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
}
