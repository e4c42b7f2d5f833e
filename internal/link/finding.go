package link

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/socket"
)

// A Finding is something about one setting that an operator should know.
type Finding struct {
	// Key is the setting, for example "federation.creds".
	Key string
	// Text says what is wrong, in which file, and what would be right. It holds no secret.
	Text string
}

func (f Finding) Error() string { return f.Key + ": " + f.Text }

// findings are several mistakes as one error.
type findings []Finding

func (fs findings) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// explain is Error for a log line: it cuts long texts short, so that there is room for all keys.
func (fs findings) explain() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = socket.Clip(f.Error())
	}
	return strings.Join(texts, "; ")
}

// err returns nil where there are no mistakes.
func (fs findings) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// readFile is config.ReadCredential with a Finding for an error.
func readFile(key, path string) ([]byte, error) {
	text, err := config.ReadCredential(path)
	if err != nil {
		return nil, fileFinding(key, config.Masked(path), err)
	}
	return text, nil
}

// fileFinding says why a file cannot be read. It names the file once, though err may name it, too.
func fileFinding(key, path string, err error) Finding {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return Finding{Key: key, Text: path + ": " + err.Error()}
}

// joinFindings is errors.Join for findings. It keeps each Finding apart.
func joinFindings(errs ...error) error {
	var all findings
	for _, err := range errs {
		var many findings
		switch {
		case err == nil:
		case errors.As(err, &many):
			all = append(all, many...)
		default:
			all = append(all, asFinding(err))
		}
	}
	return all.err()
}

// asFinding returns the Finding in err, or one without a key.
func asFinding(err error) Finding {
	var f Finding
	if errors.As(err, &f) {
		return f
	}
	return Finding{Text: err.Error()}
}

// wrongFile is a mistake in a file that can be read.
func wrongFile(key, path, why string) Finding { return Finding{Key: key, Text: path + ": " + why} }
