package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// repeated is n bytes of s, again and again.
func repeated(s string, n int) string { return strings.Repeat(s, n/len(s)) }

func numbered(format string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n-40; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// billionLaughs is the billion laughs attack.
func billionLaughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 lol\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(repeated(fmt.Sprintf("*a%d,", i-1), 36), ","))
	}
	return b.String()
}

// TestHostileFilesAreRejectedQuickly: 100 ms and 50 MB on an idle machine; the test allows for a
// busy one.
func TestHostileFilesAreRejectedQuickly(t *testing.T) {
	files := map[string]string{
		"a megabyte":      repeated("x", 1<<20),
		"laughs":          billionLaughs(),
		"brackets":        repeated("[", maxFile),
		"braces":          repeated("{a: ", maxFile),
		"dashes":          repeated("- ", maxFile),
		"question marks":  repeated("? ", maxFile),
		"keys":            numbered("k%d: v\n", maxFile),
		"same key":        repeated("cluster: a\n", maxFile),
		"documents":       repeated("---\n", maxFile),
		"indentation":     repeated(" ", maxFile/2) + "a: b",
		"tabs":            repeated("\t", maxFile),
		"long word":       repeated("x", maxFile),
		"long key":        repeated("x", maxFile-10) + ": 1",
		"open quote":      "cluster: \"" + repeated("x", maxFile-20),
		"literals":        repeated("cluster: |\n", maxFile),
		"expansions":      "cluster: '" + repeated("${HOME}", maxFile-20) + "'",
		"unclosed":        "cluster: '" + repeated("${", maxFile-20) + "'",
		"zero bytes":      repeated("\x00", 1000),
		"not UTF-8":       "cluster: \xff",
		"escape sequence": "cluster: \x1b[2J",
		"list":            "federation: {servers: [" + repeated("a,", maxFile-40) + "a]}",
	}
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := loadText(t, content, func(s *Sources) { s.Environ = []string{"HOME=/home/someone"} })
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("no error")
			}
			if size := len(err.Error()); size > 1<<20 {
				t.Errorf("the error has %d bytes", size)
			}
			if took > 30*time.Second || after.TotalAlloc-before.TotalAlloc > 50<<20 {
				t.Errorf("took %v and %d MB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			t.Logf("%v, %d MB: %.120s", took, (after.TotalAlloc-before.TotalAlloc)>>20, err)
		})
	}
}

func TestPathsThatAreNotFiles(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge")
	write(t, huge, "")
	if err := os.Truncate(huge, 1<<30); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(link, link); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		fifo: "is a pipe or device, want a regular file", dir: "is a directory, want a file", "/dev/zero": "pipe or device",
		huge: "has 1073741824 bytes, want at most", link: "too many levels of symbolic links", dir + "/none": "no such file",
	} {
		for _, src := range []Sources{
			{File: path}, {Choria: path},
			{Flags: []Flag{{"--cluster", "cluster", []string{"a"}}, {"--fed-creds", "federation.creds", []string{path}}}},
		} {
			src.Hostname = "h.example.net"
			if _, err := Load(src); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v, want %q", path, err, says)
			}
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	for name, content := range map[string]string{
		"misspelt":  "federation:\n  pasword: hunter2\n",
		"number":    "federation:\n  password: 1234\n",
		"beside":    "federation: {password: hunter2, tls: 5}\n",
		"token":     "federation:\n  token: [hunter2]\n",
		"no user":   "federation:\n  password: hunter2\n",
		"in URL":    "federation:\n  servers: ['natz://bob:hunter2@a:4222']\n",
		"URL alone": "federation:\n  servers: nats://bob:hunter2@a:4222\n",
		"broken":    "federation:\n  password: \"hunter2\n",
	} {
		_, err := loadText(t, content, nil)
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWorldReadableSecretIsWarnedOf(t *testing.T) {
	creds := filepath.Join(t.TempDir(), "creds")
	write(t, creds, "secret")
	if err := os.Chmod(creds, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := loadText(t, "cluster: a\nfederation:\n  servers: [nats://a:1]\n  creds: "+creds+other, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantWarning(t, r, "can be read by every user (mode 0644); chmod 600 it")
}

// A file of nothing but unknown keys: each is compared with all that are known.
func TestHostileOriginalFilesAreReadQuickly(t *testing.T) {
	for name, content := range map[string]string{
		"short keys":  numbered("k%d=v\n", maxFile-400),
		"like others": numbered("plugin.choria.midleware_hosts%d=v\n", maxFile-400),
		"long keys":   numbered(repeated("x", 120)+"%d=v\n", maxFile-400),
		"one key":     repeated("identity=x\n", maxFile-400),
		"no keys":     repeated("x\n", maxFile-400),
	} {
		start := time.Now()
		r, err := resolveChoria(t, toldHosts+content, nil)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(append(r.Warnings, r.Notes...), "\n")
		if took := time.Since(start); took > 10*time.Second || len(said) > 64<<10 {
			t.Errorf("%s: took %v and says %d bytes", name, took, len(said))
		} else {
			t.Logf("%s: took %v and says %d bytes", name, took, len(said))
		}
	}
}
