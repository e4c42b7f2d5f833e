package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// parseYAML parses content. It permits duplicate keys, which are all found later, with both places.
// It turns a panic, which would be a bug of the library, into an error, so that an operator sees no
// stack.
func parseYAML(content []byte) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the parser gave up on it")
		}
	}()
	loader, err := yaml.NewLoader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	root = &yaml.Node{}
	if err := loader.Load(root); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return root, atEnd(loader)
}

// secondDocument is the error of a file with a document behind the first one.
type secondDocument struct{ line int }

func (secondDocument) Error() string {
	return "a second document starts here; a configuration is one document, remove the ---"
}

func atEnd(loader *yaml.Loader) error {
	var next yaml.Node
	switch err := loader.Load(&next); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return secondDocument{line: next.Line}
}

func (d *document) syntax(err error) {
	var second secondDocument
	var se *yaml.LoadError
	switch {
	case errors.As(err, &second):
		d.report(d.text.place(max(second.line, 1), 1), "", "%s", second)
	case errors.As(err, &se) && se.Mark.Line > 0:
		mark := se.Mark
		if strings.Contains(se.ContextMsg, "quoted") {
			mark = se.ContextMark // the end of the file says nothing
		}
		at := d.text.atRune(mark.Line, mark.Column)
		d.report(at, "", "%s", d.syntaxText(at, se))
	default:
		d.report(d.text.place(1, 1), "", "not valid YAML: %s", strings.SplitN(err.Error(), "\n", 2)[0])
	}
}

// syntaxText returns the words of the library, and what an operator can do about the mistake.
func (d *document) syntaxText(at Origin, se *yaml.LoadError) string {
	rest := d.text.rest(at)
	hint := ""
	switch {
	case strings.Contains(se.Message, "anchor"):
		return noAliases
	case strings.HasPrefix(rest, "%") && at.Col == 1:
		return "directives are not supported; remove the line"
	case strings.HasPrefix(rest, "\t"):
		hint = "; indent with spaces"
	case strings.Contains(se.ContextMsg, "flow"):
		hint = fmt.Sprintf("; close what line %d opens, and quote values that hold any of [ ] { } ,",
			se.ContextMark.Line)
	case strings.Contains(se.ContextMsg, "quoted"):
		hint = "; close the quote that opens here"
	case strings.Contains(se.Message, "mapping values are not allowed"), strings.Contains(se.Message, "expected ':'"):
		hint = "; look for a colon, or the space behind one, that is missing there or before, and quote values that hold \": \""
	case strings.Contains(se.Message, "start any token"):
		hint = "; put the value in quotes"
	}
	return "not valid YAML: " + se.Message + hint
}
