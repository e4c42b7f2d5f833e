package state

// An Explanation is what an operator gets to see of one request.
type Explanation struct {
	Schema   int    `json:"schema"`
	ID       string `json:"id"`
	Together Whole  `json:"together"`
	// Instances are all that have answered, also those that know nothing of the request.
	Instances []Request `json:"instances"`
	// Silent are members of the queue groups that have not answered, as far as that can be found
	// out. What they know is missing.
	Silent []string `json:"silent,omitempty"`
}

// Explain returns what instances that were asked for a request say together.
func Explain(id string, answers []Request, silent []string) Explanation {
	e := Explanation{Schema: Schema, ID: id, Instances: answers, Silent: silent}
	var known []Request
	for _, r := range answers {
		if r.Known() {
			known = append(known, r)
		}
	}
	e.Together = Merge(known)
	e.Together.ID = id
	return e
}
