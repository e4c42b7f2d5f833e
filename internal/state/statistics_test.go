package state

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// A document with all keys that the original broker published.
const original = `{"version":"1.0.0","start_time":1500000000,"cluster":"london","instance":"fb1.ldn.example.net","config_file":"/etc/choria/broker.conf","status":"OK",
 "threads":{"stats_web_server":{"alive":true,"status":"sleep"},"federation_inbox_handler":{"alive":false,"status":false},"collective_inbox_handler":{"alive":false,"status":null}},
 "collective":{"source":"choria.federation.london.collective","received":5096,"sent":6100,"last_message":1500000900,"connected_server":"nats://choria1.ldn.example.net:4222","work_queue":3},
 "federation":{"source":"choria.federation.london.federation","received":31,"sent":5096,"last_message":1500000800,"connected_server":"disconnected","work_queue":0},
 "/stats":{"requests":7}}`

func TestStatisticsHaveAllKeysOfTheOriginal(t *testing.T) {
	var s Statistics
	if err := json.Unmarshal([]byte(original), &s); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if json.Unmarshal([]byte(original), &want) != nil || json.Unmarshal(data, &got) != nil || !reflect.DeepEqual(want, got) {
		t.Errorf("%s", data)
	}
}

func TestAnInstanceOfStatistics(t *testing.T) {
	var s Statistics
	if err := json.Unmarshal([]byte(original), &s); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1500001000, 0)
	i := s.Of(now)
	got := fmt.Sprint(i.Cluster, i.Identity, i.Version, i.Ready, i.StatisticsOnly, i.Started.Unix(), i.Now.Equal(now),
		i.Request.Received, i.Request.Sent(), i.Request.LastReceived.Unix(), i.Reply.Received, i.Reply.Sent(), i.Reply.QueueMessages)
	if want := "londonfb1.ldn.example.net1.0.0true true 1500000000 true 31 6100 1500000800 5096 5096 3"; got != want {
		t.Error(got)
	}
	if f, c := i.Sides[0], i.Sides[1]; f.Up || f.URL != "" || !c.Up || c.URL != "nats://choria1.ldn.example.net:4222" {
		t.Errorf("sides %+v", i.Sides)
	}
	if i := (Statistics{}).Of(now); !i.Started.IsZero() || !i.Request.LastReceived.IsZero() || len(i.Request.Fates) != 0 {
		t.Errorf("%+v", i)
	}
}
