package config

import (
	"strings"

	"github.com/fedrelay/fedrelay/internal/suggest"
)

// didYouMean is the nearest candidate as a hint, else all of them, else nothing.
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

// guess returns what meant does, and how to write it where the unknown key stands.
func (s schema) guess(section, key string) (path, shown string) {
	if _, dotted := s.leaves[key]; dotted {
		return key, asWritten(key)
	}
	path = s.meant(section, key)
	if path != "" && parentOf(path) == section {
		return path, strings.TrimPrefix(path, section+".")
	}
	return path, path
}

// meant is the path of what an unknown key in a section may have been meant for, or "": a key that
// is there or below comes before one elsewhere, and the same word before a like one.
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

// below finds the one leaf of that name in a section, at any depth.
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

// inside is what a path adds to a section that it is in.
func inside(section, path string) (rest string, ok bool) {
	if section == "" {
		return path, true
	}
	return strings.CutPrefix(path, section+".")
}

// elsewhere finds a leaf of that name in another section; of the two sides the first stands for
// both.
func (s schema) elsewhere(key string) string {
	var found []string
	for _, path := range s.paths {
		if strings.HasSuffix(path, "."+key) {
			found = append(found, path)
		}
	}
	if len(found) == 0 || len(found) > 2 {
		return ""
	}
	return found[0]
}

// asWritten is how a path that was written with dots looks in a file.
func asWritten(path string) string {
	first, rest, _ := strings.Cut(path, ".")
	open, closed := strings.ReplaceAll(rest, ".", ": {"), strings.Repeat("}", strings.Count(path, "."))
	return first + ": {" + open + ": ..." + closed
}
