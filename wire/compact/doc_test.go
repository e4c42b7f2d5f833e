package compact

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheDrawingsAreGoldenMessages compares what the package comment draws with golden files.
func TestTheDrawingsAreGoldenMessages(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	start := fmt.Sprintf("%x", read(t, "testdata/replies-sample.compact")[:19])
	if !strings.Contains(strings.ReplaceAll(doc, " ", ""), start) {
		t.Errorf("the comment has no %s", start)
	}
	for _, name := range []string{"request-sample", "replies-sample"} {
		for line := range strings.Lines(string(read(t, "testdata/"+name+".txt"))) {
			if strings.HasPrefix(line, "\t") && !strings.Contains(doc, "//"+line) {
				t.Errorf("the comment has no line %s", line)
			}
		}
	}
	for mark := markTargets; mark <= markInner; mark++ {
		if !strings.Contains(doc, fmt.Sprintf("%02X", mark)) {
			t.Errorf("the comment does not explain the mark %02X", mark)
		}
	}
}
