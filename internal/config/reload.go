package config

import "reflect"

// A Key is one setting, by its dotted path.
type Key struct {
	Path string
	// Restart is why only a restart changes the setting, as the end of a sentence. It is empty if a
	// reload does.
	Restart string
}

// Keys lists all settings, in the order of Config.
func Keys() (all []Key) {
	for _, s := range settings(new(Config)) {
		all = append(all, s.key())
	}
	return all
}

func (s setting) key() Key { return Key{Path: s.path, Restart: s.restart} }

// A Change is a setting with two values. They are written as in a file, and secrets are redacted.
type Change struct {
	Key
	Old, New string
}

// String is the line that a reload logs.
func (c Change) String() string {
	if c.Old == c.New { // a secret
		return c.Path + ": " + c.New + " has changed"
	}
	return c.Path + ": " + c.Old + " -> " + c.New
}

// Changes lists the settings in which two configurations differ, in the order of Config.
func Changes(old, now Config) (all []Change) {
	after := settings(&now)
	for i, before := range settings(&old) {
		if same(before.value, after[i].value) {
			continue
		}
		all = append(all, Change{Key: before.key(), Old: before.text(), New: after[i].text()})
	}
	return all
}

// same reports whether two values mean the same: an empty list is as good as none.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// text is the value as a file has it. No value of a setting fails to be written, so there is no
// error to return.
func (s setting) text() string {
	text, err := s.shown()
	if err != nil {
		panic("config: BUG: cannot show " + s.path + ": " + err.Error())
	}
	return text
}
