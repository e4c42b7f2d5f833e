package lab

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fedrelay/fedrelay/internal/record"
)

// errNoMetrics is the error of a relay without books.
var errNoMetrics = errors.New("the relay exports no fedrelay_* metrics")

// reader reads the books of a relay from its metrics.
type reader struct {
	address string
	before  map[string]float64 // by name, path and fate
}

func newReader(address string) *reader { return &reader{address: address} }

// The metrics that are read. Their labels are path, or path and fate.
const (
	received    = "fedrelay_messages_received_total"
	messages    = "fedrelay_messages_total"
	inParse     = "fedrelay_messages_in_parse"
	accepted    = "fedrelay_copies_accepted_total"
	copies      = "fedrelay_copies_total"
	inFlight    = "fedrelay_copies_in_flight"
	unaccounted = "fedrelay_unaccounted"
	dropped     = "fedrelay_ingest_dropped_total"
)

// start reads the books before the run.
func (r *reader) start() (err error) {
	r.before, err = r.rest()
	return err
}

// ledgers returns what the books have gained since start. It waits until the relay is at rest.
func (r *reader) ledgers() ([]record.Ledger, error) {
	now, err := r.rest()
	if err != nil {
		return nil, err
	}
	var ledgers []record.Ledger
	for _, path := range []string{"request", "reply"} {
		gained := func(name string, fate ...string) int64 {
			key := strings.Join(append([]string{name, path}, fate...), " ")
			return int64(now[key] - r.before[key])
		}
		ledgers = append(ledgers, record.Ledger{
			Path: path, Received: gained(received), Accepted: gained(messages, "accepted"),
			Rejected: gained(messages, "rejected"), Dropped: gained(dropped),
			Copies: gained(accepted), Confirmed: gained(copies, "confirmed"),
			Unaccounted: int64(now[unaccounted+" "+path]),
		})
	}
	return ledgers, nil
}

// rest reads the books once nothing is in flight, or after 5 seconds.
func (r *reader) rest() (map[string]float64, error) {
	deadline := time.Now().Add(5 * time.Second)
	for {
		now, err := scrape(r.address)
		if err != nil {
			return nil, err
		}
		busy := 0.0
		for _, path := range []string{"request", "reply"} {
			busy += now[inParse+" "+path] + now[inFlight+" "+path]
		}
		if busy == 0 || time.Now().After(deadline) {
			return now, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// scrape sums the series by name, path and fate.
func scrape(address string) (map[string]float64, error) {
	resp, err := httpClient.Get("http://" + address + "/metrics")
	if err != nil {
		return nil, fmt.Errorf("reading the relay's metrics: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, fmt.Errorf("reading the relay's metrics: %w", err)
	}
	sums := parse(string(body))
	if _, ok := sums[received+" request"]; resp.StatusCode != http.StatusOK || !ok {
		return nil, errNoMetrics
	}
	return sums, nil
}

func parse(text string) map[string]float64 {
	sums := map[string]float64{}
	for line := range strings.Lines(text) {
		series, number, ok := cutLast(strings.TrimSpace(line), " ")
		value, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil || strings.HasPrefix(line, "#") {
			continue
		}
		name, labels, _ := strings.Cut(series, "{")
		key := name
		for _, label := range []string{"path", "fate"} {
			if _, rest, ok := strings.Cut(labels, label+`="`); ok {
				v, _, _ := strings.Cut(rest, `"`)
				key += " " + v
			}
		}
		sums[key] += value
	}
	return sums
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
