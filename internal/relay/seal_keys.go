package relay

import (
	"context"
	"io/fs"
	"os"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/seal"
)

// keysInterval is the time between two looks at the key file. A new file is used after two looks,
// so that one that is still being written is not.
const keysInterval = 2 * time.Second

// watch puts new keys into use when the file changes, and blocks, until ctx ends. A file that
// cannot be used changes nothing.
func (s *seals) watch(ctx context.Context) {
	ticker := time.NewTicker(keysInterval)
	defer ticker.Stop()
	for {
		tick := ticker.C
		if s.watched.ring == nil {
			tick = nil // no file
		}
		select {
		case s.watched = <-s.next:
			s.trouble.Store(nil)
			s.logKeys()
		case <-tick:
			s.look()
		case <-ctx.Done():
			return
		}
	}
}

// look reads the file if it has changed, and no longer changes.
func (s *seals) look() {
	file := &s.watched.file
	still, err := file.still()
	switch {
	case err != nil:
		s.doubt("cannot be read, going on with the keys of before: " + err.Error())
		return
	case file.unchanged():
		s.doubt(file.exposed())
		return
	case !still:
		return
	}
	keys, err := file.read()
	if err != nil {
		s.doubt("cannot be used, going on with the keys of before: " + err.Error())
		return
	}
	s.watched.ring.Replace(keys)
	s.logKeys()
	s.doubt(file.exposed())
}

// logKeys logs which keys are in use, if any are.
func (s *seals) logKeys() {
	if s.watched.ring == nil {
		return
	}
	keys := s.watched.ring.Keys()
	sealing := keys.Sealing(time.Now())
	s.log.Info("using the keys for return addresses", "file", s.watched.file.path, "keys", len(keys.All()),
		"seals_with", sealing.ID())
}

// doubt stores what is wrong with the key file, or nothing, and logs it when it is new.
func (s *seals) doubt(text string) {
	if text == "" {
		s.trouble.Store(nil)
		return
	}
	text = "return_address.keys: " + s.watched.file.path + " " + text
	if last := s.trouble.Swap(&text); last == nil || *last != text {
		s.log.Warn(text)
	}
}

// warnings returns what is wrong with the key file. It is one of Relay.warners.
func (s *seals) warnings() []string {
	if text := s.trouble.Load(); text != nil {
		return []string{*text}
	}
	return nil
}

// A keyFile remembers which file was read.
type keyFile struct {
	path       string
	used, seen fs.FileInfo // when it was read, and at the last look; nil before
}

// read reads the keys.
func (f *keyFile) read() (*seal.Keys, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		info = nil // reading says why
	}
	keys, err := config.ReadKeys(f.path)
	if err == nil {
		f.used, f.seen = info, info
	}
	return keys, err
}

// still looks at the file, and reports whether it is as it was at the last look.
func (f *keyFile) still() (bool, error) {
	before := f.seen
	info, err := os.Stat(f.path)
	if err != nil {
		f.seen = nil
		return false, err
	}
	f.seen = info
	return same(before, info), nil
}

// unchanged reports whether the file is the one that was read.
func (f *keyFile) unchanged() bool { return same(f.used, f.seen) }

func same(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// exposed says that others can read the file, or nothing.
func (f *keyFile) exposed() string {
	if f.seen != nil && f.seen.Mode().Perm()&0o007 != 0 {
		return "can be read by every user; chmod 600 it"
	}
	return ""
}
