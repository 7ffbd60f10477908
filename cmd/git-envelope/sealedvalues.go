package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"

	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/exact"
	"github.com/git-envelope/git-envelope/policy"
)

// How much of what is sealed is looked for elsewhere.
const (
	maxSealedFile = 4 << 20  // bytes of one file; values beyond are not known
	maxSealedAll  = 64 << 20 // bytes of all files
)

var _ scan.Exact = (*exact.Matcher)(nil)

// sealedValues opens what is sealed in a state as far as keys are at hand, and
// makes a matcher of the values in it: nil if there are none. They stay in
// memory. key names the files that were opened.
func (j *judgement) sealedValues(ctx context.Context, rev string, p *policy.Policy) (m *exact.Matcher, key string, err error) {
	paths := map[string][]string{} // by blob
	var oids []string
	note := func(path, oid string) {
		if _, covered := p.RingOf(path); !covered {
			return
		}
		if paths[oid] == nil {
			oids = append(oids, oid)
		}
		paths[oid] = append(paths[oid], path)
	}
	if err := j.eachFile(ctx, rev, note); err != nil || len(oids) == 0 {
		return nil, "", err
	}
	var values []exact.Value
	opened, left := sha256.New(), int64(maxSealedAll)
	for o, err := range j.objects(ctx, oids) {
		if err != nil {
			continue // verdict 1 says so
		}
		text, err := j.openSealed(ctx, o, min(left, maxSealedFile))
		if err != nil {
			return nil, "", err
		}
		if text == nil {
			continue
		}
		left -= int64(len(text))
		_, _ = io.WriteString(opened, o.OID)
		for _, path := range paths[o.OID] {
			values = append(values, exact.Extract(path, text)...)
		}
		clear(text)
	}
	if len(values) == 0 {
		return nil, "", nil
	}
	if m = exact.New(values); m.Len() == 0 {
		return nil, "", nil
	}
	return m, hex.EncodeToString(opened.Sum(nil)), nil
}

// objects streams objects by the git that runs already, or many of them by one that
// does nothing else.
func (j *judgement) objects(ctx context.Context, oids []string) iter.Seq2[gitrepo.StoredObject, error] {
	if len(oids) <= maxSeveral {
		return j.blobs.Several(ctx, oids)
	}
	return j.repo.ObjectsOf(ctx, oids)
}

// maxSeveral is where what a new git costs is less than what it saves: a write for
// each object.
const maxSeveral = 200

// eachFile names the regular files of a tree, or of the index.
func (j *judgement) eachFile(ctx context.Context, rev string, f func(path, oid string)) error {
	if rev == "" {
		entries, err := j.repo.IndexEntries(ctx)
		for path, e := range entries {
			f(path, e.OID)
		}
		return err
	}
	for e, err := range j.repo.TreeIter(ctx, rev) {
		if err != nil {
			return err
		}
		f(e.Path, e.OID)
	}
	return nil
}

// openSealed is the plaintext of a sealed blob, nil if it is none, is damaged or
// no key is at hand.
func (j *judgement) openSealed(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	if limit <= 0 {
		return nil, nil
	}
	sealed, err := io.ReadAll(io.LimitReader(r, 2*limit))
	if err != nil || !envelope.IsSealed(sealed) {
		return nil, nil
	}
	h, err := envelope.ParseHeader(sealed[:min(len(sealed), envelope.HeaderSize)])
	if err != nil {
		return nil, nil
	}
	key, err := j.keyIfAny(ctx, h.KeyID)
	if key == nil || err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(envelope.NewReader(bytes.NewReader(sealed), key), limit))
	if errors.Is(err, envelope.ErrDamaged) {
		return nil, nil
	}
	return text, err
}
