package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// A recordedCase is one hand-made message and what the incumbent published for it.
type recordedCase struct {
	name           string
	in             []byte
	fromFederation bool
	want           []published
}

// transportCases reads peer-transport-cases.json.
func transportCases(t *testing.T) (cases []recordedCase) {
	b, err := os.ReadFile(vectors(t, "peer-transport-cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Name, Input string
			InputSide   string                                    `json:"input_side"`
			PeerOutput  []struct{ Side, Subject, Payload string } `json:"peer_output"`
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		r := recordedCase{name: c.Name, in: []byte(c.Input), fromFederation: c.InputSide == "fed"}
		for _, out := range c.PeerOutput {
			if (out.Side == "col") == r.fromFederation {
				r.want = append(r.want, published{out.Subject, withoutWorkers(out.Payload)})
			}
		}
		cases = append(cases, r)
	}
	return cases
}

// edgeCases reads broker-edge-cases.jsonl, except for messages that are only described there.
func edgeCases(t *testing.T) (cases []recordedCase) {
	type message struct {
		Side, Subject string
		Data          *string
		DataB64       string `json:"data_b64"`
	}
	type line struct {
		Case, What string
		Input      message
		Outputs    []message
	}
	for _, l := range readLines[line](t, vectors(t, "edge-cases/broker-edge-cases.jsonl")) {
		in, ok := bytesOf(l.Input.Data, l.Input.DataB64)
		if !ok {
			continue
		}
		r := recordedCase{name: l.Case + " " + l.What, in: in, fromFederation: l.Input.Side == "federation"}
		for _, out := range l.Outputs {
			data, ok := bytesOf(out.Data, out.DataB64)
			if ok && out.Side != l.Input.Side {
				r.want = append(r.want, published{out.Subject, withoutWorkers(string(data))})
			}
		}
		cases = append(cases, r)
	}
	return cases
}

// isOpaque reports whether the incumbent dropped a message for its payload alone, which we never
// look into.
func isOpaque(in []byte) bool {
	_, err := readAsIncumbent(in)
	var corrupt base64.CorruptInputError
	return errors.As(err, &corrupt)
}

// carryAll carries every case. What comes out must mean what the incumbent published, in the same
// order. In strict mode less may come out: nothing, or not every copy.
func carryAll(t *testing.T, c carrier, cases []recordedCase) (carried int) {
	for _, r := range cases {
		t.Run(r.name, func(t *testing.T) {
			if isOpaque(r.in) {
				t.Skip("the payload is no base64: the incumbent drops it, we leave that to the reader")
			}
			got := c.carry(r.in, r.fromFederation)
			if len(got) > 0 {
				carried++
			}
			for len(got) > 0 && len(r.want) > 0 {
				if got[0].Subject == r.want[0].Subject {
					mustEqualJSON(t, got[0], r.want[0])
					got = got[1:]
				}
				r.want = r.want[1:]
			}
			for _, p := range got {
				t.Errorf("the incumbent does not publish %s", p.Subject)
			}
		})
	}
	return carried
}

func TestRecordedCasesComeOutTheSame(t *testing.T) {
	for _, c := range []struct {
		name         string
		carrier      carrier
		cases        []recordedCase
		strict, peer int // how many come out
	}{
		{
			"transport cases",
			carrier{
				collective: "choria.federation.london.collective", identity: "fedbroker1.example.net",
				federationURL: "nats://127.0.0.1:4511", collectiveURL: "nats://127.0.0.1:4512",
			},
			transportCases(t), 11, 13,
		},
		{
			"edge cases",
			carrier{
				collective: "choria.federation.production.collective", identity: "fb1.ldn.example.net",
				federationURL: "nats://127.0.0.1:4310", collectiveURL: "nats://127.0.0.1:4311",
			},
			edgeCases(t), 25, 34,
		},
	} {
		strict, peer := c.carrier, c.carrier
		strict.rules = Rules{MaxLength: 255}
		peer.rules, peer.peer = Rules{MaxLength: 255, Peer: true}, true
		t.Run(c.name+"/strict", func(t *testing.T) {
			if n := carryAll(t, strict, c.cases); n != c.strict {
				t.Errorf("%d of %d come out, want %d", n, len(c.cases), c.strict)
			}
		})
		t.Run(c.name+"/peer", func(t *testing.T) {
			if n := carryAll(t, peer, c.cases); n != c.peer {
				t.Errorf("%d of %d come out, want %d", n, len(c.cases), c.peer)
			}
		})
	}
}
