package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fedrelay/fedrelay/internal/command"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"fedrelay-demo": main}) }

func TestScripts(t *testing.T) { testscript.Run(t, testscript.Params{Dir: "testdata/script"}) }

func TestAMistakeExitsWithTwo(t *testing.T) {
	err := app().Run(t.Context(), []string{"fedrelay-demo", "--nodes", "0"})
	if code := command.ExitCode(err); code != command.WrongUsage {
		t.Errorf("exit code %d", code)
	}
}
