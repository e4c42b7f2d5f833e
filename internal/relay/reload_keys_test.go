package relay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fedrelay/fedrelay/internal/config"
)

// Each setting that claims to be reloaded is in one of the sections that apply looks at. Whoever
// adds another one makes Process.Reload apply it, and then names it here.
func TestEverySettingThatIsReloadedIsApplied(t *testing.T) {
	applied := []string{
		"federation.", "collective.", "line.", // Endpoint.Replace
		"compat", "trace", "limits.", "allow.", "return_address.", // newRules, setRights, seals.use
		"weight",             // Source.SetWeight
		"one_network",        // read by networksInOne
		"drain.",             // read when a drain begins
		"stats.", "service.", // reloadService
		"log.drop_interval",       // notes.setInterval
		"log.level", "log.format", // by the program
	}
	for _, k := range config.Keys() {
		known := slices.ContainsFunc(applied, func(section string) bool { return strings.HasPrefix(k.Path, section) })
		if k.Restart == "" && !known {
			t.Errorf("%s says that a reload changes it, and Process.Reload knows nothing of it", k.Path)
		}
	}
}
