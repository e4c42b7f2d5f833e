package report

// notes are what readers of the numbers should know.
func notes(s *Summary) (notes []string) {
	add := func(when bool, note string) {
		if when {
			notes = append(notes, note)
		}
	}
	add(len(s.Differences) > 0, "The books do not agree: trust no number before you know why.")
	add(!s.InProcess, "Nodes ran in another process: copies were not seen, and second copies neither.")
	add(s.Late > 0, "Late replies came after the deadline; their targets are counted as lost, and they are in no latency.")
	add(s.Silent > 0, plural(s.Silent, "target")+" simulated not to answer.")
	add(s.Requests > 0 && s.Requests < 100,
		"With fewer than 100 requests, p99 of the first and last reply and of the last copy is the slowest request.")
	add(s.Replies > 0 && s.Replies < 1000, "With fewer than 1,000 replies, p99.9 is the slowest reply.")
	add(s.With["closed-loop"] == "true",
		"Closed loop: a slow relay was asked less often, so that the percentiles flatter it.")
	add(s.Relay == "" && s.CPUPerCopy == nil, "Nobody watched the relay: its cost is unknown.")
	add(len(s.RelayLedger) == 0, "The relay's books were not read (--http), or it exports none: these are those of both ends.")
	return notes
}
