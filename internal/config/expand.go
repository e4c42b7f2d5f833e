package config

import (
	"errors"
	"fmt"
	"strings"
)

// maxSecretFile bounds what ${file:PATH} may read.
const maxSecretFile = 64 << 10

// expander replaces ${NAME} by an environment variable and ${file:PATH} by a file's trimmed
// content. $${ stands for ${ itself. What is put in is not expanded again, so nothing can loop or
// grow.
type expander struct {
	lookup func(name string) (string, bool)
	// keepFiles leaves ${file:PATH} for ReadSecret to expand, and escapes all other text, so that
	// ReadSecret returns it unchanged.
	keepFiles bool
}

func (e expander) expand(s string) (string, error) {
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1] + e.literal("${"))
			s = s[i+2:]
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return "", errors.New(`"${" without "}"; write $${ for a literal ${`)
		}
		value, err := e.value(s[i+2 : i+end])
		if err != nil {
			return "", err
		}
		b.WriteString(s[:i] + value)
		s = s[i+end+1:]
		if b.Len() > maxFile {
			return "", fmt.Errorf("expands to more than %d bytes", maxFile)
		}
	}
}

func (e expander) value(name string) (string, error) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		if e.keepFiles {
			return "${" + name + "}", nil
		}
		return fileValue(path)
	}
	if !isVariable(name) || e.lookup == nil {
		return "", fmt.Errorf("${%.40s}: want ${NAME} or ${file:PATH}; write $${ for a literal ${", name)
	}
	value, ok := e.lookup(name)
	if !ok {
		return "", fmt.Errorf("${%s}: the environment variable %s is not set; set it or write the value out",
			name, name)
	}
	return e.literal(value), nil
}

func (e expander) literal(text string) string {
	if e.keepFiles {
		return escape(text)
	}
	return text
}

func fileValue(path string) (string, error) {
	content, err := readText(path, maxSecretFile)
	if err != nil {
		return "", fmt.Errorf("${file:%s}: %w", path, err)
	}
	text := strings.TrimSpace(string(withoutMark(content)))
	if text == "" {
		return "", fmt.Errorf("${file:%s}: is empty", path)
	}
	return text, nil
}

func isVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
