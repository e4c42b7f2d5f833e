package compact_test

import (
	"fmt"

	"github.com/fedrelay/fedrelay/wire"
	"github.com/fedrelay/fedrelay/wire/compact"
)

func Example() {
	replies := []wire.Parts{
		{Version: wire.V1, Data: []byte(`"eyJhIjoxfQ=="`), Sender: []byte("web1"), FedReply: []byte("m.reply.c.7")},
		{Version: wire.V1, Data: []byte(`"eyJhIjoyfQ=="`), Sender: []byte("web2"), FedReply: []byte("m.reply.c.7")},
	}
	var e compact.Encoder
	m := e.AppendReplies(nil, []byte("m.reply.edge.ams.london.="), replies)

	var d compact.Decoder
	contents, reason := d.Open(m, compact.Limits{Bytes: 1 << 20, Messages: 1000})
	if reason != wire.OK {
		fmt.Println("rejected:", reason)
		return
	}
	fmt.Println(contents.Messages, "replies for", string(contents.Address))
	text, places := d.Append(nil, nil)
	for _, place := range places {
		fmt.Printf("%s\n", place.Of(text))
	}
	// Output: 2 replies for m.reply.edge.ams.london.=
	// {"protocol":"choria:transport:1","data":"eyJhIjoxfQ==","headers":{"mc_sender":"web1","federation":{"reply-to":"m.reply.c.7"}}}
	// {"protocol":"choria:transport:1","data":"eyJhIjoyfQ==","headers":{"mc_sender":"web2","federation":{"reply-to":"m.reply.c.7"}}}
}
