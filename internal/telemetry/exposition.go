package telemetry

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/metrics"
)

// A page is Prometheus text that is being written.
type page struct {
	bytes.Buffer
	name string // of the family being written
}

// metricsPage returns all of /metrics.
func metricsPage(s *scrape) []byte {
	var p page
	for _, f := range families {
		p.name = f.name
		p.WriteString("# HELP " + f.name + " " + f.help + "\n")
		p.WriteString("# TYPE " + f.name + " " + f.kind + "\n")
		f.write(&p, s)
	}
	metrics.WriteProcessMetrics(&p)
	metrics.WriteFDMetrics(&p)
	return p.Bytes()
}

// series writes one line. labels are pairs of a name and a value.
func (p *page) series(value int64, labels ...string) {
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
	p.WriteString(" " + strconv.FormatInt(value, 10) + "\n")
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func escapeLabel(value string) string {
	return labelEscapes.Replace(strings.ToValidUTF8(value, "\uFFFD"))
}
