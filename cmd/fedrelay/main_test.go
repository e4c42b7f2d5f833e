package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fedrelay/fedrelay/internal/command"
)

// actAsMain makes the test binary the program, for tests that need a process with exit codes and
// signals.
const actAsMain = "RUN_AS_FEDRELAY"

// maxDescriptors is how many descriptors the program may have open, where it is set.
const maxDescriptors = "RUN_WITH_DESCRIPTORS"

func limitDescriptors(text string) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n})
	}
	if text != "" && err != nil {
		panic(err)
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(actAsMain) != "" {
		limitDescriptors(os.Getenv(maxDescriptors))
		main()
		return
	}
	if os.Getenv(actAsServer) != "" {
		if err := serveNATS(os.Args[1:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// program is the path of what acts as the program.
func program(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs the program.
func child(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Env = append(os.Environ(), actAsMain+"=1")
	return cmd
}

func TestEveryHelpFitsAScreenAndEndsWithExamples(t *testing.T) {
	for _, verb := range []string{
		"", "run", "edge", "observe", "explain", "rejects", "trace", "check", "config", "config example", "config show",
		"config schema", "config permissions", "config migrate-choria",
		"keys", "keys new", "keys rotate", "keys show", "version",
		"completion", "completion bash", "completion zsh", "completion fish", "completion pwsh",
	} {
		var out strings.Builder
		root := app()
		root.Writer = &out
		args := append(append([]string{"fedrelay"}, strings.Fields(verb)...), "--help")
		err := root.Run(t.Context(), command.HelpFirst(root, args))
		if err != nil {
			t.Errorf("%s: %v", verb, err)
		}
		help := out.String()
		if lines := strings.Count(help, "\n"); lines > 60 {
			t.Errorf("%s: %d lines of help", verb, lines)
		}
		_, examples, _ := strings.Cut(help, "\nEXAMPLES:\n")
		if strings.Count(examples, "fedrelay") < 2 {
			t.Errorf("%s: no two examples at the end of\n%s", verb, help)
		}
		if strings.Contains(help, " [ --") {
			t.Errorf("%s: a flag is named twice on its line:\n%s", verb, help)
		}
		if strings.Contains(help, "\x1b") {
			t.Errorf("%s: escape sequences in the help", verb)
		}
	}
}

func TestEndings(t *testing.T) {
	failed := errors.New("x")
	for name, c := range map[string]struct {
		ending
		code int
	}{
		"clean":                    {ending{connected: true}, command.Done},
		"unconfirmed":              {ending{connected: true, unconfirmed: 1}, command.Done},
		"unconfirmed, strict":      {ending{connected: true, unconfirmed: 1, strict: true}, exitUnconfirmed},
		"strict and clean":         {ending{connected: true, strict: true}, command.Done},
		"cut short":                {ending{connected: true, err: failed}, command.Failed},
		"never connected":          {ending{}, command.Unreachable},
		"aborted":                  {ending{aborted: true, connected: true, err: failed}, command.Interrupted},
		"aborted, never connected": {ending{aborted: true}, command.Interrupted},
	} {
		var said strings.Builder
		if code := report(&said, c.exit()); code != c.code || (code == 0) != (said.Len() == 0) {
			t.Errorf("%s: exit code %d, want %d; said %q", name, code, c.code, said.String())
		}
	}
}
