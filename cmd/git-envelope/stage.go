package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type stageOptions struct {
	patch, noColor bool
	pathspec       []string
}

func (a *app) newStage() *cobra.Command {
	var o stageOptions
	cmd := &cobra.Command{
		Use:   "stage -p [PATHSPEC...]",
		Short: "Choose which changes of sealed files to stage",
		Long: `Does for sealed files what 'git add -p' does for others: shows the changes of
the plaintext hunk by hunk, asks about each, and stages the file with the chosen
ones, sealed. 'git add -p' can't: it compares what is stored, which is sealed.

It asks about tracked files that are to be sealed and differ from the index, or
those among them that a pathspec names. Answers are those of 'git add -p': y, n,
q, a, d, j, J, k, K, g, /, s and ?, each with Return. There is no e: editors
keep swap, backup and undo files, so that plaintext would come to a disk.

Plaintext is held in memory, up to 64 MiB a version, and shown on the terminal;
only ciphertext is written. The index is changed once, after the last answer: an
interrupted command has staged nothing. The work tree is not touched. Control
characters are shown as ^[, <U+009B> or <9B>, a carriage return as ^M; a line is
shown up to 4096 bytes, and staged whole.

Colours are those of 'git add -p' (color.ui, color.interactive, color.diff).
Standard input and output must be a terminal.` + exitCodesHelp,
		Example: "  git envelope stage -p\n  git envelope stage -p env/prod\n  git envelope stage -p ':(glob)**/*.yaml'",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.pathspec = args
			if !o.patch {
				return usage(errors.New("say what to choose by: there is only -p, by hunks"), "whole files are staged, and sealed, by 'git add'")
			}
			return a.stage(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVarP(&o.patch, "patch", "p", false, "choose by hunks")
	cmd.Flags().BoolVar(&o.noColor, "no-color", false, "no colours (also: NO_COLOR)")
	return cmd
}

// stage asks about each file and then stages all that was chosen at once.
func (a *app) stage(ctx context.Context, o stageOptions) error {
	if !isTerminal(a.in) || !isTerminal(a.out) {
		return usage(errors.New("'stage -p' shows plaintext and asks about it: standard input and output must be a terminal"), "to stage a whole file: git add PATH")
	}
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	s := &staging{clone: c, policy: p}
	changes, err := s.changes(ctx, o.pathspec)
	if err != nil {
		return err
	}
	colours, err := c.colours(ctx, o.noColor || a.env.noColor != "")
	if err != nil {
		return err
	}
	talk := newDialogue(ctx, a.in, a.out, colours)
	var chosen []stageFile
	for _, change := range changes {
		f, err := s.read(ctx, change)
		if err != nil {
			s.refused = append(s.refused, about(change.Path, err))
			continue
		}
		if len(f.pieces) == 0 {
			continue // only touched
		}
		s.asked++
		if f.plain {
			a.warningf("%s is in the index in plain; what you stage of it will be sealed", show(f.path))
		}
		err = talk.about(&f)
		if err != nil && err != errQuit {
			return fmt.Errorf("nothing is staged: %w", err)
		}
		if f.chosen() > 0 {
			chosen = append(chosen, f)
		}
		if err == errQuit {
			break
		}
	}
	return s.finish(ctx, chosen)
}

// isTerminal tells whether a stream is one, as opposed to a pipe, a file, or
// nothing.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// staging is one run of 'stage -p'.
type staging struct {
	*clone
	policy  *policy.Policy
	only    map[string]bool // the paths that were named; nil is all
	asked   int             // files that were asked about
	refused []error         // files that cannot be staged in parts
}

// changes lists what differs from the index among the paths that are to be
// sealed; links and submodules are not among them.
func (s *staging) changes(ctx context.Context, pathspec []string) ([]gitrepo.Change, error) {
	filtered, err := s.filtered(ctx)
	if err != nil {
		return nil, err
	}
	covered := func(path string) bool {
		_, rule := s.policy.RingOf(path)
		return !policy.Reserved(path) && (rule || filtered[path])
	}
	if s.only, err = s.named(ctx, pathspec, covered); err != nil {
		return nil, err
	}
	all, err := s.repo.Unstaged(ctx, "envelope")
	if err != nil {
		return nil, err
	}
	var out []gitrepo.Change
	for _, change := range all {
		path := change.Path
		switch {
		case !covered(path), s.only != nil && !s.only[path]:
		case !filtered[path] && change.Status != 'U':
			s.refused = append(s.refused, about(path, withHint(errors.New("the policy covers it, but Git does not give it to git-envelope"), "run 'git envelope sync'; 'git envelope explain PATH' shows which attribute outranks it")))
		default:
			out = append(out, change)
		}
	}
	return out, nil
}

// named is the set of covered paths that the pathspecs match; nil is all.
func (s *staging) named(ctx context.Context, pathspec []string, covered func(string) bool) (map[string]bool, error) {
	if len(pathspec) == 0 {
		return nil, nil
	}
	paths, err := s.repo.Matching(ctx, s.folder(), pathspec...)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, usage(err, "'stage -p' is for tracked files: a new one is added with 'git add', or first made known with 'git add -N'")
	}
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for _, p := range paths {
		if covered(p) {
			set[p] = true
		}
	}
	if len(set) == 0 {
		return nil, usage(errors.New("no file that this names is to be sealed"), "for other files: git add -p")
	}
	return set, nil
}

// folder is where in the work tree the command runs. Outside of it Git, too, goes
// by the top.
func (s *staging) folder() string {
	here, err := filepath.Abs(".")
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if err != nil {
		return "."
	}
	rel, err := filepath.Rel(s.repo.WorkTree, here)
	if err != nil || !filepath.IsLocal(rel) {
		return "."
	}
	return filepath.ToSlash(rel)
}

// finish seals what was chosen, and puts it into the index in one step.
func (s *staging) finish(ctx context.Context, chosen []stageFile) error {
	f := s.filter()
	f.Previous = s.headBlob
	defer f.Close()
	var entries []gitrepo.IndexEntry
	for _, file := range chosen {
		entry, err := s.entry(ctx, f, file)
		if err != nil {
			return fmt.Errorf("nothing is staged: %w", about(file.path, err))
		}
		entries = append(entries, entry)
	}
	if err := s.unmoved(ctx, chosen); err != nil {
		return err
	}
	if len(entries) > 0 {
		if err := s.repo.UpdateIndex(ctx, entries); err != nil {
			return err
		}
	}
	s.conclude(chosen)
	return errors.Join(s.refused...)
}

// conclude tells what was done; where there was nothing to do, why.
func (s *staging) conclude(chosen []stageFile) {
	for _, file := range chosen {
		s.printf("staged %s: %d of %s\n", show(file.path), file.chosen(), plural(len(file.pieces), "change"))
	}
	switch {
	case len(chosen) > 0:
		s.printf("next: commit\n")
	case s.asked > 0:
		s.printf("nothing staged\n")
	case len(s.refused) > 0:
	default:
		for _, path := range slices.Sorted(maps.Keys(s.only)) {
			if s.treeState(path) == treeSealed {
				s.refused = append(s.refused, about(path, errCiphertext))
				return
			}
		}
		s.printf("no changes\n")
	}
}

// errCiphertext: there is no plaintext to choose from.
var errCiphertext = withHint(fmt.Errorf("ciphertext in the work tree: %w", keys.ErrLocked), "run 'git envelope unlock'")

// unmoved refuses to overwrite what others have staged while questions were
// asked.
func (s *staging) unmoved(ctx context.Context, chosen []stageFile) error {
	if len(chosen) == 0 {
		return nil
	}
	index, err := s.repo.Index(ctx)
	if err != nil {
		return err
	}
	now := map[string]gitrepo.IndexEntry{}
	for _, e := range index {
		now[e.Path] = e
	}
	for _, f := range chosen {
		e, ok := now[f.path]
		if !ok || e.Stage != 0 || e.OID != f.entry.OID || e.IntentToAdd != f.added || e.Mode != f.entry.Mode && !f.added {
			return withHint(fmt.Errorf("nothing is staged: the index entry of %s has changed meanwhile", show(f.path)), "run it again")
		}
	}
	return nil
}

// headBlob has the filter give back the blob of HEAD where the result is what HEAD
// has, so that what was staged and is taken back leaves no change, also after a
// rotation. (A result that is what the index has does not get there.)
func (s *staging) headBlob(ctx context.Context, path string) (*filter.Blob, error) {
	o, err := s.blobs.OpenPath(ctx, "HEAD", path)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return s.blobs.Open(ctx, o.OID) }
	return &filter.Blob{Size: o.Size, Open: open}, o.Close()
}

// entry is the index entry of a file with the chosen pieces. Content goes
// through the filter like that of 'git add', and so past the same guards.
func (s *staging) entry(ctx context.Context, f *filter.Filter, file stageFile) (gitrepo.IndexEntry, error) {
	content, mode := file.result()
	e := gitrepo.IndexEntry{Path: file.path, Mode: mode, OID: file.entry.OID}
	if mode == 0 || !file.plain && !file.added && bytes.Equal(content, file.old) {
		return e, nil
	}
	sealed, err := f.Clean(ctx, file.path, bytes.NewReader(content))
	if err != nil {
		return e, err
	}
	defer sealed.Close()
	e.OID, err = s.repo.WriteBlob(ctx, sealed)
	return e, err
}
