package wire

import (
	"path/filepath"
	"testing"
)

// What real clients and nodes sent through the incumbent comes out of us with the same bytes,
// except for the numbers of workers.
func TestRecordedConversationsComeOutTheSame(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectors(t, "conversations"), "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { replay(t, file) })
	}
}

func replay(t *testing.T, file string) {
	type line struct {
		Seq                        int
		Side, Leg, Broker, Subject string
		Data                       *string
		DataSameAs                 int `json:"data_same_as"`
	}
	c := carrier{
		rules:         Rules{MaxLength: 255},
		collective:    "choria.federation.production.collective",
		identity:      "fb1.ldn.example.net",
		federationURL: "nats://127.0.0.1:4310",
		collectiveURL: "nats://127.0.0.1:4311",
	}
	data := map[int]string{}
	inputs, outputs := 0, 0
	want := map[published]int{} // recorded and not yet carried, or the other way round if negative
	for _, l := range readLines[line](t, file) {
		if l.Data != nil {
			data[l.Seq] = *l.Data
		} else {
			data[l.Seq] = data[l.DataSameAs]
		}
		switch l.Broker {
		case "input":
			inputs++
			for _, out := range c.carry([]byte(data[l.Seq]), l.Side == "federation") {
				want[out]--
			}
		case "output":
			outputs++
			want[published{l.Subject, withoutWorkers(data[l.Seq])}]++
		}
	}
	if inputs == 0 || outputs == 0 {
		t.Errorf("%d inputs, %d outputs", inputs, outputs)
	}
	for out, n := range want {
		if n != 0 {
			t.Errorf("%+d: %s %s", n, out.Subject, out.Data)
		}
	}
}
