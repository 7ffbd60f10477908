package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Rewrap makes the wrapped keys of a ring what they should be: the same data keys
// for the recipients of today, under the keys that these name today. It returns
// the files that change (without Data: to be removed) and all standings, with what
// was done. Nothing is written; on an error there are no files at all.
//
// A wrapped key is renewed by its recipient's service where that can
// (keys.Rewrapper), so that its data key is not seen here. Otherwise, and where
// one is missing or damaged, the generation is opened, once. What is Unusable or
// Unknown is left alone, unless renew asks that every wrapped key be made anew.
//
// Files of recipients that the ring has no more are removed once every recipient
// of the generation has one.
func (k *Keyring) Rewrap(ctx context.Context, names []string, recipients []keys.Recipient, renew bool) ([]File, []Standing, error) {
	if len(recipients) == 0 {
		return nil, nil, fmt.Errorf("rewrap ring %s: it has no recipients, and would lose all its wrapped keys", strings.Join(names, ", "))
	}
	cal := &calendar{k: k, renew: renew}
	generations, err := k.review(ctx, cal, names, recipients)
	if err != nil {
		return nil, nil, err
	}
	var files []File
	var standings []Standing
	for _, r := range generations {
		made, err := (&rewrap{k: k, cal: cal, reviewed: r}).do(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("rewrap ring %s, key %s: %w", r.Ring, r.ID.Short(), err)
		}
		files = append(files, made...)
		standings = append(standings, r.standings...)
	}
	return files, standings, nil
}

// rewrap is the work on one generation.
type rewrap struct {
	k   *Keyring
	cal *calendar
	reviewed
	files   []File
	toWrap  []*Standing
	refused error // why a service did not move a wrapped key of toWrap
}

func (w *rewrap) do(ctx context.Context) ([]File, error) {
	if err := w.newer(); err != nil {
		return nil, err
	}
	for i := range w.standings {
		if err := w.decide(ctx, &w.standings[i]); err != nil {
			return nil, err
		}
	}
	if err := w.wrap(ctx); err != nil {
		return nil, err
	}
	for i := range w.standings {
		s := &w.standings[i]
		if s.State == Stale || s.State == Damaged && s.Recipient.Kind == "" {
			w.files = append(w.files, File{Path: s.Path})
			s.Done = Removed
		}
	}
	return w.files, nil
}

// newer refuses to replace files of a version that this program does not know.
func (w *rewrap) newer() error {
	for i, f := range w.malformed {
		if _, err := ParseFile(f.Path, f.Data); errors.Is(err, ErrVersion) {
			return w.Faults[i]
		}
	}
	return nil
}

// decide does what can be done without the data key, and notes what can't.
func (w *rewrap) decide(ctx context.Context, s *Standing) error {
	switch {
	case s.Recipient.Kind == "" || s.State == Stale:
		return nil
	case s.State == Damaged && s.file != nil && s.judged != Outdated && !w.cal.renew:
		w.files = append(w.files, s.file.file)
		s.Done = Restored
		return nil
	case s.file == nil:
		w.toWrap = append(w.toWrap, s)
		return nil
	case s.judged == Outdated:
	case !w.cal.renew:
		return nil
	case s.judged == Unusable, s.judged == Unknown:
		return s.Why
	}
	return w.move(ctx, s)
}

// move has the recipient's service re-encrypt a wrapped key. One that has no such
// service, or is not let, is wrapped anew.
func (w *rewrap) move(ctx context.Context, s *Standing) error {
	p, err := w.k.cfg.Providers.Provider(s.Recipient.Kind)
	if err != nil {
		return err
	}
	service, ok := p.(keys.Rewrapper)
	if !ok {
		w.toWrap = append(w.toWrap, s)
		return nil
	}
	moved, err := bounded(ctx, patience(p, s.Recipient, wrapDeadline), func(ctx context.Context) (keys.Wrapped, error) {
		return service.Rewrap(ctx, s.Recipient, s.file.key.Context(), s.file.key.Wrapped)
	})
	switch keys.KindOf(err) {
	case keys.Denied, keys.Disabled, keys.NotFound: // as to the key that wrapped so far, perhaps
		w.refused = named(s.Recipient, err)
		w.toWrap = append(w.toWrap, s)
		return nil
	}
	if err != nil {
		return named(s.Recipient, err)
	}
	file, err := s.file.key.with(moved)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Recipient.Display(), err)
	}
	w.files = append(w.files, file)
	s.Done, s.Newest = Moved, moved.Key
	return nil
}

// with is the same file around another wrapped form of the same data key. It
// authenticates as it did before, when that key is next opened.
func (w *WrappedKey) with(wrapped keys.Wrapped) (File, error) {
	again := *w
	again.Wrapped = wrapped
	return again.encode()
}

// encode writes a file, and reads it back: what we write, we accept.
func (w *WrappedKey) encode() (File, error) {
	if err := w.check(); err != nil {
		return File{}, err
	}
	file := File{Path: w.Path(), Data: w.Marshal()}
	_, err := ParseFile(file.Path, file.Data)
	return file, err
}

// wrap opens the generation, if it must, and wraps it for those who have nothing
// better. With the key at hand, all files that were made are held against it.
func (w *rewrap) wrap(ctx context.Context) error {
	if len(w.toWrap) == 0 {
		return nil
	}
	gen, err := w.open(ctx)
	if err == nil {
		err = w.agree(gen)
	}
	if err != nil && w.refused != nil {
		return fmt.Errorf("%w; and it cannot be opened to wrap it anew: %w", w.refused, err)
	}
	if err != nil {
		return err
	}
	var recipients []keys.Recipient
	for _, s := range w.toWrap {
		w.cal.ask(ctx, s.Recipient) // so that Wrap does not go by what it remembers
		recipients = append(recipients, s.Recipient)
	}
	c := keys.Context{Repository: w.k.cfg.Repository, Ring: w.Ring, ID: w.ID}
	made, err := Wrap(ctx, w.k.cfg.Providers, c, gen.Created, recipients, gen.Key)
	if err != nil {
		return err
	}
	for i, s := range w.toWrap {
		if s.file != nil && bytes.Equal(s.file.file.Data, made[i].Data) {
			continue // some services wrap alike each time
		}
		w.files = append(w.files, made[i])
		s.Done = Wrapped
	}
	return verifyAll(w.files, gen.Key)
}

// open opens the generation: by the files that are to be rewrapped, or, as these
// may be the damaged ones, by those of any other place, such as HEAD.
func (w *rewrap) open(ctx context.Context) (*keys.Generation, error) {
	gen, err := w.k.openListed(ctx, w.Metadata)
	if err == nil || ctx.Err() != nil {
		return gen, err
	}
	if elsewhere, err := w.k.Open(ctx, w.ID, ""); err == nil && elsewhere.Ring == w.Ring {
		return &elsewhere, nil
	}
	return nil, err
}

// verifyAll holds files against their data key.
func verifyAll(files []File, key *keys.DataKey) error {
	for _, f := range files {
		w, err := ParseFile(f.Path, f.Data)
		if err == nil {
			err = w.Verify(key)
		}
		if err != nil {
			return &keys.Error{Kind: keys.Tampered, Message: f.Path + ": " + err.Error(), Hint: "git checkout HEAD -- " + f.Path}
		}
	}
	return nil
}
