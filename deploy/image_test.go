package deploy

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
	"github.com/fedrelay/fedrelay/internal/natstest"
)

func healthy(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// The image is built by an engine, twice the same, and runs: as nobody, with no rights, and on a
// file system that it cannot write.
func TestTheImage(t *testing.T) {
	stage := filepath.Join(packages(t), "stage")
	e := startEngine(t)
	build := func() string {
		return e.does("build", "--quiet", "--no-cache", "--isolation", "chroot", "--timestamp", "1700000000", "-f", "docker/Dockerfile", "-t", "fedrelay", stage)
	}
	if first, second := build(), build(); first != second {
		t.Errorf("two builds are %s and %s", first, second)
	}
	const runs = "65532:65532 [/fedrelay] [run --http 0.0.0.0:8280]"
	if said := e.does("image", "inspect", "--format", "{{.User}} {{.Config.Entrypoint}} {{.Config.Cmd}}", "fedrelay"); said != runs {
		t.Errorf("it runs %s", said)
	}
	if said := e.does(strict("fedrelay", "version")...); !strings.HasPrefix(said, "fedrelay 0.0.2") {
		t.Errorf("its version is %s", said)
	}
	t.Run("carries", func(t *testing.T) { imageCarries(t, e.within(t)) })
	t.Run("files", func(t *testing.T) { imageReadsFiles(t, e.within(t)) })
	t.Run("certificates", func(t *testing.T) { imageTrusts(t, e.within(t)) })
}

// mounted returns a directory with a configuration, and the arguments that mount it.
func mounted(t *testing.T, n *fedtest.Networks) (dir string, args []string) {
	t.Helper()
	dir = sharedDir(t)
	text := fmt.Sprintf("cluster: %s\nfederation: {servers: [%q]}\ncollective: {servers: [%q]}\ndrain: {replies: 1s}\n",
		fedtest.Cluster, n.Federation.ClientURL(), n.Collective.ClientURL())
	if err := os.WriteFile(filepath.Join(dir, "fedrelay.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, []string{"-v", dir + ":/etc/fedrelay:ro", "-e", "FEDRELAY_CONFIG=/etc/fedrelay/fedrelay.yaml"}
}

// Two relays of the image take turns under load, and nothing is lost.
func imageCarries(t *testing.T, e *engine) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	_, mount := mounted(t, n)
	if said := e.does(strict(append(mount, "fedrelay", "check", "--connect")...)...); !strings.Contains(said, "OK") {
		t.Error(said)
	}
	mount = append(mount, "fedrelay", "run", "--http", "127.0.0.1:0")
	first := e.run("first", mount...)
	first.ready()
	traffic := startTraffic(t, n)
	traffic.more(500)
	second := e.run("second", mount...)
	second.ready()
	first.stop()
	traffic.more(500)
	traffic.end()
	second.stop()
}

// Files of a package belong to a group of the host, which the user of the image is not in. Contexts
// of nats are in a home directory, which it has not, either.
func imageReadsFiles(t *testing.T, e *engine) {
	n := fedtest.StartNetworks(t, embedded.Options{})
	dir, mount := mounted(t, n)
	const group = 4711
	if err := os.Chown(dir, 0, group); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	check := append(mount, "fedrelay", "check")
	if said := e.fails(strict(check...)...); !strings.Contains(said, "fedrelay.yaml: permission denied for user 65532 of groups 65532;") {
		t.Error(said)
	}
	e.does(strict(append([]string{"--group-add", fmt.Sprint(group)}, check...)...)...)

	contexts := sharedDir(t)
	if err := os.WriteFile(filepath.Join(contexts, "fed.json"), []byte(`{"url":"nats://127.0.0.1:1"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	e.does(strict("-v", contexts+":/.config/nats/context:ro", "fedrelay", "check", "--cluster", "x", "--fed-context", "fed", "--collective", "nats://127.0.0.1:2")...)
}

// There are no authorities in the image. A server that a public one vouches for needs those of the
// host, and the relay says so.
func imageTrusts(t *testing.T, e *engine) {
	authority := natstest.NewAuthority(t, "Public CA")
	n := fedtest.StartNetworks(t, embedded.Options{TLS: authority.Server(natstest.Soon(), "127.0.0.1")})
	dir, mount := mounted(t, n)
	text, err := os.ReadFile(authority.Path)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "roots.pem"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	check := append(mount, "fedrelay", "check", "--connect")
	if said := e.fails(strict(check...)...); !strings.Contains(said, "none here; set it to the file of that authority") {
		t.Error(said)
	}
	roots := []string{"-v", filepath.Join(dir, "roots.pem") + ":/etc/ssl/certs/ca-certificates.crt:ro"}
	e.does(strict(append(roots, check...)...)...)
}
