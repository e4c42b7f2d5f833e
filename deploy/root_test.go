package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// A root is a file system of its own that packages are installed into, with a shell, the programs
// of shadow-utils, and a systemctl that notes what it is asked, and fails.
type root struct {
	t     *testing.T
	dir   string
	asked int // how many bytes of the notes have been read
}

func newRoot(t *testing.T) *root {
	t.Helper()
	r := &root{t: t, dir: sharedDir(t)}
	for _, dir := range []string{"run/systemd/system", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "dev", "etc"} {
		if err := os.MkdirAll(r.path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		if err := os.Symlink("usr/"+name, r.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	r.write("dev/null", "")
	r.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
	r.write("etc/group", "root:x:0:\n")
	r.write("usr/bin/systemctl", "#!/bin/sh\necho \"$*\" >> /asked\nexit 1\n")
	for _, program := range []string{"/usr/bin/sh", "/usr/bin/getent", "/usr/sbin/groupadd", "/usr/sbin/useradd", "/usr/sbin/nologin"} {
		r.copy(program)
		for _, library := range regexp.MustCompile(`/\S+`).FindAllString(command(t, "ldd", program), -1) {
			r.copy(strings.TrimSuffix(library, ":"))
		}
	}
	return r
}

func (r *root) path(name string) string { return filepath.Join(r.dir, name) }

func (r *root) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

func (r *root) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(r.path(name), []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// copy copies a file of this machine to the same place.
func (r *root) copy(path string) {
	r.t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(r.path(path)), 0o755)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(path, string(text))
}

// rpm installs into the root. It has no package of shadow-utils, only what is in it.
func (r *root) rpm(args ...string) string {
	r.t.Helper()
	return command(r.t, "rpm", append([]string{"--root", r.dir, "--nodeps"}, args...)...)
}

// hasAsked fails unless systemctl has been asked for this since the last time.
func (r *root) hasAsked(when, want string) {
	r.t.Helper()
	all := r.read("asked")
	if got := strings.ReplaceAll(strings.TrimSpace(all[r.asked:]), "\n", ", "); got != want {
		r.t.Errorf("%s asks systemctl for %q, want %q", when, got, want)
	}
	r.asked = len(all)
}

// id is what stands third in a line of /etc/passwd or /etc/group.
func (r *root) id(file string) (id uint32) {
	r.t.Helper()
	line := regexp.MustCompile(`(?m)^fedrelay:[^:]*:(\d+):`).FindStringSubmatch(r.read(file))
	if line == nil {
		r.t.Fatalf("%s has no fedrelay: %s", file, r.read(file))
	}
	_, err := fmt.Sscan(line[1], &id)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// run runs the installed program as the user of the package.
func (r *root) run(args ...string) string {
	r.t.Helper()
	cmd := exec.Command(installed, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: r.dir, Credential: &syscall.Credential{Uid: r.id("etc/passwd"), Gid: r.id("etc/group")}}
	cmd.Path, cmd.Dir, cmd.Err = installed, "/", nil // there, and perhaps not here
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// mode fails unless a file has these rights and belongs to root and the group of the package.
func (r *root) mode(name string, want os.FileMode) {
	r.t.Helper()
	info, err := os.Stat(r.path(name))
	if err != nil {
		r.t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if info.Mode().Perm() != want || owner.Uid != 0 || owner.Gid != r.id("etc/group") {
		r.t.Errorf("%s is %v of %d and %d", name, info.Mode(), owner.Uid, owner.Gid)
	}
}
