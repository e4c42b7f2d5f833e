package relay

// Warnings implements telemetry.View: what those who watch something have to say about it now.
func (r *Relay) Warnings() (all []string) {
	for _, warn := range r.warners {
		all = append(all, warn()...)
	}
	return all
}
