package report

import (
	"bytes"
	"strings"
	"testing"
)

func TestThresholds(t *testing.T) {
	ms, count := 120.0, int64(7)
	s := Summary{P99: &ms, Delivered: &count, Lost: 2, GeneratorBound: true, CPUPerCopy: &ms}
	for text, met := range map[string]bool{
		"p99<200ms":                    true,
		"p99_ms<0.2s":                  true,
		" p99 <= 120 ":                 true,
		"p99<120":                      false,
		"p99>120000us":                 false,
		"p99>=2m":                      false,
		"lost==2":                      true,
		"lost==0":                      false,
		"lost!=0":                      true,
		"lost > 1.5":                   true,
		"delivered>=7":                 true,
		"generator_bound==false":       false,
		"generator_bound==true":        true,
		"relay_cpu_us_per_copy<1ms":    true,
		"relay_cpu_us_per_copy<0.1ms":  false,
		"first_reply<10s":              false, // not measured
		"p99.9>=0":                     false,
		"relay_cpu_us_per_reply!=1000": false,
	} {
		threshold, err := ParseThreshold(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if broken := Check(s, []Threshold{threshold}); (len(broken) == 0) != met {
			t.Errorf("%s: %v", text, broken)
		}
	}
}

func TestThresholdsThatMeanNothing(t *testing.T) {
	for text, want := range map[string]string{
		"":              "like p99<200ms",
		"p99":           "like p99<200ms",
		"p99<":          "like p99<200ms",
		"<5":            "like p99<200ms",
		"lost=0":        "< <= > >= == !=",
		"lost=>0":       "< <= > >= == !=",
		"p98<5":         `there is no number "p98"; there are elapsed, cpus, nodes,`,
		"version==1":    "there is no number",
		"lost<5ms":      "lost is not a time",
		"relay_rss<5ms": "relay_rss is not a time",
		"p99<soon":      `"soon" is no number and no duration`,
		"p99<NaN":       "is no number",
		"p99<Inf":       "is no number",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestVerdictsShowWhatWasMeasured(t *testing.T) {
	s := Summarize(synthetic(50, 2, 1))
	s.LastCopy = nil
	var thresholds []Threshold
	for _, text := range []string{"p99<200ms", "lost!=0", "last_copy<1s", "targets==100"} {
		threshold, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		thresholds = append(thresholds, threshold)
	}
	var b bytes.Buffer
	if err := Verdicts(&b, s, thresholds); err != nil {
		t.Fatal(err)
	}
	const want = "✓ p99<200ms: 143 ms\n✗ lost!=0: 0\n✗ last_copy<1s: not measured\n✓ targets==100: 100\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if broken := Check(s, thresholds); len(broken) != 2 || broken[1].String() != "last_copy<1s" {
		t.Error(broken)
	}
}

func TestEveryNumberHasOneName(t *testing.T) {
	seen := map[string]string{}
	for i := range metrics {
		for _, name := range []string{metrics[i].name, metrics[i].short} {
			if other, ok := seen[name]; ok && other != metrics[i].name {
				t.Errorf("%s is %s and %s", name, other, metrics[i].name)
			}
			seen[name] = metrics[i].name
		}
	}
	if len(metrics) < 40 {
		t.Errorf("only %d numbers", len(metrics))
	}
}

func TestNumbersAreRounded(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0626: "0.063", 10.06: "10.1", 199.9: "200", -150.6: "-151", 1999.5: "2,000", 189079.7: "189,080", 12: "12",
	} {
		if got := number(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
