package keyring_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// faults are the errors that vectors name.
var faults = map[string]error{
	"ErrFileSize": keyring.ErrFileSize, "ErrPath": keyring.ErrPath, "ErrLineEndings": keyring.ErrLineEndings,
	"ErrSyntax": keyring.ErrSyntax, "ErrDuplicate": keyring.ErrDuplicate, "ErrVersion": keyring.ErrVersion,
	"ErrMember": keyring.ErrMember, "ErrMissing": keyring.ErrMissing, "ErrValue": keyring.ErrValue,
	"ErrMismatch": keyring.ErrMismatch, "ErrCanonical": keyring.ErrCanonical, "ErrMAC": keyring.ErrMAC,
}

// vector is one file of testdata/files: lines "name: value", an empty line, and
// then the wrapped-key file itself. They were computed from docs/keys.md by a
// program that shares no code with this package. Old ones are never edited.
type vector struct {
	name, expect, path string
	dataKey            *keys.DataKey
	data               []byte
}

func vectors(t testing.TB) []vector {
	t.Helper()
	paths, err := filepath.Glob("testdata/files/*")
	if err != nil || len(paths) < 100 {
		t.Fatalf("%d vectors in testdata/files, want more than 100: %v", len(paths), err)
	}
	var out []vector
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, body, ok := bytes.Cut(b, []byte("\n\n"))
		if !ok {
			t.Fatalf("%s: no empty line", path)
		}
		v := vector{name: filepath.Base(path), data: body}
		for line := range strings.SplitSeq(string(head), "\n") {
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "expect":
				v.expect = value
			case "path":
				v.path = value
			case "data-key":
				raw, err := hex.DecodeString(value)
				if err != nil {
					t.Fatal(err)
				}
				if v.dataKey, err = keys.DataKeyFrom(raw); err != nil {
					t.Fatal(err)
				}
			case "pad":
				n, err := strconv.Atoi(value)
				if err != nil {
					t.Fatal(err)
				}
				v.data = append(v.data, bytes.Repeat([]byte(" "), n)...)
			case "comment":
			default:
				t.Fatalf("%s: unknown line %q", path, line)
			}
		}
		out = append(out, v)
	}
	return out
}

func TestVectors(t *testing.T) {
	met := map[string]bool{}
	for _, v := range vectors(t) {
		met[v.expect] = true
		t.Run(v.name, func(t *testing.T) {
			w, err := keyring.ParseFile(v.path, v.data)
			if err == nil {
				if !bytes.Equal(w.Marshal(), v.data) || w.Path() != v.path {
					t.Error("accepted, but written back otherwise")
				}
				if v.dataKey != nil {
					err = w.Verify(v.dataKey)
				}
			} else if !errors.Is(err, keyring.ErrFile) {
				t.Errorf("%v is no ErrFile", err)
			}
			if v.expect == "ok" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if want := faults[v.expect]; want == nil || !errors.Is(err, want) {
				t.Errorf("error %v, want %s", err, v.expect)
			}
			if err != nil && (strings.ContainsAny(err.Error(), "\n\r\x00\x1b") || len(err.Error()) > 500) {
				t.Errorf("error is not a short line: %q", err)
			}
		})
	}
	for name := range faults {
		if !met[name] {
			t.Errorf("no vector expects %s", name)
		}
	}
}

// TestSpecificationNamesFaults: docs/keys.md says of each fault when it occurs.
func TestSpecificationNamesFaults(t *testing.T) {
	doc, err := os.ReadFile("../../docs/keys.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range faults {
		if !bytes.Contains(doc, []byte("`"+name+"`")) {
			t.Errorf("docs/keys.md does not mention %s", name)
		}
	}
}

// TestSpecificationExample: the file shown in docs/keys.md is a good one.
func TestSpecificationExample(t *testing.T) {
	doc, err := os.ReadFile("../../docs/keys.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```json\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/keys.md shows no example")
	}
	var raw [keys.DataKeySize]byte
	for i := range raw {
		raw[i] = byte(i + 1)
	}
	dk, err := keys.DataKeyFrom(raw[:])
	if err != nil {
		t.Fatal(err)
	}
	r := keys.Recipient{Kind: "age", URI: "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"}
	id, err := keys.ParseID("00112233445566778899aabbccddeeff")
	if err != nil {
		t.Fatal(err)
	}
	w, err := keyring.ParseFile(keyring.Path("prod", id, r.ID()), []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Verify(dk); err != nil {
		t.Error(err)
	}
}

func FuzzParseFile(f *testing.F) {
	for _, v := range vectors(f) {
		if len(v.data) < 4096 {
			f.Add(v.path, v.data)
		}
	}
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		w, err := keyring.ParseFile(path, data)
		if err != nil {
			if !errors.Is(err, keyring.ErrFile) || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("error %q", err)
			}
			return
		}
		if !bytes.Equal(w.Marshal(), data) || w.Path() != path {
			t.Error("accepted, but written back otherwise")
		}
	})
}
