package filter

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// maxMerge bounds each side of a merge: merging needs all of them in memory.
const maxMerge = 512 << 20

// Sides are the three versions of one path in stored form, as Git hands them to
// a merge driver. They are usually sealed; one may be plain where sealing began
// on one branch only.
type Sides struct{ Base, Ours, Theirs []byte }

// Merge opens the sides, merges their plaintext with merge, and gives the result
// in stored form. Where the result is what a side already holds, it is that
// side's very blob. conflict tells that the result has conflict markers.
func (f *Filter) Merge(ctx context.Context, name string, s Sides, merge func(Sides) (merged []byte, conflict bool, err error)) (stored []byte, conflict bool, err error) {
	var plain Sides
	for _, side := range []struct {
		stored []byte
		plain  *[]byte
	}{{s.Base, &plain.Base}, {s.Ours, &plain.Ours}, {s.Theirs, &plain.Theirs}} {
		if *side.plain, err = f.plaintext(ctx, side.stored); err != nil {
			return nil, false, err
		}
	}
	merged, conflict, err := merge(plain)
	if err != nil {
		return nil, false, err
	}
	ring, err := f.ringIn(ctx, name)
	if err != nil {
		return nil, false, err
	}
	for _, side := range []struct{ stored, plain []byte }{{s.Ours, plain.Ours}, {s.Theirs, plain.Theirs}} {
		if bytes.Equal(merged, side.plain) && f.sealedFor(ctx, side.stored, ring) {
			return side.stored, conflict, nil
		}
	}
	sealed, err := f.seal(ctx, ring, bytes.NewReader(merged))
	if err != nil {
		return nil, false, err
	}
	defer sealed.Close()
	stored, err = io.ReadAll(sealed)
	return stored, conflict, err
}

func (f *Filter) sealedFor(ctx context.Context, stored []byte, ring string) bool {
	if !envelope.IsSealed(stored) {
		return false
	}
	g, err := f.open(ctx, stored, "")
	return err == nil && g.Ring == ring
}

func (f *Filter) plaintext(ctx context.Context, stored []byte) ([]byte, error) {
	r, err := f.Show(ctx, bytes.NewReader(stored))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, maxMerge+1))
	if err == nil && len(b) > maxMerge {
		err = fmt.Errorf("a side is larger than %d MiB", maxMerge>>20)
	}
	return b, err
}
