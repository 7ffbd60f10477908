package audit

import (
	"cmp"
	"slices"
)

// How much of a file is exposed to somebody who holds certain keys.
const (
	// ExposedNow: they can open it as it is. Reseal it, and replace what it holds.
	ExposedNow = "open"
	// ExposedSame: sealed anew, but as long as what they could read, so in all
	// likelihood the same text. Replace what it holds.
	ExposedSame = "same"
	// ExposedChanged: they could read an earlier version; it has changed since.
	// Whether every secret in it has, only its readers know.
	ExposedChanged = "changed"
)

// Exposure is a present file that somebody could read.
type Exposure struct {
	Path  string `json:"path"`
	Ring  string `json:"ring,omitempty"`
	KeyID string `json:"key_id"` // under which it is sealed now
	State string `json:"state"`  // open, same, changed
}

// Exposed lists the files whose text somebody could read who held the given
// generations (by key id), and may have kept them: what has to be resealed,
// and which secrets have to be replaced at their source. past are the sealed
// files that history has; without it only those are found that are sealed under
// a held generation now. The worst come first.
func Exposed(files, past []File, held map[string]bool) []Exposure {
	sizes := map[string][]int64{} // of versions they could read, by path
	for _, f := range past {
		if f.Stored == Sealed && held[f.KeyID] {
			sizes[f.Path] = append(sizes[f.Path], f.Size)
		}
	}
	out := []Exposure{}
	for _, f := range files {
		if f.Stored != Sealed {
			continue
		}
		e := Exposure{Path: f.Path, Ring: f.Ring, KeyID: f.KeyID}
		switch read := sizes[f.Path]; {
		case held[f.KeyID]:
			e.State = ExposedNow
		case slices.Contains(read, f.Size):
			e.State = ExposedSame
		case len(read) > 0:
			e.State = ExposedChanged
		default:
			continue
		}
		out = append(out, e)
	}
	rank := []string{ExposedNow, ExposedSame, ExposedChanged}
	slices.SortStableFunc(out, func(a, b Exposure) int {
		return cmp.Compare(slices.Index(rank, a.State), slices.Index(rank, b.State))
	})
	return out
}
