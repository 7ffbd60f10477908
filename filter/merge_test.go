package filter

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
)

func TestMerge(t *testing.T) {
	base, ours, theirs, merged := text(5000), text(6000), text(7000), text(8000)
	d1 := func(b []byte) []byte { return sealWith(t, dev1, b) }
	all := Sides{d1(base), d1(ours), d1(theirs)}
	for name, tt := range map[string]struct {
		path     string
		sides    Sides
		setup    func(*world)
		merged   []byte
		conflict bool
		fails    error  // of the merge itself
		plain    *Sides // what it must be given
		same     []byte // the result, byte for byte
		sealed   []byte // or the plaintext sealed in it
		err      error
	}{
		"clean":                          {sides: all, merged: merged, plain: &Sides{base, ours, theirs}, sealed: merged},
		"conflict":                       {sides: all, merged: merged, conflict: true, sealed: merged},
		"empty result":                   {sides: all, merged: nil, same: []byte{}},
		"result is ours":                 {sides: all, merged: ours, same: all.Ours},
		"result is theirs":               {sides: all, merged: theirs, same: all.Theirs},
		"result is the base":             {sides: all, merged: base, sealed: base},
		"result is ours, which is plain": {sides: Sides{d1(base), ours, d1(theirs)}, merged: ours, sealed: ours},
		"base empty":                     {sides: Sides{nil, all.Ours, all.Theirs}, merged: merged, plain: &Sides{nil, ours, theirs}, sealed: merged},
		"ours empty":                     {sides: Sides{all.Base, nil, all.Theirs}, merged: nil, same: []byte{}},
		"base plain":                     {sides: Sides{base, all.Ours, all.Theirs}, merged: merged, plain: &Sides{base, ours, theirs}, sealed: merged},
		"ours plain":                     {sides: Sides{all.Base, ours, all.Theirs}, merged: merged, plain: &Sides{base, ours, theirs}, sealed: merged},
		"current generation":             {sides: Sides{all.Base, all.Ours, sealWith(t, dev2, theirs)}, merged: merged, sealed: merged},
		"merge fails":                    {sides: all, merged: merged, fails: errTest, err: errTest},
		"locked":                         {sides: all, merged: merged, setup: func(w *world) { w.lock("dev", keys.ErrLocked) }, err: keys.ErrLocked},
		"one key shut":                   {sides: Sides{all.Base, all.Ours, sealWith(t, dev2, theirs)}, merged: merged, setup: func(w *world) { w.shut[dev2.ID] = keys.ErrNoAccess }, err: keys.ErrNoAccess},
		"current key shut":               {sides: all, merged: merged, setup: func(w *world) { w.currentErr["dev"] = keys.ErrTransient }, err: keys.ErrTransient},
		"current key not needed":         {sides: all, merged: theirs, setup: func(w *world) { w.currentErr["dev"] = keys.ErrTransient }, same: all.Theirs},
		"unknown key":                    {sides: Sides{all.Base, all.Ours, sealWith(t, dev3, theirs)}, merged: merged, err: keys.ErrUnknownKey},
		"tampered key":                   {sides: all, merged: merged, setup: func(w *world) { w.lock("dev", keys.ErrTampered) }, err: ErrIntegrity},
		"damaged side":                   {sides: Sides{all.Base, all.Ours, flipped(all.Theirs, -1)}, merged: merged, err: ErrIntegrity},
		"newer side":                     {sides: Sides{all.Base, all.Ours, versioned(all.Theirs, 2)}, merged: merged, err: ErrNewer},
		"theirs of another ring":         {sides: Sides{all.Base, all.Ours, sealWith(t, prod1, theirs)}, merged: merged, err: ErrRefused},
		"base of another ring":           {sides: Sides{sealWith(t, prod1, base), all.Ours, all.Theirs}, merged: merged, err: ErrRefused},
		"no rule":                        {path: "other", sides: all, merged: merged, err: ErrRefused},
		"policy missing":                 {sides: all, merged: merged, setup: func(w *world) { w.policy = nil }, err: ErrRefused},
		"policy unreadable":              {sides: all, merged: merged, setup: func(w *world) { w.policyErr = errTest }, err: errTest},
		"attributes damage":              {sides: all, merged: merged, setup: func(w *world) { w.attrs.Text = "set" }, err: ErrRefused},
		"reserved path":                  {path: ".gitattributes", sides: Sides{base, ours, theirs}, merged: merged, plain: &Sides{base, ours, theirs}, same: merged},
		"reserved path, sealed side":     {path: ".envelope/policy.yaml", sides: Sides{base, ours, all.Theirs}, merged: merged, err: ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tt.setup != nil {
				tt.setup(w)
			}
			if tt.path == "" {
				tt.path = "dev/a"
			}
			var given *Sides
			got, conflict, err := w.filter().Merge(context.Background(), tt.path, tt.sides, func(s Sides) ([]byte, bool, error) {
				given = &s
				return tt.merged, tt.conflict, tt.fails
			})
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				if got != nil || conflict {
					t.Errorf("%d bytes, conflict %v, came with the error", len(got), conflict)
				}
				return
			}
			if conflict != tt.conflict {
				t.Errorf("conflict is %v", conflict)
			}
			if p := tt.plain; p != nil && !(bytes.Equal(p.Base, given.Base) && bytes.Equal(p.Ours, given.Ours) && bytes.Equal(p.Theirs, given.Theirs)) {
				t.Error("other sides were given to merge")
			}
			if tt.same != nil {
				if !bytes.Equal(got, tt.same) {
					t.Errorf("got %d other bytes", len(got))
				}
				return
			}
			if bytes.Contains(got, []byte(marker)) {
				t.Fatal("plaintext came out")
			}
			if !bytes.Equal(openWith(t, dev2, got), tt.sealed) {
				t.Error("the result opens to something else")
			}
		})
	}
}
