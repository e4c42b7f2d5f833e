// Package natscontext reads what `nats context save` writes: servers and a login under a name, one
// JSON file each.
//
// A context becomes options of nats.go. Secrets need not stand in the file: wherever one may, there
// may also be
//
//	file:///path or file://~/path   the file that holds it
//	env://NAME                      the environment variable that holds it
//	data:;base64,...                the secret itself
//	op://vault/item/field           what `op read` prints (1Password)
//	nsc://operator/account/user     the credentials that nsc keeps for a user
package natscontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats.go"
)

// ErrNotFound is what Load returns for a context that is not there.
var ErrNotFound = errors.New("context not found")

// A Context is a file as Load returns it. Empty fields are not set.
type Context struct {
	URL        string `json:"url"` // of one server or several, with commas between; never empty
	SocksProxy string `json:"socks_proxy"`

	User     string `json:"user"`
	Password text   `json:"password"`
	Creds    ref    `json:"creds"`
	NKey     ref    `json:"nkey"`
	UserJWT  text   `json:"user_jwt"`
	UserSeed text   `json:"user_seed"`
	Token    text   `json:"token"`

	Cert     ref  `json:"cert"`
	Key      ref  `json:"key"`
	CA       ref  `json:"ca"`
	TLSFirst bool `json:"tls_first"`

	InboxPrefix string `json:"inbox_prefix"`

	// NSC is how old files name a user whose credentials and servers nsc keeps. Load has put both
	// where they are not set.
	NSC string `json:"nsc"`
	// WindowsCertStore asks for certificates that are in no file: Load returns an error.
	WindowsCertStore string `json:"windows_cert_store"`
}

// Load reads a context: the file at a path, which has a slash in it or ends with .json, or the one
// that the nats command keeps under a name. It blocks while nsc runs, if the file needs that.
func Load(name string) (*Context, error) {
	content, err := read(name)
	if err != nil {
		return nil, err
	}
	c := &Context{}
	if err := json.Unmarshal(content, c); err != nil {
		return nil, err
	}
	for _, r := range []*ref{&c.Creds, &c.NKey, &c.Cert, &c.Key, &c.CA} {
		*r = ref(expand(string(*r)))
	}
	if c.WindowsCertStore != "" {
		return nil, errors.New("windows_cert_store is not supported; name files in cert, key and ca")
	}
	if err := c.askNSC(); err != nil {
		return nil, err
	}
	if c.URL == "" {
		c.URL = nats.DefaultURL
	}
	return c, nil
}

func read(name string) ([]byte, error) {
	path, err := pathOf(name)
	if err != nil {
		return nil, err
	}
	content, err := readRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, strings.TrimSuffix(filepath.Base(path), ".json"))
	}
	return content, err
}

func pathOf(name string) (string, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".json") {
		return name, nil
	}
	if strings.Contains(name, "..") {
		return "", fmt.Errorf("invalid context name: %q", name)
	}
	dir, err := directory()
	return filepath.Join(dir, name+".json"), err
}

// directory is where the nats command keeps its contexts.
func directory() (string, error) {
	if config := os.Getenv("XDG_CONFIG_HOME"); config != "" {
		return filepath.Join(config, "nats", "context"), nil
	}
	dir, err := home()
	return filepath.Join(dir, ".config", "nats", "context"), err
}

// home is that of the user or, for one who is in no list of users, as in containers, $HOME.
func home() (string, error) {
	u, err := user.Current()
	if err == nil {
		return u.HomeDir, nil
	}
	if dir, unset := os.UserHomeDir(); unset == nil {
		return dir, nil
	}
	return "", err
}

// expand replaces $VARIABLES and a ~ at the beginning.
func expand(path string) string {
	path = os.ExpandEnv(path)
	if !strings.HasPrefix(path, "~") {
		return path
	}
	dir, err := home()
	if err != nil {
		return path
	}
	return dir + path[1:]
}
