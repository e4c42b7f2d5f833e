package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestSecretsInFilesAreReadWhenAskedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pw")
	write(t, file, "first\n")
	r, err := loadText(t, "cluster: a\nfederation: {servers: [a], user: 'u-${file:"+file+"}', password: '${file:"+file+"}'}\ncollective: {servers: [b], token: '${file:"+file+"}'}", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{"first", "second", "a$${b}c$", "${HOME}"} {
		write(t, file, "\ufeff"+now+"\r\n")
		for setting, want := range map[string]string{
			r.Config.Federation.User: "u-" + now, r.Config.Federation.Password: now, r.Config.Collective.Token: now,
		} {
			got, err := ReadSecret(setting)
			if err != nil || got != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		}
	}
}

func TestSecretsThatHoldDollarsArriveAsTheyAre(t *testing.T) {
	const odd = "a${b}$${file:/x}$"
	yaml, err := loadText(t, "cluster: a\nfederation: {servers: [a], user: u, password: 'a$${b}$$${file:/x}$'}\ncollective: {servers: [b], token: '${PW}'}", func(s *Sources) {
		s.Environ = []string{"PW=" + odd}
	})
	if err != nil {
		t.Fatal(err)
	}
	outside, err := loadText(t, "cluster: a"+sides, func(s *Sources) {
		s.Environ = []string{"FEDRELAY_FEDERATION_TOKEN=" + odd}
		s.Flags = []Flag{{"--col-user", "collective.user", []string{"a,b"}}, {"--col-password", "collective.password", []string{odd}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	choria, err := resolveChoria(t, choriaBase+"plugin.nats.user = u\nplugin.nats.pass = "+odd+"\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		yaml.Config.Federation.Password, yaml.Config.Collective.Token,
		outside.Config.Federation.Token, outside.Config.Collective.Password, choria.Config.Collective.Password,
	} {
		if got, err := ReadSecret(setting); err != nil || got != odd {
			t.Errorf("%q: got %q, %v", setting, got, err)
		}
	}
	got, err := ReadSecret(outside.Config.Collective.User)
	check(t, "user", got, "a,b")
	if err != nil {
		t.Error(err)
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "empty"), " \n")
	write(t, filepath.Join(dir, "huge"), strings.Repeat("x", maxSecretFile+1))
	write(t, filepath.Join(dir, "binary"), "a\x00b")
	for name, says := range map[string]string{
		"none": "no such file or directory", "fifo": "is a pipe or device", ".": "is a directory", "empty": "is empty",
		"huge": "has 65537 bytes, want at most 65536", "binary": "is not a text file",
	} {
		path := dir + "/" + name
		_, err := loadText(t, "cluster: a\nfederation:\n  servers: [a]\n  user: u\n  password: ${file:"+path+"}"+other, nil)
		want := ":5:13: federation.password: ${file:" + path + "}: " + says
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "config:") != 1 {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if _, err := ReadSecret("${HOME}"); err == nil {
		t.Error("a variable is read at connect")
	}
}

func TestTheFileOfASecretIsShownAndLoadsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pw")
	write(t, file, "hunter2")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	content := "cluster: a\nidentity: 'a$${b}'\nfederation: {servers: [a], context: 'c$${d}'}\ncollective: {servers: [b], user: 'u$${v}', password: '${file:" + file + "}'}"
	r, err := loadText(t, content, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantWarning(t, r, "collective.password: "+file+" can be read by every user (mode 0644)")
	shown, err := r.Effective()
	if err != nil || strings.Contains(shown, "hunter2") {
		t.Fatalf("%v\n%s", err, shown)
	}
	again, err := loadText(t, shown, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	check(t, "password", again.Config.Collective.Password, "${file:"+file+"}")
	check(t, "user", again.Config.Collective.User, r.Config.Collective.User)
	check(t, "identity", again.Config.Identity, "a${b}")
	check(t, "context", again.Config.Federation.Context, "c${d}")
	half, err := loadText(t, "cluster: a\nfederation: {servers: [a], user: u, password: 'hunter2${file:"+file+"}'}"+other, nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown, err := half.Effective(); err != nil || strings.Contains(shown, "hunter2") {
		t.Errorf("%v\n%s", err, shown)
	}
}
