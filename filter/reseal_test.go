package filter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// TestReseal: the same plaintext under the current generation, or an error that
// says whose fault it is.
func TestReseal(t *testing.T) {
	small, large := text(5_000), text(300_000)
	lower(t, 100<<10)
	old := sealWith(t, dev1, small)
	changed := bytes.Clone(old)
	changed[len(changed)-40] ^= 1
	tests := []struct {
		name   string
		ring   string
		sealed []byte
		setup  func(w *world)
		want   []byte // plaintext
		err    error
	}{
		{name: "small", ring: "dev", sealed: old, want: small},
		{name: "large", ring: "dev", sealed: sealWith(t, dev1, large), want: large},
		{name: "current already", ring: "dev", sealed: sealWith(t, dev2, small), want: small},
		{name: "another encoder", ring: "dev", sealed: sealRaw(t, dev1, small[:500]), want: small[:500]},
		{name: "changed", ring: "dev", sealed: changed, err: ErrIntegrity},
		{name: "cut", ring: "dev", sealed: old[:len(old)-1], err: ErrIntegrity},
		{name: "followed by something", ring: "dev", sealed: append(bytes.Clone(old), 0), err: ErrIntegrity},
		{name: "cut in the header", ring: "dev", sealed: old[:20], err: ErrIntegrity},
		{name: "newer", ring: "dev", sealed: versioned(old, 2), err: ErrNewer},
		{name: "plain", ring: "dev", sealed: small, err: ErrNotSealed},
		{name: "empty", ring: "dev", sealed: nil, err: ErrNotSealed},
		{name: "another ring", ring: "dev", sealed: sealWith(t, prod1, small), err: ErrRefused},
		{name: "unknown key", ring: "dev", sealed: sealWith(t, dev3, small), err: keys.ErrUnknownKey},
		{name: "no key", ring: "dev", sealed: old, setup: func(w *world) { w.lock("dev", keys.ErrNoAccess) }, err: keys.ErrNoAccess},
		{name: "no current key", ring: "dev", sealed: old, setup: func(w *world) { w.currentErr["dev"] = errTest }, err: errTest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if tt.setup != nil {
				tt.setup(w)
			}
			f := w.filter()
			r, err := f.Reseal(context.Background(), tt.ring, bytes.NewReader(tt.sealed))
			if tt.err != nil {
				if !errors.Is(err, tt.err) || r != nil {
					t.Fatalf("error %v, want %v", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			content, err := io.ReadAll(r)
			if err != nil || int64(len(content)) != r.Size || r.To != dev2.ID {
				t.Fatalf("%d bytes of %d, under %s, %v", len(content), r.Size, r.To, err)
			}
			plain, err := io.ReadAll(envelope.NewReader(bytes.NewReader(content), envelope.NewKey(envelope.KeyID(dev2.ID), dev2.Key.Bytes())))
			if err != nil || !bytes.Equal(plain, tt.want) {
				t.Fatalf("%d bytes of plaintext, want %d, %v", len(plain), len(tt.want), err)
			}
		})
	}
}

// TestResealBrokenRead: a read that fails is nobody's damage.
func TestResealBrokenRead(t *testing.T) {
	sealed := sealWith(t, dev1, text(5_000))
	for _, n := range []int{0, 10, 1000, len(sealed)} {
		f := newWorld(t).filter()
		_, err := f.Reseal(context.Background(), "dev", io.MultiReader(bytes.NewReader(sealed[:n]), failing{}))
		if !errors.Is(err, errTest) || errors.Is(err, ErrIntegrity) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errTest }
