package natscontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

func fromNSC(ref string) ([]byte, error) {
	p, err := nscProfile(ref)
	if err != nil {
		return nil, err
	}
	if p.Creds == "" {
		return nil, errors.New("nsc knows no credentials for this user")
	}
	return readRegular(p.Creds)
}

// A profile is what `nsc generate profile` prints.
type profile struct {
	Creds    string `json:"user_creds"` // path
	Operator struct {
		Service []string `json:"service"` // URLs
	} `json:"operator"`
}

// nscProfile asks nsc about a user, with or without nsc:// before it.
func nscProfile(ref string) (p profile, err error) {
	text, err := output("nsc", "generate", "profile", "nsc://"+afterScheme(ref, "nsc://"))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("nsc: %w", err)
	}
	return p, nil
}

// output returns what a program prints. What it says when it fails is in the error.
func output(program string, args ...string) ([]byte, error) {
	text, err := exec.Command(program, args...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		return nil, fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	return text, nil
}

// askNSC fills in the credentials and servers of the user that nsc keeps, where the file does not
// say other ones.
func (c *Context) askNSC() error {
	if c.NSC == "" {
		return nil
	}
	p, err := nscProfile(c.NSC)
	if err != nil {
		return err
	}
	if c.Creds == "" {
		c.Creds = ref(p.Creds)
	}
	if c.URL == "" {
		c.URL = strings.Join(p.Operator.Service, ",")
	}
	return nil
}
