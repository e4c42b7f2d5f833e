package config

// Shown is a configuration in effect, as fedrelay config show prints it as JSON.
type Shown struct {
	Schema   int            `json:"schema"`
	Settings []ShownSetting `json:"settings"`
}

// A ShownSetting is one setting with where it comes from.
type ShownSetting struct {
	Key   string `json:"key"`   // dotted path
	Value string `json:"value"` // as it may stand in a file; secrets are redacted
	From  string `json:"from"`  // file:line:column, variable, flag, or default
	// Reload says whether a reload changes the setting.
	Reload bool `json:"reload"`
}

// Shown returns the whole configuration as data.
func (r Resolved) Shown() (Shown, error) {
	s := Shown{Schema: 1}
	for _, leaf := range settings(&r.Config) {
		value, err := leaf.shown()
		if err != nil {
			return s, err
		}
		s.Settings = append(s.Settings, ShownSetting{
			Key: leaf.path, Value: value, From: r.Origin(leaf.path).String(), Reload: leaf.reload == "yes",
		})
	}
	return s, nil
}
