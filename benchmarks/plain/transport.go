package plain

// A transport is the outermost layer of a message. Its payload stays encoded.
type transport struct {
	Protocol string  `json:"protocol"`
	Data     string  `json:"data"`
	Headers  headers `json:"headers"`
}

type headers struct {
	ReplyTo    string      `json:"reply-to,omitempty"`
	Sender     string      `json:"mc_sender,omitempty"`
	SeenBy     [][]string  `json:"seen-by,omitempty"`
	Federation *federation `json:"federation,omitempty"`
}

type federation struct {
	Request string   `json:"req,omitempty"`
	ReplyTo string   `json:"reply-to,omitempty"`
	Targets []string `json:"target,omitempty"`
}
