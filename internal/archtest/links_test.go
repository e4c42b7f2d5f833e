package archtest

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	unsaid  = regexp.MustCompile(`[^\w\- ]`) // what an anchor leaves out of its heading
	adr     = regexp.MustCompile(`^ADR\s+(\d+)$`)
)

// deadLinks says which links of a Markdown file lead nowhere, or to another ADR than they say.
// Links with a scheme are not followed. documents has the texts of all files.
func deadLinks(file string, documents map[string]string) (wrong []string) {
	for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(documents[file], ""), -1) {
		if strings.Contains(m[2], ":") {
			continue
		}
		target, anchor, _ := strings.Cut(m[2], "#")
		to := path.Join(path.Dir(file), target)
		if target == "" {
			to = file
		}
		number := adr.FindStringSubmatch(m[1])
		switch {
		case !exists(to, documents), anchor != "" && !slices.Contains(anchors(documents[to]), anchor):
			wrong = append(wrong, m[2]+" leads nowhere")
		case number != nil && strings.TrimLeft(strings.SplitN(path.Base(to), "-", 2)[0], "0") != number[1]:
			wrong = append(wrong, m[0]+" is another one")
		}
	}
	return wrong
}

// exists reports whether there is such a file, or a folder with files in it.
func exists(name string, documents map[string]string) bool {
	if _, ok := documents[name]; ok {
		return true
	}
	for file := range documents {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

func anchors(document string) (all []string) {
	for _, m := range heading.FindAllStringSubmatch(document, -1) {
		all = append(all, strings.ReplaceAll(unsaid.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

func TestLinksLeadToFiles(t *testing.T) {
	documents := map[string]string{}
	for _, f := range files(t) {
		documents[f.path] = string(f.content)
	}
	for file := range documents {
		if !strings.HasSuffix(file, ".md") {
			continue
		}
		for _, wrong := range deadLinks(file, documents) {
			t.Errorf("%s: %s", file, wrong)
		}
	}
}

func TestDeadLinksAreFound(t *testing.T) {
	documents := map[string]string{"docs/adr/0004-x.md": "# 4. Why, and what\n", "README.md": ""}
	for text, dead := range map[string]bool{
		"[a](docs/adr/0004-x.md)": false, "[a](docs/adr)": false, "[ADR 4](docs/adr/0004-x.md#4-why-and-what)": false,
		"[a](https://example.net/x)": false, "```\n[a](b.md)\n```": false, "[ADR\n4](docs/adr/0004-x.md)": false,
		"[a](b.md)": true, "[a](docs/ad)": true, "[a](docs/adr/0004-x.md#why)": true, "[ADR 5](docs/adr/0004-x.md)": true,
	} {
		documents["README.md"] = text
		if got := deadLinks("README.md", documents) != nil; got != dead {
			t.Errorf("%q: %v", text, got)
		}
	}
}
