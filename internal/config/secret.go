package config

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// ReadSecret returns what the setting user, password or token of a side stands for now. It reads
// the files that are named in it, which may have changed since the start. It does not block on
// pipes and devices: they are errors.
func ReadSecret(text string) (string, error) { return expander{}.expand(text) }

// escape returns what ReadSecret turns into text.
func escape(text string) string { return strings.ReplaceAll(text, "${", "$${") }

// isReadLate reports whether the setting at path is for ReadSecret to expand.
func isReadLate(path string) bool { return isSecret(path) || strings.HasSuffix(path, ".user") }

var (
	fileReference  = regexp.MustCompile(`(?:^|[^$])\$\{file:([^}]*)\}`)
	onlyAReference = regexp.MustCompile(`^\$\{file:[^}]*\}$`)
)

// isReference reports whether a secret is nothing but the name of a file, which may be shown.
func isReference(text string) bool { return onlyAReference.MatchString(text) }

// secrets are the settings of a side that may name files, by their keys.
func (s Side) secrets(name string) map[string]string {
	return map[string]string{
		name + ".user": s.User, name + ".password": s.Password, name + ".token": s.Token,
	}
}

// checkSecrets reports secrets that would fail the first connect. They are read again at each one.
func (l *loader) checkSecrets(secrets map[string]string) {
	for _, key := range sortedKeys(secrets) {
		_, err := ReadSecret(secrets[key])
		if err != nil && l.src.FilesLater {
			continue // who connects says so, each time
		}
		if err != nil {
			l.report(l.placeOf(key), key, err.Error())
			continue
		}
		for _, file := range fileReference.FindAllStringSubmatch(secrets[key], -1) {
			l.warnReadable(key, file[1])
		}
	}
}

// warnReadable warns of a secret that every user of the host can read.
func (l *loader) warnReadable(key, path string) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		l.warn(l.placeOf(key), key,
			path+" can be read by every user (mode "+octal(info.Mode())+"); chmod 600 it")
	}
}

// isSecret reports whether the value at path is never shown.
func isSecret(path string) bool {
	return strings.HasSuffix(path, ".password") ||
		path == "federation.token" || path == "collective.token"
}

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode.Perm()) }

// maskSecrets hides what follows a key that may be one of a secret, and user info in a URL.
func maskSecrets(line string) string {
	if loc := secretKey.FindStringIndex(line); loc != nil {
		line = line[:loc[1]] + " (hidden)"
	}
	return maskURL(line)
}

// maskURL hides user info, and everything before the last @ when the text is no proper URL.
func maskURL(s string) string { return userInfo.ReplaceAllString(s, "://(hidden)@") }

var (
	secretKey = regexp.MustCompile(`(?i)(pass|pas+word|token|secret)["']?\s*[:=]`)
	userInfo  = regexp.MustCompile(`://[^\s,"'\]]*@`)
)
