package report

import (
	"encoding/json"
	"io"

	"github.com/fedrelay/fedrelay/internal/record"
)

// JSON writes the summary of a run as one indented object.
func JSON(w io.Writer, run *record.Run) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(Summarize(run))
}
