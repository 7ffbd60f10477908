package filter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
)

var errTest = errors.New("a fault of the test")

// TestClean is the first table of the design, row by row, and what lies between
// its rows.
func TestClean(t *testing.T) {
	lower(t, 100<<10)
	small := text(500)
	exact := text(whole)
	big := text(whole + 1000)
	several := text(60_000)
	sealed2 := sealWith(t, dev2, several)

	type row struct {
		name    string
		path    string // default dev/a
		content []byte
		setup   func(w *world)
		same    []byte          // the output is these bytes
		sealed  keys.Generation // or the content sealed under this
		err     error           // or this error, and nothing
	}
	var rows []row
	add := func(r ...row) { rows = append(rows, r...) }
	inIndex := func(b []byte) func(*world) { return func(w *world) { w.index["dev/a"] = b } }
	both := func(a, b func(*world)) func(*world) { return func(w *world) { a(w); b(w) } }
	shut := func(cause error) func(*world) { return func(w *world) { w.lock("dev", cause) } }

	// Empty content.
	add(row{name: "empty", same: []byte{}},
		row{name: "empty/without key", setup: shut(keys.ErrLocked), same: []byte{}},
		row{name: "empty/without policy", setup: func(w *world) { w.policy = nil }, same: []byte{}},
		row{name: "empty/was sealed", setup: inIndex(sealed2), same: []byte{}})

	// A sealed blob, key available.
	add(row{name: "sealed", content: sealed2, same: sealed2},
		row{name: "sealed/under an old generation", content: sealWith(t, dev1, small), same: sealWith(t, dev1, small)},
		row{name: "sealed/by another encoder", content: sealRaw(t, dev2, small), same: sealRaw(t, dev2, small)},
		row{name: "sealed/larger than memory", content: sealWith(t, dev2, text(300_000)), same: sealWith(t, dev2, text(300_000))},
		row{name: "sealed/other ring", content: sealWith(t, prod1, small), err: ErrRefused},
		row{name: "sealed/other ring, both shut", content: sealWith(t, prod1, small), setup: both(shut(keys.ErrLocked), func(w *world) { w.lock("prod", keys.ErrNoAccess) }), err: ErrRefused},
		row{name: "sealed/no policy", content: sealed2, setup: func(w *world) { w.policy = nil }, err: ErrRefused},
		row{name: "sealed/no rule", path: "other", content: sealed2, err: ErrRefused})

	// A sealed blob, key not available.
	for name, cause := range map[string]error{"locked": keys.ErrLocked, "no access": keys.ErrNoAccess, "transient": keys.ErrTransient} {
		add(row{name: "sealed, no key/" + name, content: sealed2, setup: shut(cause), same: sealed2},
			row{name: "sealed, no key/" + name + ", truncated", content: sealed2[:len(sealed2)-1], setup: shut(cause), err: ErrIntegrity},
			row{name: "sealed, no key/" + name + ", extended", content: append(bytes.Clone(sealed2), 0), setup: shut(cause), err: envelope.ErrTrailing})
	}
	add(row{name: "sealed, no key/unknown key", content: sealWith(t, dev3, small), err: keys.ErrUnknownKey},
		row{name: "sealed, no key/ring not found", content: sealed2, setup: both(shut(keys.ErrLocked), func(w *world) { w.findErr = errTest }), err: errTest},
		row{name: "sealed, no key/key tampered with", content: sealed2, setup: shut(keys.ErrTampered), err: ErrIntegrity})

	// Damaged ones, with the key.
	for name, content := range map[string][]byte{
		"magic alone":         []byte(magic),
		"header alone":        sealed2[:envelope.HeaderSize],
		"header cut":          sealed2[:envelope.HeaderSize-1],
		"truncated":           sealed2[:len(sealed2)-1],
		"trailer missing":     sealed2[:len(sealed2)-36],
		"extended":            append(bytes.Clone(sealed2), '\n'),
		"twice":               append(bytes.Clone(sealed2), sealed2...),
		"flipped ciphertext":  flipped(sealed2, envelope.HeaderSize+40),
		"flipped tag":         flipped(sealed2, envelope.HeaderSize+4),
		"flipped length":      flipped(sealed2, envelope.HeaderSize+1),
		"flipped trailer":     flipped(sealed2, -1),
		"impossible cuts":     flipped(sealed2, 32),
		"swapped segments":    swapped(t, sealed2),
		"plaintext in magic":  append([]byte(magic+"\x01\x01"), small...),
		"plaintext in header": append(bytes.Clone(sealed2[:envelope.HeaderSize]), small...),
		"large plaintext":     append(bytes.Clone(sealed2[:envelope.HeaderSize]), text(300_000)...),
	} {
		add(row{name: "damaged/" + name, content: content, err: ErrIntegrity})
		add(row{name: "damaged/" + name + ", refused", content: content, err: ErrRefused})
	}
	add(row{name: "damaged/key id of another generation", content: flippedID(sealed2, dev1.ID), err: ErrIntegrity},
		row{name: "damaged/as the index has it", content: flipped(sealed2, -1), setup: inIndex(flipped(sealed2, -1)), same: flipped(sealed2, -1)},
		row{name: "damaged/longer than the index has it", content: append(flipped(sealed2, -1), 0), setup: inIndex(flipped(sealed2, -1)), err: ErrIntegrity},
		row{name: "damaged/shorter than the index has it", content: sealed2[:len(sealed2)-1], setup: inIndex(sealed2), err: ErrIntegrity})

	// What the index has passes, whatever is wrong with it: but for attributes.
	foreign := sealWith(t, dev3, small)
	add(row{name: "index has it/unknown key", content: foreign, setup: inIndex(foreign), same: foreign},
		row{name: "index has it/other ring", content: sealWith(t, prod1, small), setup: inIndex(sealWith(t, prod1, small)), same: sealWith(t, prod1, small)},
		row{name: "index has it/no policy", content: sealed2, setup: both(inIndex(sealed2), func(w *world) { w.policy = nil }), same: sealed2},
		row{name: "index has it/tampered key", content: sealed2, setup: both(inIndex(sealed2), shut(keys.ErrTampered)), same: sealed2},
		row{name: "index has it/attributes damage it", content: sealed2, setup: both(inIndex(sealed2), func(w *world) { w.attrs.Text = "set" }), err: ErrRefused},
		row{name: "index has it/unreadable index", content: foreign, setup: both(inIndex(foreign), func(w *world) { w.indexErr = errTest }), err: keys.ErrUnknownKey},
		row{name: "index has it/unreadable blob", content: foreign, setup: both(inIndex(foreign), func(w *world) { w.openErr = errTest }), err: keys.ErrUnknownKey})

	// Sealed by a newer program.
	newer := versioned(sealed2, 2)
	add(row{name: "newer/version", content: newer, err: ErrNewer},
		row{name: "newer/or plaintext", content: append([]byte(magic), small...), err: ErrRefused},
		row{name: "newer/suite", content: flipped(sealed2, 15), err: ErrNewer},
		row{name: "newer/refused", content: newer, err: ErrRefused},
		row{name: "newer/index has it", content: newer, setup: inIndex(newer), same: newer},
		row{name: "newer/index has another", content: newer, setup: inIndex(versioned(sealed2, 3)), err: ErrNewer})

	// Plaintext that the index has sealed already.
	old, oldBig := sealWith(t, dev1, small), sealWith(t, dev1, big)
	changed := func(b []byte) []byte { return flipped(b, -1) }
	add(row{name: "sticky/same generation", content: small, setup: inIndex(sealWith(t, dev2, small)), same: sealWith(t, dev2, small)},
		row{name: "sticky/old generation", content: small, setup: inIndex(old), same: old},
		row{name: "sticky/another encoder", content: small, setup: inIndex(sealRaw(t, dev1, small)), same: sealRaw(t, dev1, small)},
		row{name: "sticky/one byte", content: []byte("x"), setup: inIndex(sealWith(t, dev1, []byte("x"))), same: sealWith(t, dev1, []byte("x"))},
		row{name: "sticky/current key shut", content: small, setup: both(inIndex(old), func(w *world) { w.currentErr["dev"] = keys.ErrTransient }), same: old},
		row{name: "sticky/below the limit", content: exact[1:], setup: inIndex(sealWith(t, dev1, exact[1:])), same: sealWith(t, dev1, exact[1:])},
		row{name: "sticky/at the limit", content: exact, setup: inIndex(sealWith(t, dev1, exact)), same: sealWith(t, dev1, exact)},
		row{name: "sticky/large", content: big, setup: inIndex(oldBig), same: oldBig},
		row{name: "sticky/large, current key shut", content: big, setup: both(inIndex(oldBig), func(w *world) { w.currentErr["dev"] = keys.ErrLocked }), same: oldBig})

	// Other plaintext.
	add(row{name: "plain/new", content: small, sealed: dev2},
		row{name: "plain/one byte", content: []byte("x"), sealed: dev2},
		row{name: "plain/part of the magic", content: []byte(magic[:len(magic)-1]), sealed: dev2},
		row{name: "plain/at the limit", content: exact, sealed: dev2},
		row{name: "plain/large", content: big, sealed: dev2},
		row{name: "plain/larger than memory", content: text(300_000), sealed: dev2},
		row{name: "plain/longer", content: append(bytes.Clone(small), 'x'), setup: inIndex(old), sealed: dev2},
		row{name: "plain/shorter", content: small[:len(small)-1], setup: inIndex(old), sealed: dev2},
		row{name: "plain/last byte", content: changed(small), setup: inIndex(old), sealed: dev2},
		row{name: "plain/large, last byte", content: changed(big), setup: inIndex(oldBig), sealed: dev2},
		row{name: "plain/large, longer", content: append(bytes.Clone(big), 'x'), setup: inIndex(oldBig), sealed: dev2},
		row{name: "plain/large, shorter", content: big[:len(big)-1], setup: inIndex(oldBig), sealed: dev2},
		row{name: "plain/large where small was", content: big, setup: inIndex(old), sealed: dev2},
		row{name: "plain/small where large was", content: small, setup: inIndex(oldBig), sealed: dev2},
		row{name: "plain/index has plain", content: small, setup: inIndex(small), sealed: dev2},
		row{name: "plain/index has empty", content: small, setup: inIndex([]byte{}), sealed: dev2},
		row{name: "plain/index has another ring's", content: small, setup: inIndex(sealWith(t, prod1, small)), sealed: dev2},
		row{name: "plain/index has unknown key", content: small, setup: inIndex(foreign), sealed: dev2},
		row{name: "plain/index has damaged", content: small, setup: inIndex(flipped(old, -1)), sealed: dev2},
		row{name: "plain/index has large damaged", content: big, setup: inIndex(flipped(oldBig, -1)), sealed: dev2},
		row{name: "plain/index has newer", content: small, setup: inIndex(versioned(old, 2)), sealed: dev2},
		row{name: "plain/previous key shut", content: small, setup: both(inIndex(old), func(w *world) { w.shut[dev1.ID] = keys.ErrNoAccess }), sealed: dev2})

	// Plaintext, key not available.
	for name, cause := range map[string]error{
		"locked": keys.ErrLocked, "no access": keys.ErrNoAccess, "transient": keys.ErrTransient,
		"tampered": keys.ErrTampered, "no generation": keys.ErrNoGeneration, "other": errTest,
	} {
		add(row{name: "no key/" + name, content: small, setup: shut(cause), err: cause},
			row{name: "no key/" + name + ", large", content: big, setup: shut(cause), err: cause},
			row{name: "no key/" + name + ", refused", content: small, setup: shut(cause), err: ErrRefused},
			row{name: "no key/" + name + ", unchanged", content: small, setup: both(inIndex(old), shut(cause)), err: cause},
			row{name: "no key/" + name + ", edited", content: changed(big), setup: both(inIndex(oldBig), func(w *world) { w.currentErr["dev"] = cause }), err: cause})
	}
	add(row{name: "no key/tampered is grave", content: small, setup: shut(keys.ErrTampered), err: ErrIntegrity},
		row{name: "no key/keyring gives another ring's", content: small, setup: func(w *world) { w.current["dev"] = prod1.ID }, err: errAny})

	// Which ring, if any.
	add(row{name: "ring/of the rule", path: "prod/a", content: small, sealed: prod1},
		row{name: "ring/rule before attribute", content: small, setup: func(w *world) { w.attrs.Ring = "prod" }, sealed: dev2},
		row{name: "ring/attribute", path: "other", content: small, setup: func(w *world) { w.attrs.Ring = "prod" }, sealed: prod1},
		row{name: "ring/unknown attribute", path: "other", content: small, setup: func(w *world) { w.attrs.Ring = "nobody" }, err: ErrRefused},
		row{name: "ring/attribute without value", path: "other", content: small, setup: func(w *world) { w.attrs.Ring = "set" }, err: ErrRefused},
		row{name: "ring/default", path: "other", content: small, setup: func(w *world) { w.policy = parsePolicy(t, twoRings+"default_ring: prod\n"+rules) }, sealed: prod1},
		row{name: "ring/attribute before default", path: "other", content: small, setup: func(w *world) {
			w.policy, w.attrs.Ring = parsePolicy(t, twoRings+"default_ring: prod\n"+rules), "dev"
		}, sealed: dev2},
		row{name: "ring/only one", path: "other", content: small, setup: func(w *world) { w.policy = parsePolicy(t, oneRing) }, sealed: dev2},
		row{name: "ring/none", path: "other", content: small, err: ErrRefused},
		row{name: "ring/policy missing", content: small, setup: func(w *world) { w.policy = nil }, err: ErrRefused},
		row{name: "ring/policy unreadable", content: small, setup: func(w *world) { w.policyErr = errTest }, err: errTest},
		row{name: "ring/policy unreadable, unchanged", content: small, setup: both(inIndex(old), func(w *world) { w.policyErr = errTest }), same: old},
		row{name: "ring/policy unreadable, large unchanged", content: big, setup: both(inIndex(oldBig), func(w *world) { w.policyErr = errTest }), same: oldBig},
		row{name: "ring/policy unreadable, edited", content: changed(small), setup: both(inIndex(old), func(w *world) { w.policyErr = errTest }), err: errTest},
		row{name: "ring/policy unreadable, large edited", content: changed(big), setup: both(inIndex(oldBig), func(w *world) { w.policyErr = errTest }), err: errTest},
		row{name: "ring/policy unreadable, index has plain", content: small, setup: both(inIndex(small), func(w *world) { w.policyErr = errTest }), err: errTest},
		row{name: "ring/none, unchanged", path: "other", content: small, setup: func(w *world) { w.index["other"] = old }, same: old})

	// Faults around.
	add(row{name: "fault/attributes", content: small, setup: func(w *world) { w.attrsErr = errTest }, err: errTest},
		row{name: "fault/attributes, sealed", content: sealed2, setup: both(inIndex(sealed2), func(w *world) { w.attrsErr = errTest }), err: errTest},
		row{name: "fault/index", content: small, setup: func(w *world) { w.indexErr = errTest }, err: errTest},
		row{name: "fault/blob of the index", content: small, setup: both(inIndex(old), func(w *world) { w.openErr = errTest }), err: errTest})

	// Never sealed.
	for _, path := range []string{".gitattributes", "dev/.gitattributes", ".envelope/policy.yaml", ".envelope/keys/dev/0/a.json"} {
		add(row{name: "reserved/" + path, path: path, content: small, same: small},
			row{name: "reserved/" + path + ", all goes wrong", path: path, content: big, setup: both(shut(keys.ErrLocked), func(w *world) { w.policyErr, w.attrsErr, w.indexErr = errTest, errTest, errTest }), same: big})
	}
	add(row{name: "reserved/only there", path: "dev/.envelope/policy.yaml", content: small, sealed: dev2})

	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			tmp := t.TempDir()
			t.Setenv("TMPDIR", tmp)
			w := newWorld(t)
			if r.setup != nil {
				r.setup(w)
			}
			if r.path == "" {
				r.path = "dev/a"
			}
			got, err := w.clean(r.path, r.content)
			noTrace(t, err, tmp)
			if w.unclosed != 0 {
				t.Errorf("%d blobs of the index were left open", w.unclosed)
			}
			switch {
			case r.err != nil:
				if err == nil || r.err != errAny && !errors.Is(err, r.err) {
					t.Errorf("error is %v, want %v", err, r.err)
				}
				if len(got) > 0 {
					t.Errorf("%d bytes came with the error", len(got))
				}
			case err != nil:
				t.Fatal(err)
			case r.same != nil:
				if !bytes.Equal(got, r.same) {
					t.Errorf("got %d bytes, not the %d expected", len(got), len(r.same))
				}
			default:
				if bytes.Contains(got, []byte(marker)) {
					t.Fatal("plaintext came out")
				}
				if plain := openWith(t, r.sealed, got); !bytes.Equal(plain, r.content) {
					t.Error("the output opens to something else")
				}
			}
		})
	}
}

// errAny stands for an error without a kind.
var errAny = errors.New("any error")

func versioned(sealed []byte, version byte) []byte {
	b := bytes.Clone(sealed)
	b[len(magic)] = version
	return b
}

func flippedID(sealed []byte, id keys.ID) []byte {
	b := bytes.Clone(sealed)
	copy(b[len(magic)+2:], id[:])
	return b
}

// TestCleanUnreadable: content whose reading fails is never taken for what was
// read of it, not even where that is what the index has.
func TestCleanUnreadable(t *testing.T) {
	lower(t, 100<<10)
	small, big := text(500), text(whole+1)
	for name, content := range map[string][]byte{
		"nothing": nil, "few": small[:10], "small": small, "large": big,
		"sealed": sealWith(t, dev1, small), "sealed large": sealWith(t, dev1, big),
	} {
		for _, fault := range []error{errTest, io.ErrUnexpectedEOF} {
			for _, path := range []string{"dev/a", ".gitattributes"} {
				t.Run(name+"/"+fault.Error()+"/"+path, func(t *testing.T) {
					for _, indexed := range [][]byte{nil, content, sealWith(t, dev1, content)} {
						w := newWorld(t)
						w.index["dev/a"] = indexed
						// Once only: a reader that then says EOF must not make it whole.
						broken := io.MultiReader(bytes.NewReader(content), &failOnce{err: fault})
						out, err := drain(w.filter().Clean(context.Background(), path, broken))
						if !errors.Is(err, fault) || len(out) > 0 {
							t.Errorf("got %d bytes and error %v", len(out), err)
						}
						if w.unclosed != 0 {
							t.Error("a blob of the index was left open")
						}
					}
				})
			}
		}
	}
}

type failOnce struct{ err error }

func (f *failOnce) Read([]byte) (int, error) {
	err := f.err
	f.err = io.EOF
	return 0, err
}

// TestCleanPieces: how content arrives makes no difference.
func TestCleanPieces(t *testing.T) {
	for name, content := range map[string][]byte{"plain": text(3000), "sealed": sealWith(t, dev2, text(3000))} {
		w := newWorld(t)
		want, err := w.clean("dev/a", content)
		if err != nil {
			t.Fatal(err)
		}
		for how, r := range map[string]io.Reader{
			"bytes":         iotest.OneByteReader(bytes.NewReader(content)),
			"halfs":         iotest.HalfReader(bytes.NewReader(content)),
			"data with EOF": iotest.DataErrReader(bytes.NewReader(content)),
		} {
			got, err := drain(w.filter().Clean(context.Background(), "dev/a", r))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s by %s: %d bytes, %v", name, how, len(got), err)
			}
		}
	}
}

// TestDamage holds the attributes against Git's own rules (convert.c).
func TestDamage(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    Attributes
		bad  bool
	}{
		{"none", Attributes{}, false},
		{"block", Attributes{Text: "unset", Ident: "unset", Encoding: "unset"}, false},
		{"unspecified", Attributes{Text: "unspecified", CRLF: "unspecified", EOL: "unspecified", Ident: "unspecified", Encoding: "unspecified"}, false},
		{"text", Attributes{Text: "set"}, true},
		{"text=input", Attributes{Text: "input"}, true},
		{"text=auto", Attributes{Text: "auto"}, false},
		{"text=nonsense", Attributes{Text: "nonsense"}, false},
		{"text=nonsense eol=lf", Attributes{Text: "nonsense", EOL: "lf"}, true},
		{"eol=lf", Attributes{Text: "unspecified", EOL: "lf"}, true},
		{"eol=crlf", Attributes{EOL: "crlf"}, true},
		{"text=auto eol=crlf", Attributes{Text: "auto", EOL: "crlf"}, false},
		{"-text eol=lf", Attributes{Text: "unset", EOL: "lf"}, false},
		{"crlf", Attributes{Text: "unspecified", CRLF: "set"}, true},
		{"crlf=input", Attributes{CRLF: "input"}, true},
		{"crlf=auto", Attributes{CRLF: "auto"}, false},
		{"crlf=auto eol=lf", Attributes{CRLF: "auto", EOL: "lf"}, false},
		{"-crlf", Attributes{CRLF: "unset"}, false},
		{"-crlf eol=lf", Attributes{CRLF: "unset", EOL: "lf"}, false},
		{"-text crlf", Attributes{Text: "unset", CRLF: "set"}, false},
		{"text=auto crlf", Attributes{Text: "auto", CRLF: "set"}, false},
		{"ident", Attributes{Text: "unset", Ident: "set"}, true},
		{"working-tree-encoding", Attributes{Text: "unset", Encoding: "UTF-16"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.attrs = tt.a
			for kind, content := range map[string][]byte{"plain": text(100), "sealed": sealWith(t, dev2, text(100))} {
				out, err := w.clean("dev/a", content)
				if tt.bad != (err != nil) || tt.bad && (!errors.Is(err, ErrRefused) || len(out) > 0) {
					t.Errorf("%s: %d bytes, error %v", kind, len(out), err)
				}
			}
		})
	}
}

// TestNoRoom: without a place for what does not fit in memory, clean fails and
// gives nothing; small files need none.
func TestNoRoom(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly := filepath.Join(dir, "ro")
	if err := os.Mkdir(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	lower(t, 100<<10)
	big := text(300_000)
	for name, tmp := range map[string]string{"missing": filepath.Join(dir, "none"), "a file": file, "read-only": readOnly} {
		t.Run(name, func(t *testing.T) {
			if name == "read-only" && os.Geteuid() == 0 {
				t.Skip("root writes to read-only folders")
			}
			t.Setenv("TMPDIR", tmp)
			for what, content := range map[string][]byte{"plain": big, "sealed": sealWith(t, dev2, big)} {
				for _, indexed := range [][]byte{nil, sealWith(t, dev1, text(10)), content} {
					w := newWorld(t)
					w.index["dev/a"] = indexed
					out, err := w.clean("dev/a", content)
					if err == nil || len(out) > 0 || errors.Is(err, ErrIntegrity) {
						t.Errorf("%s: %d bytes, error %v", what, len(out), err)
					}
				}
			}
			w := newWorld(t)
			if _, err := w.clean("dev/a", text(5000)); err != nil {
				t.Errorf("a small file: %v", err)
			}
			if out, _, err := w.smudge("dev/a", sealWith(t, dev2, big)); err == nil || len(out) > 0 {
				t.Errorf("smudge: %d bytes, error %v", len(out), err)
			}
			w.index["dev/a"] = sealWith(t, dev1, big)
			if out, err := w.clean("dev/a", big); err != nil || !bytes.Equal(out, w.index["dev/a"]) {
				t.Errorf("unchanged content: %d bytes, error %v", len(out), err)
			}
		})
	}
}

// TestHints: what refuses says what to type, beside what the keyring says.
func TestHints(t *testing.T) {
	hint := func(err error) string {
		var h interface{ Hint() string }
		if !errors.As(err, &h) {
			return ""
		}
		return h.Hint()
	}
	w := newWorld(t)
	w.currentErr["dev"] = keys.ErrNoAccess
	if _, err := w.clean("dev/a", text(10)); hint(err) == "" {
		t.Errorf("no hint: %v", err)
	}
	w.currentErr["dev"] = &keys.RingError{Cause: keys.ErrNoAccess, Failed: []*keys.Error{{Kind: keys.Expired, Hint: "aws sso login"}}}
	_, err := w.clean("dev/a", text(10))
	if !strings.HasPrefix(hint(err), "or, ") { // it stands behind the keyring's
		t.Errorf("the keyring's hint is hidden by %q", hint(err))
	}
	var ring *keys.RingError
	if !errors.As(err, &ring) || len(ring.Hints()) != 1 {
		t.Errorf("the keyring's hint is lost: %v", err)
	}
	_, err = w.clean("dev/a", versioned(sealWith(t, dev2, text(10)), 9))
	if !errors.Is(err, ErrNewer) || errors.Is(err, ErrIntegrity) || errors.Is(err, envelope.ErrDamaged) {
		t.Errorf("a newer blob is called damaged: %v", err)
	}
}

// TestUnknownCommand: anything but clean and smudge is an error.
func TestUnknownCommand(t *testing.T) {
	out, err := drain(newWorld(t).filter().Handle(context.Background(), process.Request{Command: "list", Path: "dev/a"}, bytes.NewReader(text(10))))
	if err == nil || out != nil {
		t.Errorf("got %q, %v", out, err)
	}
}
