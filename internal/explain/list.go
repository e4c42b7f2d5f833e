package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/state"
)

// List writes recent requests in the order of the list. Ids are never clipped: they are to be
// copied.
func List(w io.Writer, all []state.Summary) error {
	var b strings.Builder
	line := func(id, came, targets, replies, sender string) {
		text := fmt.Sprintf("%-32s  %8s  %7s  %7s  %s", id, came, targets, replies, sender)
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	line("REQUEST", "CAME UTC", "TARGETS", "REPLIES", "SENDER")
	for _, s := range all {
		came := ""
		if !s.First.IsZero() {
			came = s.First.UTC().Format(time.TimeOnly)
		}
		line(clean(s.ID, longest), came, comma(s.Targets), comma(s.Replies), clean(s.Sender, 18))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
