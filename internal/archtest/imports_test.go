package archtest

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports returns what each package imports outside its tests. Packages of this module stand
// without its path.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	of := map[string][]string{}
	for _, f := range goFiles(t) {
		pkg := path.Dir(f.path)
		if _, ok := of[pkg]; !ok {
			of[pkg] = nil // the package is known even if it imports nothing
		}
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Errorf("%s: %v", f.path, err)
			}
			of[pkg] = append(of[pkg], strings.TrimPrefix(imported, module+"/"))
		}
	}
	if len(of) < 5 {
		t.Fatalf("only %d packages found under %s", len(of), root)
	}
	return of
}

// violations are what the tables forbid of imports.
func violations(imports map[string][]string) (found []string) {
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		row, ok := mayImport[pkg]
		if !ok {
			found = append(found, pkg+" has no row in mayImport: decide what it may import")
		}
		for _, imported := range imports[pkg] {
			if !isStandard(imported) && !covered(row, imported) {
				found = append(found, pkg+" must not import "+imported+" (see mayImport)")
			}
			if slices.Contains(noIO, pkg) && slices.Contains(outside, imported) {
				found = append(found, pkg+" must not import "+imported+": it does no I/O")
			}
			for guarded, by := range onlyImportedBy {
				if covered([]string{guarded}, imported) && !slices.Contains(by, pkg) {
					found = append(found, pkg+" must not import "+imported+" (see onlyImportedBy)")
				}
			}
		}
	}
	return found
}

// isStandard reports whether a path is of the standard library: its first element is a plain word,
// and none of the directories of this module.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	ours := []string{"pool", "wire", "pipeline", "internal", "cmd", "scripts", "benchmarks"}
	return !strings.Contains(first, ".") && !slices.Contains(ours, first)
}

// covered reports whether a row names imported or something above it.
func covered(row []string, imported string) bool {
	return slices.ContainsFunc(row, func(entry string) bool {
		return imported == entry || strings.HasPrefix(imported, entry+"/")
	})
}

// deadEntries are rows for packages that do not exist, and grants that nobody uses.
func deadEntries(imports map[string][]string) (found []string) {
	for pkg, row := range mayImport {
		if _, exists := imports[pkg]; !exists {
			found = append(found, "mayImport has a row for "+pkg+", which does not exist")
			continue
		}
		for _, entry := range row {
			if !imported(imports[pkg], entry) {
				found = append(found, "mayImport lets "+pkg+" import "+entry+", and it does not")
			}
		}
	}
	for guarded, by := range onlyImportedBy {
		if _, exists := imports[guarded]; !exists && !strings.Contains(guarded, ".") {
			found = append(found, "onlyImportedBy guards "+guarded+", which does not exist")
		}
		for _, pkg := range by {
			if !imported(imports[pkg], guarded) {
				found = append(found, "onlyImportedBy lets "+pkg+" import "+guarded+", and it does not")
			}
		}
	}
	for _, pkg := range noIO {
		if _, exists := imports[pkg]; !exists {
			found = append(found, "noIO names "+pkg+", which does not exist")
		}
	}
	slices.Sort(found)
	return found
}

// imported reports whether one of imports is entry, or below it.
func imported(imports []string, entry string) bool {
	return slices.ContainsFunc(imports, func(path string) bool { return covered([]string{entry}, path) })
}

func TestTablesNameOnlyWhatExistsAndIsUsed(t *testing.T) {
	for _, dead := range deadEntries(imports(t)) {
		t.Error(dead)
	}
}

func TestDeadEntriesAreFound(t *testing.T) {
	all := imports(t)
	delete(all, "internal/suggest")
	all["pool"] = nil
	found := strings.Join(deadEntries(all), "\n")
	for _, want := range []string{
		"mayImport has a row for internal/suggest, which does not exist",
		"mayImport lets pool import github.com/valyala/bytebufferpool, and it does not",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in %s", want, found)
		}
	}
}

func TestPackagesImportOnlyWhatTheirRowAllows(t *testing.T) {
	for _, violation := range violations(imports(t)) {
		t.Error(violation)
	}
}

func TestTheTablesForbid(t *testing.T) {
	for pkg, imported := range map[string]string{
		"pool":               "wire",
		"wire":               "github.com/nats-io/nats.go",
		"pipeline":           "log/slog",
		"internal/relay":     "github.com/nats-io/nats.go",
		"internal/telemetry": "internal/natsio",
		"internal/socket":    "github.com/nats-io/nats.go",
		"internal/link":      "pipeline",
		"cmd/fedrelay":       "github.com/nats-io/nats-server/v2/server",
		"internal/demo":      "internal/fedtest",
		"internal/new":       "strings",
	} {
		if len(violations(map[string][]string{pkg: {imported}})) == 0 {
			t.Errorf("%s may import %s", pkg, imported)
		}
	}
	if found := violations(map[string][]string{"pipeline": {"wire", "pool", "sync/atomic"}}); len(found) > 0 {
		t.Error(found)
	}
}

func TestPackageNamesSayWhatIsInside(t *testing.T) {
	for pkg := range imports(t) {
		for _, name := range strings.Split(pkg, "/") {
			if slices.Contains(badNames, name) {
				t.Errorf("%s: a package named %s holds anything", pkg, name)
			}
		}
	}
}
