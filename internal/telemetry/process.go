package telemetry

import (
	"bufio"
	"bytes"
	"strings"

	"github.com/VictoriaMetrics/metrics"
)

// process writes the metrics of the Go runtime and of the process. The library writes no help, and
// a few names and types that Prometheus' own check calls mistakes.
func (p *page) process() {
	var all bytes.Buffer
	metrics.WriteProcessMetrics(&all)
	metrics.WriteFDMetrics(&all)
	lines := bufio.NewScanner(&all)
	for lines.Scan() {
		p.processLine(lines.Text())
	}
}

// processLine writes one line of the library, as it should be.
func (p *page) processLine(line string) {
	words := strings.Fields(line)
	if len(words) > 2 && words[0] == "#" {
		p.name = words[2]
		switch words[1] {
		case "HELP":
			line = "# HELP " + p.name + " " + processHelp(p.name)
		case "TYPE":
			if words[3] == gauge && strings.HasSuffix(p.name, "_total") {
				line = "# TYPE " + p.name + " " + counter
			}
		}
	}
	if !misnamed[p.name] {
		p.WriteString(line + "\n")
	}
}

// misnamed are families whose names end as only those of histograms may. What they say is said by
// others, or of no use here.
var misnamed = map[string]bool{"go_cgo_calls_count": true, "go_cpu_count": true, "go_gc_forced_count": true}

// processHelp returns what a family of the library is. For one that is new in it that is not much.
func processHelp(name string) string {
	if help, ok := processHelps[name]; ok {
		return help
	}
	if what, ok := strings.CutPrefix(name, "go_memstats_"); ok {
		return "Of the Go runtime: " + strings.ReplaceAll(what, "_", " ") + ", as runtime.MemStats has it."
	}
	if strings.HasPrefix(name, "go_") {
		return "Of the Go runtime."
	}
	return "Of the process, as the operating system counts it."
}

var processHelps = map[string]string{
	"go_gc_cpu_seconds_total":             "CPU time of garbage collection.",
	"go_gc_duration_seconds":              "Time that garbage collections have stopped the process for.",
	"go_gc_mark_assist_cpu_seconds_total": "CPU time that goroutines gave to garbage collection when they allocated.",
	"go_gc_pauses_seconds":                "Pauses of the process for garbage collection.",
	"go_gomaxprocs":                       "Processors that goroutines may use at the same time.",
	"go_goroutines":                       "Goroutines that exist.",
	"go_info":                             "Always 1. The version of Go.",
	"go_info_ext":                         "Always 1. What the program is compiled for.",
	"go_memlimit_bytes":                   "Memory that the garbage collector tries to stay below.",
	"go_mutex_wait_seconds_total":         "Time that goroutines have waited for mutexes.",
	"go_sched_latencies_seconds":          "Time that goroutines waited for a processor when they could run.",
	"go_scavenge_cpu_seconds_total":       "CPU time of giving memory back to the system.",
	"go_threads":                          "Threads that were created.",
	"process_cpu_seconds_total":           "CPU time of the process.",
	"process_max_fds":                     "File descriptors that the process may have open.",
	"process_open_fds":                    "File descriptors that the process has open.",
	"process_resident_memory_bytes":       "Memory of the process that is in RAM.",
	"process_resident_memory_peak_bytes":  "The most that it was.",
	"process_start_time_seconds":          "When the process began.",
}
