package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"errors"
	"hash"
)

// secureTemplate is a secure reply without the name of its node: a document that names the node,
// and around it a shell that has the document and its hash. The data of a message is base64 of the
// shell. What stands in front of the name is encoded in advance.
type secureTemplate struct {
	hashed  []byte // state of SHA-256 after the document's beginning
	docTail []byte // what follows the name in the document

	encoded []byte // base64 of the shell's beginning
	rest    []byte // the bytes after it that did not fill a base64 group

	// In v1 the document is text in the shell. In v2 it is nested: base64 of its own, and docRest
	// are the bytes in front of the name that did not fill a group of that.
	nested  bool
	docRest []byte

	beforeHash, afterHash []byte // of the shell
}

// newPlainSecure makes a template where the shell holds the document as text (v1).
func newPlainSecure(doc, shell []byte) (secureTemplate, error) {
	t, front, shell, err := newSecure(doc, shell)
	if err != nil {
		return t, err
	}
	t.beforeHash, t.afterHash, _ = bytes.Cut(shell, []byte(hashMark))
	t.encoded, t.rest = encodeGroups(front)
	return t, nil
}

// newEncodedSecure makes a template where the shell holds the document as base64 (v2).
func newEncodedSecure(doc, shell []byte) (secureTemplate, error) {
	t, front, shell, err := newSecure(doc, shell)
	if err != nil {
		return t, err
	}
	t.nested = true
	t.beforeHash, t.afterHash, _ = bytes.Cut(shell, []byte(hashMark))
	docFront, _, _ := bytes.Cut(doc, []byte(nodeMark))
	groups, rest := encodeGroups(docFront)
	t.docRest = rest
	t.encoded, t.rest = encodeGroups(append(front[:len(front):len(front)], groups...))
	return t, nil
}

// newSecure hashes the document's beginning and cuts the shell at the name; it returns the shell's
// two sides.
func newSecure(doc, shell []byte) (t secureTemplate, front, back []byte, err error) {
	if bytes.Count(doc, []byte(nodeMark)) != 1 || bytes.Count(shell, []byte(nodeMark)) != 1 || bytes.Count(shell, []byte(hashMark)) != 1 {
		return t, nil, nil, errMarks
	}
	docFront, docTail, _ := bytes.Cut(doc, []byte(nodeMark))
	h := sha256.New()
	h.Write(docFront)
	t.docTail = docTail
	t.hashed, err = h.(encoding.BinaryMarshaler).MarshalBinary()
	front, back, _ = bytes.Cut(shell, []byte(nodeMark))
	return t, front, back, err
}

// encodeGroups encodes whole groups of three bytes and returns what is left over.
func encodeGroups(text []byte) (encoded, rest []byte) {
	n := len(text) / 3 * 3
	return b64.AppendEncode(nil, text[:n]), text[n:]
}

// workspace is the scratch memory of one goroutine.
type workspace struct {
	hash       hash.Hash
	sum        []byte
	doc, shell []byte
}

func newWorkspace() *workspace { return &workspace{hash: sha256.New()} }

// append adds the base64 text of node's secure reply to dst.
func (t *secureTemplate) append(dst []byte, node string, w *workspace) []byte {
	w.doc = append(append(append(w.doc[:0], t.docRest...), node...), t.docTail...)
	w.sum = t.sum(w, w.doc[len(t.docRest):])

	w.shell = append(w.shell[:0], t.rest...)
	if t.nested {
		w.shell = b64.AppendEncode(w.shell, w.doc)
	} else {
		w.shell = append(w.shell, node...)
	}
	w.shell = append(w.shell, t.beforeHash...)
	w.shell = b64.AppendEncode(w.shell, w.sum)
	w.shell = append(w.shell, t.afterHash...)

	dst = append(dst, t.encoded...)
	return b64.AppendEncode(dst, w.shell)
}

func (t *secureTemplate) sum(w *workspace, rest []byte) []byte {
	if err := w.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(t.hashed); err != nil {
		panic("fleet: BUG: " + err.Error())
	}
	w.hash.Write(rest)
	return w.hash.Sum(w.sum[:0])
}

var (
	b64 = base64.StdEncoding

	errHash         = errors.New("fleet: reply does not match its hash")
	errNotFederated = errors.New("fleet: request is not federated")
	errNoReply      = errors.New("fleet: request has no reply subject")
	errMarks        = errors.New("fleet: request contains a template mark")
)
