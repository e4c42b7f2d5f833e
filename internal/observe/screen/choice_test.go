package screen

import (
	"testing"

	"github.com/fedrelay/fedrelay/internal/observe"
)

// names returns the names of the members as the table shows them, with the one at the cursor.
func names(c Choice, s observe.Snapshot) (all []string, cursor string) {
	members, at := c.members(s)
	for _, m := range members {
		all = append(all, m.Name)
	}
	return all, members[at].Name
}

func TestKeys(t *testing.T) {
	s := two()
	press := func(c Choice, keys ...string) Choice {
		for _, k := range keys {
			c = c.press(k, s, 24)
		}
		return c
	}
	for _, c := range []struct {
		keys []string
		want string
	}{
		{nil, "fb1.london.example.net"}, {[]string{"down"}, "fb2.london.example.net"}, {[]string{"j", "j", "k"}, "fb2.london.example.net"},
		{[]string{"end"}, "3 @ fb3.london.example.net"}, {[]string{"pgdown", "home"}, "fb1.london.example.net"}, {[]string{"c"}, "1"},
		{[]string{"c", "c"}, "fb1.london.example.net"}, {[]string{"C"}, "1"}, {[]string{"up"}, "fb1.london.example.net"},
	} {
		if _, got := names(press(Choice{}, c.keys...), s); got != c.want {
			t.Errorf("%q: the cursor is on %s, want %s", c.keys, got, c.want)
		}
	}
	if c := press(Choice{}, "enter"); !c.Detail || press(c, "esc").Detail || press(c, "tab").Detail {
		t.Error("details do not open and close")
	}
	if c := press(Choice{}, "s"); orders[c.Order].name != "trouble" || press(c, "S").Order != 0 {
		t.Errorf("%+v", c)
	}
}

// The cursor stays on its member when the order changes.
func TestOrders(t *testing.T) {
	s := three()
	c := Choice{}.press("down", s, 24)
	for range orders {
		c = c.press("s", s, 24)
		all, cursor := names(c, s)
		if cursor != "fb2.london.example.net" {
			t.Errorf("the cursor is on %s", cursor)
		}
		if orders[c.Order].name == "trouble" && all[0] != "fb2.london.example.net" {
			t.Errorf("%q: the one that is silent comes first", all)
		}
		if orders[c.Order].name == "received" && all[2] != "3 @ fb3.london.example.net" {
			t.Errorf("%q", all)
		}
	}
}

func TestSignsFollowTheLocale(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{}, "●"}, {map[string]string{"LANG": "en_GB.UTF-8"}, "●"}, {map[string]string{"LANG": "C"}, "+"},
		{map[string]string{"LANG": "C", "LC_CTYPE": "C.utf8"}, "●"}, {map[string]string{"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, "+"},
	} {
		if got := SignsFor(func(name string) string { return c.env[name] }).ready; got != c.want {
			t.Errorf("%v: %s", c.env, got)
		}
	}
}
