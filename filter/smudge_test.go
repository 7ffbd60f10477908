package filter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/git-envelope/git-envelope/filter/process"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// TestSmudge is the second table of the design, row by row.
func TestSmudge(t *testing.T) {
	plain, large := text(60_000), text(300_000)
	lower(t, 100<<10)
	sealed := sealWith(t, dev2, plain)
	newer := versioned(sealed, 2)

	type row struct {
		name    string
		path    string // default dev/a
		content []byte
		setup   func(w *world)
		opened  []byte // the output, from a sealed blob
		as      bool   // or the output is the content
		left    bool   // with a word about a file left sealed
		plain   bool   // with a word about a plain blob
		err     error  // or this, at the latest behind a part of the plaintext
	}
	var rows []row
	add := func(r ...row) { rows = append(rows, r...) }
	shut := func(cause error) func(*world) { return func(w *world) { w.lock("dev", cause) } }
	both := func(a, b func(*world)) func(*world) { return func(w *world) { a(w); b(w) } }

	// Empty, or a plain blob.
	add(row{name: "empty", content: []byte{}, as: true},
		row{name: "empty/no key", content: []byte{}, setup: shut(keys.ErrLocked), as: true},
		row{name: "plain", content: plain, as: true, plain: true},
		row{name: "plain/no key", content: plain, setup: shut(keys.ErrLocked), as: true, plain: true},
		row{name: "plain/large", content: large, as: true, plain: true},
		row{name: "plain/no policy", content: plain, setup: func(w *world) { w.out = nil }, as: true, plain: true},
		row{name: "plain/part of the magic", content: []byte(magic[:len(magic)-1]), as: true, plain: true},
		row{name: "plain/reserved", path: ".gitattributes", content: plain, as: true})

	// A sealed blob, key available.
	add(row{name: "sealed", content: sealed, opened: plain},
		row{name: "sealed/old generation", content: sealWith(t, dev1, plain), opened: plain},
		row{name: "sealed/another encoder", content: sealRaw(t, dev2, plain[:500]), opened: plain[:500]},
		row{name: "sealed/large", content: sealWith(t, dev2, large), opened: large},
		row{name: "sealed/current key shut", content: sealed, setup: func(w *world) { w.currentErr["dev"] = errTest }, opened: plain},
		row{name: "sealed/other ring", content: sealWith(t, prod1, plain), as: true, left: true},
		row{name: "sealed/policy missing", content: sealed, setup: func(w *world) { w.out = nil }, as: true, left: true},
		row{name: "sealed/policy unreadable", content: sealed, setup: func(w *world) { w.outErr = errTest }, as: true, left: true},
		row{name: "sealed/policy of the work tree does not matter", content: sealed, setup: func(w *world) { w.policy, w.policyErr = nil, errTest }, opened: plain},
		row{name: "sealed/attributes that would damage do not matter", content: sealed, setup: func(w *world) { w.attrs.Text = "set" }, opened: plain},
		row{name: "sealed/no rule", path: "other", content: sealed, as: true, left: true},
		row{name: "sealed/attribute", path: "other", content: sealed, setup: func(w *world) { w.attrs.Ring = "dev" }, opened: plain},
		row{name: "sealed/attribute of other ring", path: "other", content: sealed, setup: func(w *world) { w.attrs.Ring = "prod" }, as: true, left: true},
		row{name: "sealed/attributes unreadable", path: "other", content: sealed, setup: func(w *world) { w.attrsErr = errTest }, err: errTest},
		row{name: "sealed/attributes not needed", content: sealed, setup: func(w *world) { w.attrsErr = errTest }, opened: plain},
		row{name: "sealed/default ring", path: "other", content: sealed, setup: func(w *world) { w.out = parsePolicy(t, twoRings+"default_ring: dev\n") }, opened: plain},
		row{name: "sealed/only ring", path: "other", content: sealed, setup: func(w *world) { w.out = parsePolicy(t, oneRing) }, opened: plain})

	// Where clean passes what it gets, plaintext would enter the repository.
	for _, path := range []string{".gitattributes", "dev/.gitattributes", ".envelope/keys/x"} {
		add(row{name: "reserved/" + path, path: path, content: sealed, setup: func(w *world) { w.out = parsePolicy(t, oneRing) }, as: true, left: true})
	}

	// A sealed blob, key not available.
	for name, cause := range map[string]error{"locked": keys.ErrLocked, "no access": keys.ErrNoAccess} {
		add(row{name: "no key/" + name, content: sealed, setup: shut(cause), as: true, left: true},
			row{name: "no key/" + name + ", large", content: sealWith(t, dev2, large), setup: shut(cause), as: true, left: true},
			row{name: "no key/" + name + ", no policy", content: sealed, setup: both(shut(cause), func(w *world) { w.outErr = errTest }), as: true, left: true})
	}
	add(row{name: "no key/unknown", content: sealWith(t, dev3, plain), as: true, left: true},
		row{name: "no key/transient", content: sealed, setup: shut(keys.ErrTransient), err: keys.ErrTransient},
		row{name: "no key/tampered", content: sealed, setup: shut(keys.ErrTampered), err: ErrIntegrity},
		row{name: "no key/other fault", content: sealed, setup: shut(errTest), err: errTest})

	// Sealed by a newer program: no reason to fail a checkout.
	add(row{name: "newer/version", content: newer, as: true, left: true},
		row{name: "newer/suite", content: flipped(sealed, 15), as: true, left: true},
		row{name: "newer/no key", content: newer, setup: shut(keys.ErrLocked), as: true, left: true},
		row{name: "newer/no policy", content: newer, setup: func(w *world) { w.out = nil }, as: true, left: true})

	// Damaged.
	for name, content := range map[string][]byte{
		"magic alone":        []byte(magic),
		"header cut":         sealed[:envelope.HeaderSize-1],
		"header alone":       sealed[:envelope.HeaderSize],
		"truncated":          sealed[:len(sealed)-1],
		"extended":           append(bytes.Clone(sealed), '\n'),
		"flipped ciphertext": flipped(sealed, envelope.HeaderSize+40),
		"flipped in the end": flipped(sealed, -60),
		"flipped trailer":    flipped(sealed, -1),
		"impossible cuts":    flipped(sealed, 32),
		"swapped segments":   swapped(t, sealed),
		"other key id":       flippedID(sealed, dev1.ID),
	} {
		add(row{name: "damaged/" + name, content: content, err: ErrIntegrity})
	}

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
			got, f, err := w.smudge(r.path, r.content)
			noTrace(t, err, tmp)
			for _, treeish := range w.treeish {
				if treeish != "tree" {
					t.Errorf("the treeish was not passed on but %q", treeish)
				}
			}
			switch {
			case r.err != nil:
				if !errors.Is(err, r.err) {
					t.Errorf("error is %v, want %v", err, r.err)
				}
				// Segments have no position: swapped ones are found out at the end.
				if bytes.HasPrefix(got, []byte(magic)) || !bytes.HasPrefix(plain, got) && r.name != "damaged/swapped segments" {
					t.Errorf("%d bytes came that are no verified plaintext", len(got))
				}
			case err != nil:
				t.Fatal(err)
			case r.as && !bytes.Equal(got, r.content), !r.as && !bytes.Equal(got, r.opened):
				t.Errorf("got %d bytes of something else", len(got))
			}
			left, plainPaths := f.Summary()
			if (len(left) > 0) != r.left || (len(plainPaths) > 0) != r.plain {
				t.Errorf("summary: left %v, plain %v", left, plainPaths)
			}
			if r.left && (left[0].Path != r.path || left[0].Count != 1 || left[0].Err == nil) {
				t.Errorf("summary: %+v", left[0])
			}
		})
	}
}

// TestSmudgeUnreadable: a blob whose reading fails is an error, also where it
// would be given as it is.
func TestSmudgeUnreadable(t *testing.T) {
	sealed := sealWith(t, dev2, text(5000))
	for name, content := range map[string][]byte{"nothing": nil, "few": []byte("few"), "plain": text(50_000), "sealed": sealed, "part": sealed[:100]} {
		for _, fault := range []error{errTest, io.ErrUnexpectedEOF} {
			r := io.MultiReader(bytes.NewReader(content), &failOnce{err: fault})
			out, err := drain(newWorld(t).filter().Smudge(context.Background(), process.Request{Path: "dev/a"}, r))
			if !errors.Is(err, fault) || len(out) > 0 {
				t.Errorf("%s: %d bytes, error %v", name, len(out), err)
			}
		}
	}
}

// TestSummary: one entry for each reason, with the first path and a count.
func TestSummary(t *testing.T) {
	w := newWorld(t)
	w.lock("dev", keys.ErrLocked)
	f := w.filter()
	smudge := func(path string, blob []byte) {
		if _, err := drain(f.Smudge(context.Background(), process.Request{Path: path}, bytes.NewReader(blob))); err != nil {
			t.Fatal(err)
		}
	}
	smudge("dev/b", sealWith(t, dev2, text(10)))
	smudge("dev/c", sealWith(t, dev1, text(10))) // another generation, the same reason
	smudge("dev/a", sealWith(t, prod1, text(10)))
	smudge("prod/b", sealWith(t, dev3, text(10)))
	smudge("prod/c", text(10))
	left, plain := f.Summary()
	var got []string
	for _, l := range left {
		got = append(got, l.Path)
	}
	if !slices.Equal(got, []string{"dev/a", "dev/b", "prod/b"}) || left[1].Count != 2 || !errors.Is(left[1].Err, keys.ErrLocked) {
		t.Errorf("left: %+v", left)
	}
	if !slices.Equal(plain, []string{"prod/c"}) {
		t.Errorf("plain: %q", plain)
	}
}

func TestShow(t *testing.T) {
	plain := text(60_000)
	sealed := sealWith(t, dev1, plain)
	for name, tt := range map[string]struct {
		content []byte
		setup   func(*world)
		want    []byte
		err     error
	}{
		"empty":               {content: nil, want: []byte{}},
		"plain":               {content: plain, want: plain},
		"sealed":              {content: sealed, want: plain},
		"sealed of any ring":  {content: sealWith(t, prod1, plain), want: plain},
		"without policy":      {content: sealed, setup: func(w *world) { w.policy, w.out = nil, nil }, want: plain},
		"locked":              {content: sealed, setup: func(w *world) { w.lock("dev", keys.ErrLocked) }, err: keys.ErrLocked},
		"unknown":             {content: sealWith(t, dev3, plain), err: keys.ErrUnknownKey},
		"tampered":            {content: sealed, setup: func(w *world) { w.lock("dev", keys.ErrTampered) }, err: ErrIntegrity},
		"truncated":           {content: sealed[:len(sealed)-1], err: ErrIntegrity},
		"newer":               {content: versioned(sealed, 2), err: ErrNewer},
		"magic and plaintext": {content: append([]byte(magic+"\x01\x01"), plain...), err: ErrIntegrity},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tt.setup != nil {
				tt.setup(w)
			}
			var got []byte
			r, err := w.filter().Show(context.Background(), bytes.NewReader(tt.content))
			if err == nil {
				got, err = io.ReadAll(r)
			}
			if !errors.Is(err, tt.err) || tt.err == nil && !bytes.Equal(got, tt.want) {
				t.Errorf("%d bytes, error %v", len(got), err)
			}
			if c, ok := r.(io.Closer); ok && c.Close() != nil {
				t.Error("cannot be closed")
			}
		})
	}
	r := io.MultiReader(bytes.NewReader(sealed[:20]), &failOnce{err: io.ErrUnexpectedEOF})
	if _, err := newWorld(t).filter().Show(context.Background(), r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("unreadable content: %v", err)
	}
}
