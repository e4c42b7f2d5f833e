package state

import (
	"encoding/json"
	"reflect"
	"testing"
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
