package gitrepo

import (
	"bytes"
	"encoding/hex"
	"errors"
	"iter"
)

// TreeItem is one entry of a tree object. Its slices are part of the tree's.
type TreeItem struct {
	Mode uint32
	Name []byte // any bytes but NUL and none empty; hostile trees hold "..", ".git" and slashes
	OID  []byte // not hexadecimal
}

// IsTree reports whether the entry is a folder.
func (i TreeItem) IsTree() bool { return i.Mode&0o170000 == ModeTree }

// IsGitlink reports whether the entry names a commit of another repository.
func (i TreeItem) IsGitlink() bool { return i.Mode&0o170000 == ModeGitlink }

// errBadTree says no more, for the bytes are anyone's.
var errBadTree = errors.New("malformed tree object")

// ParseTree reads what a tree object holds. What is malformed ends it with an
// error, after the entries before.
func ParseTree(data []byte, hashSize int) iter.Seq2[TreeItem, error] {
	return func(yield func(TreeItem, error) bool) {
		for len(data) > 0 {
			mode, rest, ok := bytes.Cut(data, []byte{' '})
			name, rest, ok2 := bytes.Cut(rest, []byte{0})
			m, ok3 := parseTreeMode(mode)
			if !ok || !ok2 || !ok3 || len(name) == 0 || len(rest) < hashSize {
				yield(TreeItem{}, errBadTree)
				return
			}
			if !yield(TreeItem{m, name, rest[:hashSize]}, nil) {
				return
			}
			data = rest[hashSize:]
		}
	}
}

// parseTreeMode reads octal digits, which old writers padded with zeros.
func parseTreeMode(b []byte) (mode uint32, ok bool) {
	for _, c := range b {
		if c < '0' || c > '7' || mode >= 1<<29 {
			return 0, false
		}
		mode = mode<<3 + uint32(c-'0')
	}
	return mode, len(b) > 0
}

// Header is a line of a commit or tag before its message; continuation lines are
// joined to it.
type Header struct{ Name, Value []byte }

// Commit is what a commit object holds. Its slices are part of the object's.
type Commit struct {
	Tree              string
	Parents           []string
	Author, Committer []byte   // "name <mail> seconds zone", as it is written
	Headers           []Header // the others: encoding, gpgsig, mergetag, …
	Message           []byte
}

// ParseCommit reads a commit object; ok is false, with what could be read, if it
// is not one that git would write.
func ParseCommit(data []byte, hashSize int) (c Commit, ok bool) {
	headers, message, ok := parseHeaders(data)
	c.Message = message
	stage := 0 // tree, parents, author, committer, others
	for _, h := range headers {
		switch name := string(h.Name); {
		case name == "tree" && stage == 0 && isOIDBytes(h.Value, hashSize):
			c.Tree, stage = string(h.Value), 1
		case name == "parent" && stage == 1 && isOIDBytes(h.Value, hashSize):
			c.Parents = append(c.Parents, string(h.Value))
		case name == "author" && stage == 1:
			c.Author, stage = h.Value, 2
		case name == "committer" && stage == 2:
			c.Committer, stage = h.Value, 3
		default:
			c.Headers = append(c.Headers, h)
			ok = ok && stage == 3
		}
	}
	return c, ok && stage == 3
}

// Tag is what a tag object holds.
type Tag struct {
	Object, Type, Name string
	Tagger             []byte // nil in very old tags
	Headers            []Header
	Message            []byte // with the signature, if there is one
}

// ParseTag is ParseCommit for tag objects.
func ParseTag(data []byte, hashSize int) (t Tag, ok bool) {
	headers, message, ok := parseHeaders(data)
	t.Message = message
	stage := 0 // object, type, tag, tagger, others
	for _, h := range headers {
		switch name := string(h.Name); {
		case name == "object" && stage == 0 && isOIDBytes(h.Value, hashSize):
			t.Object, stage = string(h.Value), 1
		case name == "type" && stage == 1 && typeName(h.Value) != "":
			t.Type, stage = typeName(h.Value), 2
		case name == "tag" && stage == 2:
			t.Name, stage = string(h.Value), 3
		case name == "tagger" && stage == 3:
			t.Tagger, stage = h.Value, 4
		default:
			t.Headers = append(t.Headers, h)
			ok = ok && stage >= 3
		}
	}
	return t, ok && stage >= 3
}

// parseHeaders splits an object at its first empty line.
func parseHeaders(data []byte) (headers []Header, message []byte, ok bool) {
	ok = true
	for len(data) > 0 {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		ok = ok && whole
		if len(line) == 0 {
			return headers, rest, ok
		}
		folded := false
		for len(rest) > 0 && rest[0] == ' ' { // a line that goes on
			more, after, whole := bytes.Cut(rest, []byte{'\n'})
			line, rest, folded = data[:len(line)+1+len(more)], after, true
			ok = ok && whole
		}
		name, value, spaced := bytes.Cut(line, []byte{' '})
		ok = ok && spaced && len(name) > 0
		if folded {
			value = bytes.ReplaceAll(value, []byte("\n "), []byte{'\n'})
		}
		headers, data = append(headers, Header{name, value}), rest
	}
	return headers, nil, ok
}

func isOIDBytes(b []byte, hashSize int) bool {
	return len(b) == 2*hashSize && isOID(string(b), hashSize)
}

// HexOID is the usual form of a TreeItem's object id.
func HexOID(oid []byte) string { return hex.EncodeToString(oid) }
