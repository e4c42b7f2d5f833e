package config

import "errors"

// Publish says whether something is published. In YAML, variables and flags it is written as auto,
// true or false.
type Publish string

// Values of Publish.
const (
	PublishAuto  Publish = "auto" // if the login may
	PublishTrue  Publish = "true" // and a denial is worth a warning
	PublishFalse Publish = "false"
)

// ParsePublish reads auto, true or false.
func ParsePublish(text string) (Publish, error) {
	switch p := Publish(text); p {
	case PublishAuto, PublishTrue, PublishFalse:
		return p, nil
	}
	return "", errors.New("want auto, true or false")
}

// MarshalYAML writes what ParsePublish reads, and true and false without quotes.
func (p Publish) MarshalYAML() (any, error) {
	if p == PublishAuto {
		return string(p), nil
	}
	return p == PublishTrue, nil
}
