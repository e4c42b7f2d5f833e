package schemas

import (
	"github.com/fedrelay/fedrelay/internal/command"
	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/observe"
	"github.com/fedrelay/fedrelay/internal/preflight"
	"github.com/fedrelay/fedrelay/internal/state"
)

// Documents returns a value of each document, by the name of its file in schemas/.
func Documents() map[string]any {
	return map[string]any{
		"check":        preflight.Report{},
		"config-show":  config.Shown{},
		"explain":      state.Explanation{},
		"explain-list": []state.Summary{},
		"observe":      observe.Snapshot{},
		"rejects":      []state.Rejection{},
		"trace":        state.Trace{},
		"version":      command.Build{},
	}
}
