package config

import (
	"strings"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// didYouMean returns a hint that names the candidate nearest to word. If none is near it names all
// of them.
func didYouMean(word string, candidates []string) string {
	if n := suggest.Nearest(word, candidates); n != "" {
		return ` (did you mean "` + n + `"?)`
	}
	switch len(candidates) {
	case 0:
		return ""
	case 1:
		return ` (did you mean "` + candidates[0] + `"?)`
	}
	return " (allowed: " + strings.Join(candidates, ", ") + ")"
}

// guess returns the path that meant returns, and how to write it in place of the unknown key.
func (s schema) guess(section, key string) (path, shown string) {
	if _, known := s.leaves[key]; known && parentOf(key) != "" { // written with dots
		return key, asWritten(key)
	}
	path = s.meant(section, key)
	if path != "" && parentOf(path) == section {
		return path, strings.TrimPrefix(path, section+".")
	}
	return path, path
}

// meant returns the path that an unknown key in a section may be meant for, or "". It prefers a key
// in the section or below to one elsewhere, and the same word to a similar one.
func (s schema) meant(section, key string) string {
	if path, ok := s.below(section, key); ok {
		return path
	}
	if n := suggest.Nearest(key, s.children[section]); n != "" {
		return join(section, n)
	}
	var rests []string
	for _, path := range s.paths {
		if rest, ok := inside(section, path); ok {
			rests = append(rests, rest)
		}
	}
	if n := suggest.Meaning(key, rests); n != "" {
		return join(section, n)
	}
	return s.elsewhere(key)
}

// below finds the leaf of that name in a section, at any depth. one is false if there are none or
// several.
func (s schema) below(section, key string) (found string, one bool) {
	for _, path := range s.paths {
		rest, ok := inside(section, path)
		if !ok || rest != key && !strings.HasSuffix(rest, "."+key) {
			continue
		}
		if found != "" {
			return "", false
		}
		found = path
	}
	return found, found != ""
}

// inside returns what a path adds to section. It is false if path is not in section.
func inside(section, path string) (rest string, ok bool) {
	if section == "" {
		return path, true
	}
	return strings.CutPrefix(path, section+".")
}

// elsewhere finds a leaf of that name in another section, or outside of all. If all sides have it,
// that of the first one is returned.
func (s schema) elsewhere(key string) string {
	if _, outside := s.leaves[key]; outside {
		return key
	}
	var found []string
	for _, path := range s.paths {
		if strings.HasSuffix(path, "."+key) {
			found = append(found, path)
		}
	}
	if len(found) == 0 || len(found) > 3 {
		return ""
	}
	return found[0]
}

// asWritten returns how a path with dots must be written in a file.
func asWritten(path string) string {
	first, rest, _ := strings.Cut(path, ".")
	open, closed := strings.ReplaceAll(rest, ".", ": {"), strings.Repeat("}", strings.Count(path, "."))
	return first + ": {" + open + ": ..." + closed
}
