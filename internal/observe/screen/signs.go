package screen

import "strings"

// Signs are what is drawn with.
type Signs struct {
	more         string // something is missing here
	dash         string
	ready        string
	unready      string
	silent       string
	broker       string
	cursor       string
	confirmed    string // of the ledger
	confirmedKey string // in its legend
	skipped      string
	failed       string
	inFlight     string
	spark        []string // from nothing to most
	shade        []string
}

// Unicode has what nearly every font of terminals has.
var Unicode = Signs{
	more: "…", dash: "─", ready: "●", unready: "!", silent: "○", broker: "~", cursor: ">",
	confirmed: "█", confirmedKey: "■", skipped: "▒", failed: "x", inFlight: "░",
	spark: strings.Split(" ▁▂▃▄▅▆▇█", ""), shade: strings.Split(" ░▒▓█", ""),
}

// ASCII is for terminals that say they cannot draw anything else.
var ASCII = Signs{
	more: ">", dash: "-", ready: "+", unready: "!", silent: "o", broker: "~", cursor: ">",
	confirmed: "#", confirmedKey: "#", skipped: "=", failed: "x", inFlight: ".",
	spark: strings.Split(" ..::||##", ""), shade: strings.Split(" .:*#", ""),
}

// SignsFor returns the signs for the locale in an environment. It looks at the variables in the
// order in which the C library does.
func SignsFor(getenv func(string) string) Signs {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			if strings.Contains(v, "utf-8") || strings.Contains(v, "utf8") {
				return Unicode
			}
			return ASCII
		}
	}
	return Unicode // nothing is said, as in a container: a terminal of today can
}
