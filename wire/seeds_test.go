package wire

import "strings"

// seeds are messages, good and bad, from which fuzzing starts.
var seeds = []string{
	string(request(3, 16)),
	string(reply(16)),
	`{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{"reply":"choria.reply.a.b","sender":"up=alice","trace":[["a","b","c"]],"federation":{"request":"r","targets":["choria.node.n1"]}}}`,
	`{"protocol":"io.choria.protocol.v2.transport","data":"QQ==","headers":{"sender":"n1","trace":[],"federation":{"request":"r","reply":"choria.reply.a.b"}}}`,
	`{"headers":{"federation":{"target":["mcollective.broadcast.agent.x"],"req":"r"},"mc_sender":"c","seen-by":[["a","b"]],"reply-to":"mcollective.reply.a.1.2"},"data":"aGVs\nbG8=\n","protocol":"choria:transport:1"}`,
	`{"protocol":"choria:transport:1","data":"","headers":{"federation":null,"seen-by":null,"reply-to":null,"mc_sender":null}}`,
	`{"protocol":"choria:transport:1","data":null,"headers":{"federation":{"target":null,"req":null,"reply-to":null}}}`,
	`{"protocol":"choria:transport:1","data":"\u0041\/\ud83d\ude00","headers":{"mc_sender":"\"\\\b\u007f é€😀","federation":{"target":["\u0061.b"]}}}`,
	`{"protocol":"choria:transport:1","data":"","headers":{"mc_sender":"\ud800"}}`,
	`{"protocol":"choria:transport:1","data":"","Headers":{},"h\u0065aders":{},"header` + "\u017f" + `":{}}`,
	`{"protocol":"choria:transport:1","data":"","headers":{"see` + "n-by" + `":[["a","b","c","d"]],"SEEN-BY":[],"federation":{"tar\u0067et":["x"]}}}`,
	`{"protocol":"choria:transport:1","data":[65,66],"headers":{"seen-by":[[null,"y"],[],null,["a","b","c",{"d":1}]],"federation":{}}}`,
	`{"protocol":"choria:transport:1","data":"","headers":null}`,
	`{"protocol":"choria:transport:1","data":"QQ==","x":{"y":[1,-0.5e+3,true,false,null,{"z":"\u0000"}]},"headers":{"targets":["a"]}}`,
	`{"protocol":"choria:secure:request:1","data":""} `,
	"\ufeff{}", "null", "[]", `"x"`, "0", "", " ", "{", `{"a`, `{"a":`, `{"a":01}`, `{"a":1,}`,
	strings.Repeat("[", 100),
}
