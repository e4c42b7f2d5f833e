package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestScreensAreDrawn(t *testing.T) {
	screen := "\x1b[1mTitle\x1b[0m <x>\n\x1b[32m███▂\x1b[39m plain \x1b[2mdim\n"
	lines := parse(screen)
	if len(lines) != 2 || len(lines[1]) != 3 || lines[1][1].column != 4 || lines[1][0].style.colour != 2 || !lines[0][0].style.bold {
		t.Fatalf("%+v", lines)
	}
	got := string(svg(lines, 80, 24))
	for _, want := range []string{
		`font-weight="bold">Title</text>`, "&lt;x&gt;", `<rect x="12" y="29.0" width="24" height="17.0" fill="#7bc275" opacity="1.00"/>`,
		`opacity="0.60">dim</text>`, `>plain</text>`, `viewBox="0 0 664 432"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	d := xml.NewDecoder(strings.NewReader(got))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
