package wire

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
)

var subjectSeeds = []string{
	"", ".", "a", "a.b", ".a", "a.", "a..b", "*", ">", "a.*.b", "a.>", "a*.b", "a>b", "a b", "a\tb", "x\r\nPUB y 0\r\n",
	"a\x00", "a\x7f", "a\u00a0b", "a\u202eb", "a\xffb", `a"b`, `a\b`, replySubject, "mcollective.node.web1.ldn.example.net",
	"mcollective.broadcast.agent.x", "mcollective.broadcast.agent.x.y", "mcollective.broadcast.service.x", "eu.node.x",
	"choria.federation.london.federation", "choria.federation.london.collective", "choria.node.x", "$SYS.REQ.SERVER.PING",
	"$JS.API.STREAM.LIST", "_INBOX.x", "_R_.x.y", "_GR_.x", "12345678", "1234567.", "1234567.9", "12345678.0", "1234567..0",
	"12345678..", "aaaaaaaa.*", "aaaaaaaa.*.a", "aaaaaaa*", "aaaaaaa>aaaaaaaa",
}

// obviousSubject is CheckSubject, slow and obvious.
func obviousSubject(subject string, limit int, peer bool) Reason {
	if len(subject) > limit {
		return SubjectTooLong
	}
	for _, c := range []byte(subject) {
		if c <= ' ' || !peer && (c > '~' || c == '"' || c == '\\') {
			return BadSubject
		}
	}
	for _, token := range strings.Split(subject, ".") {
		switch token {
		case "":
			return EmptyToken
		case "*", ">":
			return Wildcard
		}
	}
	return OK
}

// FuzzSubject looks for subjects that would be more, or less, than one subject on a protocol line.
func FuzzSubject(f *testing.F) {
	for _, s := range subjectSeeds {
		f.Add([]byte(s), 255)
	}
	f.Fuzz(func(t *testing.T, subject []byte, limit int) {
		r := CheckSubject(subject, limit)
		if want := obviousSubject(string(subject), limit, false); r != want {
			t.Fatalf("CheckSubject(%q, %d) = %v, want %v", subject, limit, r, want)
		}
		if r == OK {
			mustBeOnePub(t, string(subject))
		}
	})
}

// mustBeOnePub parses a protocol line with the subject the way a server does.
func mustBeOnePub(t *testing.T, subject string) {
	in := bufio.NewReader(strings.NewReader("PUB " + subject + " 5\r\nhello\r\nPING\r\n"))
	line, err := in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if fields := strings.Fields(line); len(fields) != 3 || fields[0] != "PUB" || fields[1] != subject || fields[2] != "5" {
		t.Fatalf("%q is a line of %q", subject, fields)
	}
	if rest, err := io.ReadAll(in); string(rest) != "hello\r\nPING\r\n" {
		t.Fatalf("%q leaves %q, %v", subject, rest, err)
	}
	if quoted := fmt.Sprintf("%q", subject); quoted != `"`+subject+`"` {
		t.Fatalf("a log shows %s", quoted)
	}
}
