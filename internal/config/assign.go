package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// assignment is the value of one setting as it was written, not checked yet.
type assignment struct {
	path  string
	texts []string
	// elements holds the place of each element of a list, if the elements have places of their own.
	elements []Origin
	origin   Origin
}

// assign sets the leaf to the value of texts. The error says what is wanted, and never repeats a
// secret.
func (s setting) assign(texts []string) error {
	if list, ok := s.value.Addr().Interface().(*[]string); ok {
		*list = append([]string(nil), texts...)
		return nil
	}
	if len(texts) != 1 {
		return errors.New("want one value, got " + fmt.Sprint(len(texts)))
	}
	return s.assignOne(texts[0])
}

func (s setting) assignOne(text string) (err error) {
	switch p := s.value.Addr().Interface().(type) {
	case *string:
		*p = text
	case *bool:
		*p, err = parseBool(text)
	case *int:
		*p, err = parseCount(text)
	case *Size:
		*p, err = ParseSize(text)
	case *Lanes:
		*p, err = ParseLanes(text)
	case *Publish:
		*p, err = ParsePublish(text)
	case *time.Duration:
		*p, err = parseDuration(text)
	default:
		panic("config: BUG: no way to assign " + s.path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", quoted(text), err)
	}
	return nil
}

func parseBool(text string) (bool, error) {
	switch text {
	case "true", "false":
		return text == "true", nil
	}
	return false, errors.New("want true or false")
}

func parseCount(text string) (int, error) {
	n, err := parseInt(text)
	if err != nil || int64(int(n)) != n {
		return 0, errors.New("want a whole number, in digits only")
	}
	return int(n), nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil {
		return d, nil
	}
	if _, err := parseInt(text); err == nil {
		return 0, fmt.Errorf("has no unit; write %ss for seconds", text)
	}
	return 0, errors.New("want a duration such as 500ms, 30s or 5m")
}

// quoted returns a value for an error text, clipped and escaped so that it neither fills the screen
// nor moves the cursor.
func quoted(text string) string {
	const most = 80
	if len(text) > most {
		return fmt.Sprintf("%q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

// splitList cuts a variable or flag at commas. A list that is empty or only blanks has no elements.
func splitList(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
