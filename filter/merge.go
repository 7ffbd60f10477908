package filter

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/policy"
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
//
// A side sealed for another ring than the path's is refused: merging it in would
// hand its content to that ring's audience.
func (f *Filter) Merge(ctx context.Context, name string, s Sides, merge func(Sides) (merged []byte, conflict bool, err error)) (stored []byte, conflict bool, err error) {
	if policy.Reserved(name) {
		return mergeReserved(s, merge)
	}
	to, err := f.place(ctx, name)
	if err == nil {
		err = to.err
	}
	if err != nil {
		return nil, false, err
	}
	plain, err := f.sides(ctx, to, s)
	if err != nil {
		return nil, false, err
	}
	merged, conflict, err := merge(plain)
	if err != nil {
		return nil, false, err
	}
	for _, side := range []struct{ stored, plain []byte }{{s.Ours, plain.Ours}, {s.Theirs, plain.Theirs}} {
		if envelope.IsSealed(side.stored) && bytes.Equal(merged, side.plain) {
			return side.stored, conflict, nil
		}
	}
	sealed, err := f.seal(ctx, to, bytes.NewReader(merged))
	if err != nil {
		return nil, false, err
	}
	defer sealed.Close()
	if stored, err = io.ReadAll(sealed); err != nil {
		return nil, false, err
	}
	return stored, conflict, nil
}

// mergeReserved merges a file that is never sealed.
func mergeReserved(s Sides, merge func(Sides) ([]byte, bool, error)) ([]byte, bool, error) {
	for _, side := range [][]byte{s.Base, s.Ours, s.Theirs} {
		if envelope.IsSealed(side) {
			return nil, false, refuse(nil, "restore its plaintext", "one side is sealed, and this file never may be")
		}
	}
	return merge(s)
}

// sides opens what is sealed.
func (f *Filter) sides(ctx context.Context, to place, s Sides) (plain Sides, err error) {
	for _, side := range []struct {
		stored []byte
		plain  *[]byte
	}{{s.Base, &plain.Base}, {s.Ours, &plain.Ours}, {s.Theirs, &plain.Theirs}} {
		if *side.plain, err = f.side(ctx, to, side.stored); err != nil {
			return Sides{}, err
		}
	}
	return plain, nil
}

func (f *Filter) side(ctx context.Context, to place, stored []byte) ([]byte, error) {
	if !envelope.IsSealed(stored) {
		return stored, nil
	}
	g, err := f.open(ctx, stored, "")
	if err != nil {
		return nil, err
	}
	if !to.takes(g.Ring) {
		return nil, refuse(nil, "take one side with 'git checkout --ours PATH' or '--theirs PATH', then 'git add PATH'",
			"one side is sealed for ring %q, but the path belongs to ring %q", g.Ring, to.ring)
	}
	r := &opened{Reader: envelope.NewReader(bytes.NewReader(stored), f.key(g))}
	b, err := io.ReadAll(io.LimitReader(r, maxMerge+1))
	if err == nil && len(b) > maxMerge {
		err = fmt.Errorf("a side is larger than %d MiB", maxMerge>>20)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}
