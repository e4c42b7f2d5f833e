package relay_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fedrelay/fedrelay/internal/config"
	"github.com/fedrelay/fedrelay/internal/embedded"
	"github.com/fedrelay/fedrelay/internal/fedtest"
)

// A token that ends within the hour is what `choria jwt client` makes unless told otherwise.
func TestARunningRelayWarnsOfTheEndOfItsToken(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	claims := fmt.Sprintf(`{"callerid":"up=relay","exp":%d}`, time.Now().Add(time.Hour).Unix())
	n := fedtest.StartNetworks(t, embedded.Options{})
	c := n.Config()
	c.Collective.Choria = config.ChoriaToken{
		Token: write("relay.jwt", "e30."+base64.RawURLEncoding.EncodeToString([]byte(claims))+".c2ln"),
		Seed:  write("relay.seed", strings.Repeat("ab", 32)),
	}
	r := fedtest.StartRelay(t, c)
	fedtest.Eventually(t, "the warning", func() bool {
		return strings.Contains(strings.Join(r.Warnings(), "\n"), "collective.choria.token: the Choria token "+dir+"/relay.jwt ends on ")
	})
	if r.Sides()[1].Expiry["choria_token"].IsZero() {
		t.Error("no expiry")
	}
}
