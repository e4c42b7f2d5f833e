package record

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func written(t testing.TB, run *Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func same(t testing.TB, got, want *Run) {
	t.Helper()
	// An empty list of samples and none are the same; no copies and copies of no target are not.
	either := cmp.Options{cmpopts.EquateEmpty()}
	options := cmp.FilterPath(func(p cmp.Path) bool { return len(p) < 4 }, either)
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("not what was written (-want +got):\n%s", diff)
	}
}

func TestARunIsReadAsItWasWritten(t *testing.T) {
	for _, run := range []*Run{
		{},
		synthetic(1, 1),
		synthetic(300, 7),
		{Nodes: []string{"a", "b"}, Requests: []Request{{Planned: -5, Sent: math.MaxInt64, Targets: []uint32{}, Replies: []uint32{}}}},
		{Nodes: []string{"", "<\x00"}, Requests: []Request{{Targets: []uint32{1}, Copies: []uint32{math.MaxUint32}}}},
	} {
		got, err := Read(bytes.NewReader(written(t, run)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, run)
	}
}

func TestAFullRunIsSmall(t *testing.T) {
	run := synthetic(10_000, 100)
	file := written(t, run)
	t.Logf("10,000 nodes x 100 requests: %.2f MB", float64(len(file))/1e6)
	if len(file) > 20e6 {
		t.Errorf("%d bytes", len(file))
	}
}

func TestFilesAppearWhenComplete(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.frb")
	run := synthetic(10, 2)
	if err := WriteFile(name, run); err != nil {
		t.Fatal(err)
	}
	bad := synthetic(10, 2)
	bad.Requests[0].Replies = bad.Requests[0].Replies[1:]
	if err := WriteFile(name, bad); err == nil {
		t.Error("written although replies are missing")
	}
	got, err := ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, run)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), "*")); len(left) != 1 {
		t.Error(left)
	}
}

func TestWhatIsNoFileIsWrittenInPlace(t *testing.T) {
	if err := WriteFile(os.DevNull, synthetic(2, 1)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatal(info, err)
	}
}

func TestWriteRefusesWhatIsInconsistent(t *testing.T) {
	for name, spoil := range map[string]func(*Run){
		"replies": func(r *Run) { r.Requests[1].Replies = nil; r.Requests[1].Copies = []uint32{1} },
		"order":   func(r *Run) { r.Requests[1].Targets[3] = 2 },
		"target":  func(r *Run) { r.Requests[1].Targets[9] = 10 },
		"mark":    func(r *Run) { r.Requests[0].Marks = []Mark{{Node: 10}} },
		"head":    func(r *Run) { r.Meta.Relay = strings.Repeat("x", maxHead) },
	} {
		run := synthetic(10, 2)
		spoil(run)
		if err := Write(io.Discard, run); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestCostsThatAreNoNumbersAreUnknown(t *testing.T) {
	got, err := Read(bytes.NewReader(written(t, &Run{Costs: Costs{CPUPerCopy: math.NaN(), CPUPerReply: math.Inf(1)}})))
	if err != nil || got.Costs != (Costs{}) {
		t.Error(got, err)
	}
}

func TestWriteReportsTheWriter(t *testing.T) {
	broken := errors.New("disk full")
	if err := Write(failing{broken}, synthetic(10, 1)); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

func TestFilesOfAnotherVersionAreToldFromOtherFiles(t *testing.T) {
	for start, want := range map[string]string{
		"fedrelay run 1\n": "measure it again", "fedrelay run 3\n": "measure it again",
		"{\"started\": \"\"}": "not a run file", "": "not a run file",
	} {
		if _, err := Read(strings.NewReader(start + "\x28\xb5\x2f\xfd")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", start, err)
		}
	}
}
