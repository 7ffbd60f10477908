package keyring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// candidate is a well-formed wrapped-key file of this repository.
type candidate struct {
	file File
	key  *WrappedKey
}

// found is what one source has of one generation.
type found struct {
	good []candidate // all of one ring
	bad  []*keys.Error
}

func (k *Keyring) lookup(ctx context.Context, src Source, id keys.ID, treeish string) (found, error) {
	files, err := src.Lookup(ctx, id, treeish)
	if err != nil {
		return found{}, fmt.Errorf("look for key %s in %s: %w", id.Short(), src.Name(), err)
	}
	if len(files) > MaxFiles {
		return found{}, fmt.Errorf("look for key %s in %s: more than %d wrapped-key files", id.Short(), src.Name(), MaxFiles)
	}
	var f found
	for _, file := range files {
		if _, other, _, err := ParsePath(file.Path); err != nil || other != id {
			k.stray(file.Path)
			continue
		}
		w, bad := k.parse(file)
		if bad != nil {
			f.bad = append(f.bad, bad)
			continue
		}
		if len(f.good) > 0 && f.good[0].key.Ring != w.Ring {
			return found{}, twoRings(id, f.good[0].key.Ring, w.Ring)
		}
		f.good = append(f.good, candidate{file, w})
	}
	return f, nil
}

// parse reads one file and holds it against this repository.
func (k *Keyring) parse(file File) (*WrappedKey, *keys.Error) {
	w, err := ParseFile(file.Path, file.Data)
	if err == nil && k.cfg.Repository != "" && w.Repository != k.cfg.Repository {
		err = faultf(ErrRepository, "%s", w.Repository)
	}
	if err == nil {
		return w, nil
	}
	bad := &keys.Error{Kind: keys.Malformed, Message: fmt.Sprintf("%s: %v", keys.OneLine(file.Path, 300), err)}
	if errors.Is(err, ErrVersion) {
		bad.Hint = "install a newer git-envelope"
	}
	k.warn("wrapped-key file %s: %v", keys.OneLine(file.Path, 300), err)
	return nil, bad
}

// stray names a file that is below .envelope/keys, but is no wrapped-key file:
// an editor's backup, say. It is not worth stopping for.
func (k *Keyring) stray(path string) {
	k.warn("ignored: %s is not a wrapped-key file's name", keys.OneLine(path, 300))
}

// order puts the files of preferred kinds first, then those of the policy's
// recipients, in the policy's order, and then those of recipients that the
// policy no longer names, by path.
func (k *Keyring) order(ring string, files []candidate) []target {
	rank := map[string]int{}
	policy := k.cfg.Recipients(ring)
	for i, r := range policy {
		if _, dup := rank[r.ID()]; !dup {
			rank[r.ID()] = i
		}
	}
	out := make([]target, 0, len(files))
	for _, f := range files {
		t := target{candidate: f, recipient: f.key.Recipient, rank: len(policy)}
		if i, ok := rank[f.key.Recipient.ID()]; ok && policy[i].Kind == t.recipient.Kind && policy[i].URI == t.recipient.URI {
			t.recipient, t.rank = policy[i], i // with the policy's options
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b target) int {
		return cmp.Or(
			cmp.Compare(k.preference(a.recipient), k.preference(b.recipient)),
			cmp.Compare(a.rank, b.rank),
			strings.Compare(a.file.Path, b.file.Path),
		)
	})
	return out
}

// preference is the place of a recipient's kind among the preferred ones.
func (k *Keyring) preference(r keys.Recipient) int {
	if i := slices.Index(k.cfg.Prefer, r.Kind); i >= 0 {
		return i
	}
	return len(k.cfg.Prefer)
}
