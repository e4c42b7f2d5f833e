package config

import "slices"

// Tagged reports whether the setting at path says whether a reload changes it, and only one of
// both.
func Tagged(path string) bool {
	return slices.ContainsFunc(settings(new(Config)), func(s setting) bool {
		return s.path == path && (s.reload == "yes") != (s.restart != "")
	})
}
