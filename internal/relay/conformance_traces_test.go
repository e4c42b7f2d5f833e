package relay_test

import "strings"

// traceCases have traces that are not what Go programs send. No message is rejected for one.
func traceCases() (all []conformanceCase) {
	// A trace, and what is written of it with the relay's own hop; either may be as long as it
	// likes.
	for in, out := range map[string]string{
		``: `@+`, // a list that is there asks for a hop
		`["a","b"],["a"],[],null,["a","b","c","d"],[null,"b"]`: `["a","b"],["a","",""],["","",""],["","",""],["a","b","c"],["","b",""],@+`,
		strings.Repeat(`@H,`, 14) + `["z","z","z"]`:            strings.Repeat(`@H,`, 14) + `["z","z","z"],@+`,
		strings.Repeat(`@H,`, 15) + `["z","z","z"]`:            strings.Repeat(`@H,`, 14) + `["z","z","z"],@+`,
		`["c","c"],` + strings.Repeat(`["x","x","x"],`, 5000) + strings.Repeat(`@H,`, 13) + `["z"]`: `["c","c"],` +
			strings.Repeat(`@H,`, 13) + `["z","",""],@+`,
	} {
		what := in[:min(len(in), 60)]
		all = append(all, conformanceCase{
			id: "C53", what: "a request with the trace " + what,
			payload: strings.Replace(v1fed(targets(app7)), "@H", in, 1),
			strict:  published(strings.Replace(v1out, "@H,@+", out, 1), app7),
		}, conformanceCase{
			id: "C53", what: "a reply with the trace " + what, from: collective,
			payload: strings.Replace(v1reply(savedReply("@R")), "@HH", in, 1),
			strict:  published(strings.Replace(v1answer, "@HH,@+", out, 1), answers),
		})
	}
	return all
}
