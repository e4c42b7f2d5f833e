package config

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fedrelay/fedrelay/internal/seal"
)

// maxCredentialFile is how many bytes a file of certificates, keys or credentials may have. A
// bundle of all public roots has about 250 kB.
const maxCredentialFile = 1 << 20

// credentialFile is one file that a side names.
type credentialFile struct {
	key, path string
	secret    bool
	// form is what its text must look like.
	form fileForm
}

type fileForm int

const (
	anyText fileForm = iota
	pemText
	hexSeed
	sealKeys
)

// checkFiles reports files that would make the first connect fail. They are read again at every
// connect, because they may be renewed at any time.
func (l *loader) checkFiles() {
	if l.src.SkipFiles || l.broken {
		return
	}
	if keys := l.config.ReturnAddress.file(); keys.path != "" {
		l.checkFile(keys)
	}
	sides := l.sides()
	for _, s := range sides {
		for _, f := range s.files(s.key) {
			if f.path != "" {
				l.checkFile(f)
			}
		}
	}
	for _, s := range sides {
		l.checkSecrets(s.secrets(s.key))
	}
	l.checkRemote(l.config.HTTP.Remote)
}

func (l *loader) checkRemote(r Remote) {
	for _, f := range []credentialFile{
		{"http.remote.cert", r.Cert, false, pemText},
		{"http.remote.key", r.Key, true, pemText},
		{"http.remote.client_ca", r.ClientCA, false, pemText},
	} {
		if f.path != "" {
			l.checkFile(f)
		}
	}
	l.checkSecrets(map[string]string{"http.remote.user": r.User, "http.remote.password": r.Password})
}

func (s Side) files(name string) []credentialFile {
	files := []credentialFile{
		{name + ".tls.ca", s.TLS.CA, false, pemText},
		{name + ".tls.cert", s.TLS.Cert, false, pemText},
		{name + ".tls.key", s.TLS.Key, true, pemText},
		{name + ".creds", s.Creds, true, anyText},
		{name + ".nkey", s.NKey, true, anyText},
		{name + ".choria.token", s.Choria.Token, false, anyText},
		{name + ".choria.seed", s.Choria.Seed, true, hexSeed},
	}
	if strings.ContainsRune(s.Context, os.PathSeparator) {
		files = append(files, credentialFile{name + ".context", s.Context, false, anyText})
	}
	return files
}

func (l *loader) checkFile(f credentialFile) {
	place := l.placeOf(f.key)
	content, err := readText(f.path, maxCredentialFile)
	if err == nil {
		err = f.form.check(content)
	}
	if err != nil && l.src.FilesLater {
		if hint := disableTLSHint(place); hint != "" {
			l.warn(place, f.key, Masked(f.path)+": "+err.Error()+hint)
		}
		return // each connect reports it
	}
	dir := filepath.Dir(filepath.Dir(f.path))
	if err != nil && place.alias == "plugin.choria.ssldir" && !exists(dir) {
		// Once for all its files.
		l.report(place, "", dir+": no such directory"+disableTLSHint(place))
		return
	}
	if err != nil {
		l.report(place, f.key, Masked(f.path)+": "+err.Error()+disableTLSHint(place))
		return
	}
	if f.secret {
		l.warnReadable(f.key, f.path)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// disableTLSHint returns a hint for Choria's default provider, which names files that the operator
// may never have thought of.
func disableTLSHint(at Origin) string {
	if at.alias == "plugin.choria.ssldir" {
		return "; set plugin.choria.ssldir or MCOLLECTIVE_CERTNAME, or give --disable-tls"
	}
	return ""
}

func (form fileForm) check(content []byte) error {
	text := strings.TrimSpace(string(content))
	switch form {
	case sealKeys:
		_, err := seal.Parse(content)
		return err
	case pemText:
		if block, _ := pem.Decode(content); block == nil {
			return fmt.Errorf("holds no PEM block; want a file with -----BEGIN ...-----")
		}
	case hexSeed:
		if len(text) != 64 || strings.Trim(strings.ToLower(text), "0123456789abcdef") != "" {
			return fmt.Errorf("holds no ed25519 seed; want 64 hexadecimal characters")
		}
	}
	if text == "" {
		return fmt.Errorf("is empty")
	}
	return nil
}
