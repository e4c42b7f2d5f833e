package archtest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// rows returns the folders in the first column of a table.
func rows(table string) (folders []string) {
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range span.FindAllStringSubmatch(cells[1], -1) {
				folders = append(folders, m[1])
			}
		}
	}
	return folders
}

// misplaced compares the rows of a table with the packages there are. A row with a slash at its end
// covers what is below it, too.
func misplaced(rows, packages []string) (wrong []string) {
	for _, pkg := range packages {
		if !slices.ContainsFunc(rows, func(row string) bool { return covers(row, pkg) }) {
			wrong = append(wrong, "has no row for "+pkg)
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(packages, func(pkg string) bool { return covers(row, pkg) }) {
			wrong = append(wrong, "has a row for "+row+", where no package is")
		}
	}
	return wrong
}

func covers(row, pkg string) bool {
	return row == pkg || strings.HasSuffix(row, "/") && strings.HasPrefix(pkg+"/", row)
}

func TestEachPackageHasARow(t *testing.T) {
	table := rows(section(t, architecture(t), "Where things are"))
	for _, wrong := range misplaced(table, slices.Sorted(maps.Keys(imports(t)))) {
		t.Errorf("the table of ARCHITECTURE.md %s", wrong)
	}
}

func TestRowsAreCompared(t *testing.T) {
	table := rows("| folder | x |\n|---|---|\n| `pool/` | `not this` |\n| `internal/a` `internal/b` | |\n")
	packages := []string{"pool", "pool/deep", "internal/a", "internal/b"}
	if wrong := misplaced(table, packages); len(wrong) > 0 {
		t.Error(wrong)
	}
	if wrong := misplaced(table, append(packages, "internal/c", "internal/a/deep")); len(wrong) != 2 {
		t.Errorf("packages without a row: %q", wrong)
	}
	if wrong := misplaced(append(table, "internal/c", "internal/"), packages); len(wrong) != 1 {
		t.Errorf("a row without a package: %q", wrong)
	}
}
