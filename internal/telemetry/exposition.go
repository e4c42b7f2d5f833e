package telemetry

import (
	"bytes"
	"strconv"
	"strings"
)

// A page is Prometheus text that is being written.
type page struct {
	bytes.Buffer
	name    string // of the family being written
	cluster string // of the edge that the family is written for; empty for a relay
}

// metricsPage returns all of /metrics.
func metricsPage(s *scrape) []byte {
	var p page
	p.families(families[:], s)
	if s.choria {
		p.families(choriaFamilies[:], s)
	}
	p.process()
	return p.Bytes()
}

func (p *page) families(all []family, s *scrape) {
	for _, f := range all {
		p.name = f.name
		p.WriteString("# HELP " + f.name + " " + f.help + "\n")
		p.WriteString("# TYPE " + f.name + " " + f.kind + "\n")
		p.family(f, s)
	}
}

// family writes all series of f. Those of an edge have the label cluster.
func (p *page) family(f family, s *scrape) {
	if f.write == nil {
		ofProcess[f.name](p, s)
		return
	}
	for i := range s.relays {
		if info := s.relays[i].info; info.Edge {
			p.cluster = info.Cluster
		}
		f.write(p, &s.relays[i])
		p.cluster = ""
	}
}

// series writes one line. labels are pairs of a name and a value.
func (p *page) series(value int64, labels ...string) {
	p.line(strconv.FormatInt(value, 10), labels)
}

// line writes one line whose value is text already.
func (p *page) line(value string, labels []string) {
	if p.cluster != "" {
		labels = append([]string{"cluster", p.cluster}, labels...)
	}
	p.WriteString(p.name)
	open := byte('{')
	for i := 0; i < len(labels); i += 2 {
		p.WriteByte(open)
		p.WriteString(labels[i] + `="` + escapeLabel(labels[i+1]) + `"`)
		open = ','
	}
	if len(labels) > 0 {
		p.WriteByte('}')
	}
	p.WriteString(" " + value + "\n")
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func escapeLabel(value string) string {
	return labelEscapes.Replace(strings.ToValidUTF8(value, "\uFFFD"))
}
