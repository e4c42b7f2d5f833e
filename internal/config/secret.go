package config

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

// ReadSecret returns what the setting user, password or token of a side stands for now. It reads
// the files that text names, which may have changed since the start. A pipe or a device is an
// error, and does not make it block.
func ReadSecret(text string) (string, error) { return expander{}.expand(text) }

// Login returns what clients of the listener must log in with now. It reads the files that the
// settings name.
func (r Remote) Login() (user, password string, err error) {
	if user, err = ReadSecret(r.User); err != nil {
		return "", "", fmt.Errorf("http.remote.user: %w", err)
	}
	if password, err = ReadSecret(r.Password); err != nil {
		return "", "", fmt.Errorf("http.remote.password: %w", err)
	}
	return user, password, nil
}

// escape returns the spelling of text that ReadSecret turns back into text.
func escape(text string) string { return strings.ReplaceAll(text, "${", "$${") }

// isReadLate reports whether the setting at path is for ReadSecret to expand.
func isReadLate(path string) bool { return isSecret(path) || strings.HasSuffix(path, ".user") }

var (
	fileReference  = regexp.MustCompile(`(?:^|[^$])\$\{file:([^}]*)\}`)
	onlyAReference = regexp.MustCompile(`^\$\{file:[^}]*\}$`)
)

// isReference reports whether a secret is nothing but the name of a file. Such a name may be shown.
func isReference(text string) bool { return onlyAReference.MatchString(text) }

// secrets returns the settings of a side for ReadSecret, by their keys.
func (s Side) secrets(name string) map[string]string {
	return map[string]string{
		name + ".user": s.User, name + ".password": s.Password, name + ".token": s.Token,
	}
}

// checkSecrets reports secrets that would make the first connect fail. They are read again at each
// connect.
func (l *loader) checkSecrets(secrets map[string]string) {
	for _, key := range sortedKeys(secrets) {
		_, err := ReadSecret(secrets[key])
		if err != nil && l.src.FilesLater {
			continue // each connect reports it
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
		path == "federation.token" || path == "collective.token" || path == "line.token"
}

func octal(mode fs.FileMode) string { return fmt.Sprintf("%04o", mode.Perm()) }

// maskSecrets hides the value of a key that may be that of a secret, and user info in a URL. above
// and below are the other lines: a secret may have several.
func maskSecrets(line string, above, below []string) string {
	if insideSecret(line, above) || insideFlow(above) || beginsLogin(line, below) {
		return hidden
	}
	if loc := secretKey.FindStringIndex(line); loc != nil {
		line = line[:loc[1]] + " " + hidden
	}
	masked := maskURL(Masked(line)) // a login with quotes or brackets is hidden in part
	if halfHidden.MatchString(masked) {
		return hidden
	}
	return masked
}

// insideSecret reports whether line belongs to the value of a key, above, that may be that of a
// secret: all lines since then begin further right.
func insideSecret(line string, above []string) bool {
	least := indentation(line)
	for _, line := range slices.Backward(above) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if indentation(line) < least && secretKey.MatchString(line) {
			return true
		}
		least = min(least, indentation(line))
	}
	return false
}

// insideFlow reports whether a line, of which above are those before, is inside of brackets that
// hold a key that may be that of a secret.
func insideFlow(above []string) bool {
	open, secret := 0, false
	for _, line := range slices.Backward(above) {
		secret = secret || secretKey.MatchString(line)
		open += strings.Count(line, "{") + strings.Count(line, "[") - strings.Count(line, "}") - strings.Count(line, "]")
		if secret && open > 0 {
			return true
		}
	}
	return false
}

// beginsLogin reports whether the login of a server may begin on line and end on the next one.
func beginsLogin(line string, below []string) bool {
	if len(below) == 0 || strings.Contains(line, "@") {
		return false
	}
	login, _, ok := strings.Cut(below[0], "@")
	return ok && !strings.Contains(login, "://")
}

// indentation is that of what stands on a line. The dash of a list may be as far left as its key.
func indentation(line string) int {
	text := strings.TrimLeft(line, " \t")
	return len(line) - len(strings.TrimPrefix(text, "-"))
}

// Masked hides secrets that somebody has put where the path of their file belongs: seeds, JWTs and
// whole files.
func Masked(text string) string {
	if strings.Contains(text, "-----BEGIN") || hexSecret.MatchString(text) {
		return hidden
	}
	return secretText.ReplaceAllString(text, hidden)
}

// maskURL hides the user info of a server's address, with or without a scheme. In a text that is no
// proper URL, or several, it rather hides too much: everything before the last @.
func maskURL(s string) string {
	s = oddScheme.ReplaceAllString(s, "(hidden)@")
	s = schemeInfo.ReplaceAllString(s, "://(hidden)@")
	s = blankInfo.ReplaceAllString(s, "${1}(hidden)@")
	return userInfo.ReplaceAllString(s, "${1}(hidden)@")
}

var (
	secretKey  = regexp.MustCompile(`(?i)(pass|pas+word|token|secret)["']?\s*[:=]`)
	secretText = regexp.MustCompile(`\bS[A-Z][A-Z2-7]{56}\b|\beyJ[\w-]+\.[\w-]+\.[\w-]+`)
	hexSecret  = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	schemeInfo = regexp.MustCompile(`://.*@`)
	oddScheme  = regexp.MustCompile(`[^\s"'\[\]]*:[^\s/"'\[\]]*://.*@`)
	blankInfo  = regexp.MustCompile(`(["'\[]|- +|[:=] +)[^\s"'\[\]/]+\s[^"'\[\]]*@`)
	halfHidden = regexp.MustCompile(`[^\s,{(\[:]["'\[]\(hidden\)@|\]\(hidden\)@`)
	userInfo   = regexp.MustCompile(`([^\s"'\[\]]*://)?[^\s"'\[\]]+@`)
)
