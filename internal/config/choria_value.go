package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// get returns the value of key in the files, else standard, unless that is "".
func (c *choria) get(key, standard string) (choriaValue, bool) {
	v, ok := c.value(key)
	if !ok && standard != "" {
		return choriaValue{text: standard, origin: c.withAlias(key)}, true
	}
	return v, ok
}

// overridden returns the value of key in the files. A variable replaces it, as in the original
// broker, but only if the key is in a file. Otherwise the variable has no effect, and gives a
// warning.
func (c *choria) overridden(key, variable string) (choriaValue, bool) {
	v, ok := c.value(key)
	value := c.loader.env[variable]
	if value == "" {
		return v, ok
	}
	at := Origin{source: fromChoria, Name: variable, alias: key}
	if !ok {
		c.loader.warn(at, "", "ignored: "+key+
			" is not in the configuration; add it there, or use the FEDRELAY_ variables")
		return v, false
	}
	return choriaValue{text: value, origin: at}, true
}

// variable returns the value of a variable, even if key is in no file. Without the variable it
// returns the value of key in the files.
func (c *choria) variable(key, variable string) (choriaValue, bool) {
	if value := c.loader.env[variable]; value != "" {
		c.used[key] = true
		at := Origin{source: fromChoria, Name: variable, alias: key}
		return choriaValue{text: value, origin: at}, true
	}
	return c.value(key)
}

func (c *choria) withAlias(key string) Origin {
	at := c.top
	at.alias = key
	return at
}

// isTrue reports whether key has a true value. As in the original broker, an unknown word is false.
func (c *choria) isTrue(key string) bool {
	v, _ := c.value(key)
	return isTrue(v.text)
}

func isTrue(text string) bool {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "y", "t":
		return true
	}
	return false
}

// isFalse is not the opposite of isTrue: a key that is not set is neither.
func (c *choria) isFalse(key string) bool {
	_, ok := c.value(key)
	return ok && !c.isTrue(key)
}

// list splits at commas. Empty elements are left out, with a warning: the original broker keeps
// them and stumbles over them.
func (c *choria) list(v choriaValue) []string {
	var elements []string
	for _, element := range strings.Split(v.text, ",") {
		element = strings.TrimSpace(element)
		if element == "" {
			c.loader.warn(v.origin, "", "an empty element is ignored")
			continue
		}
		elements = append(elements, element)
	}
	return elements
}

// path expands a leading ~ as the original broker does.
func (c *choria) path(text string) string {
	if text == "~" || strings.HasPrefix(text, "~/") {
		return c.loader.home() + text[1:]
	}
	return text
}

var choriaUnit = regexp.MustCompile(`^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|D|w|W|M|y|Y)`)

// choriaDuration reads plain seconds or a sum of numbers with units, such as 1h30m or 2d; M is 30
// days, y is 365.
func choriaDuration(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil {
		text = fmt.Sprintf("%ds", n)
	}
	rest, sum := text, time.Duration(0)
	for rest != "" {
		m := choriaUnit.FindStringSubmatch(rest)
		if m == nil {
			return 0, errors.New("want seconds, or a duration such as 30s, 5m or 1d")
		}
		d, err := choriaUnits(m[1], m[2])
		if err != nil {
			return 0, err
		}
		sum, rest = sum+d, rest[len(m[0]):]
	}
	if sum < 0 || text == "" {
		return 0, errors.New("want a duration such as 30s, 5m or 1d")
	}
	return sum, nil
}

func choriaUnits(number, unit string) (time.Duration, error) {
	hours := map[string]float64{
		"d": 24, "D": 24, "w": 7 * 24, "W": 7 * 24, "M": 30 * 24, "y": 365 * 24, "Y": 365 * 24,
	}
	per, long := hours[unit]
	if !long {
		return time.ParseDuration(number + unit)
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n*per > 100*365*24 {
		return 0, errors.New("is too long a duration")
	}
	return time.Duration(n * per * float64(time.Hour)), nil
}
