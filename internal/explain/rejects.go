package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fedrelay/fedrelay/internal/state"
)

// Rejections writes rejected messages in the order of the list, and what to do about them. Without
// hint it leaves that out.
func Rejections(w io.Writer, all []state.Rejection, hint func(reason string) string) error {
	var b strings.Builder
	for _, r := range all {
		writeRejection(&b, r)
	}
	if hint != nil {
		b.WriteString(hints(all, hint))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeRejection writes one rejection in two lines or three.
func writeRejection(b *strings.Builder, r state.Rejection) {
	what := "rejected"
	if r.Targets > 0 {
		what = plural(r.Targets, "target") + " skipped"
	}
	fmt.Fprintf(b, "%s  %s\n", at(r.At), clean(r.Cluster+": "+r.Identity, 52))
	fmt.Fprintf(b, "  %s on the %s path: %s, %s bytes\n", what, clean(r.Path, 10), clean(r.Reason, 30), comma(int64(r.Size)))
	var of []string
	if r.Sender != "" {
		of = append(of, "sender "+clean(r.Sender, 60))
	}
	if r.Request != "" {
		of = append(of, "request "+clean(r.Request, 60))
	}
	if len(of) > 0 {
		b.WriteString("  " + strings.Join(of, ", ") + "\n")
	}
	if r.Subject != "" {
		b.WriteString("  subject " + clean(r.Subject, longest) + "\n")
	}
}

// hints says once for each reason what to do about it.
func hints(all []state.Rejection, hint func(reason string) string) string {
	var reasons []string
	for _, r := range all {
		if !slices.Contains(reasons, r.Reason) {
			reasons = append(reasons, r.Reason)
		}
	}
	slices.Sort(reasons)
	var b strings.Builder
	for _, reason := range reasons {
		if advice := hint(reason); advice != "" {
			b.WriteString(wrap(clean(reason, 30)+": "+advice, "  ", width))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\nWHAT TO DO\n" + b.String()
}
