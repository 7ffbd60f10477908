package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

type statusOptions struct{ json bool }

func (a *app) newStatus() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show rings and covered files, and what is wrong with them",
		Long: `Lists the rings and every tracked file that the policy or Git's attributes
cover: sealed or plain, for which ring, under which generation of its key, and
what the work tree has of it. Exits 1 if anything is not as the policy wants it.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON for machines")
	return cmd
}

// statusReport is the answer of 'status --json'. Fields are only ever added.
type statusReport struct {
	Version    int          `json:"version"`
	Repository string       `json:"repository"`
	Rings      []ringStatus `json:"rings"`
	Files      []fileStatus `json:"files"`
	Problems   []problem    `json:"problems"`
}

type ringStatus struct {
	Name        string             `json:"name"`
	Recipients  []string           `json:"recipients"`
	Generations []generationStatus `json:"generations"`
	// Access is "open", "locked" (by choice) or "none".
	Access string   `json:"access"`
	Reason string   `json:"reason,omitempty"`
	Hints  []string `json:"hints,omitempty"`
	// Source is what gave the key of the current generation: "agent", or the
	// recipient that opened it.
	Source string     `json:"source,omitempty"`
	TookMS float64    `json:"took_ms,omitempty"` // how long that recipient took
	Until  *time.Time `json:"until,omitempty"`   // when the agent forgets it

	// RotateEvery is the policy's, "" if it does not say. RotationDue is when that
	// is over by the current generation's claimed time.
	RotateEvery string     `json:"rotate_every,omitempty"`
	RotationDue *time.Time `json:"rotation_due,omitempty"`
	Overdue     bool       `json:"overdue,omitempty"`
	Require     []string   `json:"require,omitempty"`
	// Missing are the kinds of Require that the ring, or its current key, lacks.
	Missing []string `json:"missing,omitempty"`

	metadata []keyring.Metadata // of Generations
	err      error              // why it stays shut
}

type generationStatus struct {
	KeyID   string    `json:"key_id"`
	Created time.Time `json:"created"`
	Current bool      `json:"current"`
}

type fileStatus struct {
	Path string `json:"path"`
	Ring string `json:"ring,omitempty"`
	// Stored is what the index has: "sealed", "plain", "empty" or "damaged".
	Stored string `json:"stored"`
	KeyID  string `json:"key_id,omitempty"`
	// Current tells whether KeyID is the ring's newest generation.
	Current  bool      `json:"current"`
	WorkTree treeState `json:"work_tree"`
}

// problem is something that is not as the policy wants it.
type problem struct {
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (a *app) status(ctx context.Context, o statusOptions) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	report, err := c.statusReport(ctx, p)
	if err != nil {
		return err
	}
	if o.json {
		err = a.printJSON(report)
	} else {
		err = report.print(a.out, a.now())
	}
	if err == nil {
		err = report.verdict()
	}
	return err
}

// verdict is errFindings if anything is not as it should be.
func (r *statusReport) verdict() error {
	for _, ring := range r.Rings {
		if errors.Is(ring.err, keys.ErrTampered) {
			return errIntegrityFinding
		}
	}
	if len(r.Problems) > 0 {
		return errFindings
	}
	return nil
}

func (c *clone) statusReport(ctx context.Context, p *policy.Policy) (*statusReport, error) {
	r := &statusReport{Version: 1, Repository: p.Repository, Rings: []ringStatus{}, Files: []fileStatus{}, Problems: []problem{}}
	current := map[string]string{}
	for _, ring := range p.Rings {
		s, err := c.ringStatus(ctx, p, ring)
		if err != nil {
			return nil, err
		}
		for _, g := range s.Generations {
			if g.Current {
				current[ring.Name] = g.KeyID
			}
		}
		switch {
		case len(s.Generations) == 0:
			r.add("", "ring "+ring.Name+" has no data key", "bring its key files back, or if it never had any: git envelope init --ring "+ring.Name)
		case errors.Is(s.err, keys.ErrTampered):
			r.add("", s.Reason, firstHint(s.err))
		}
		r.Rings = append(r.Rings, s)
	}
	registry, err := c.providers()
	if err != nil {
		return nil, err
	}
	for i, ring := range p.Rings {
		r.Problems = append(r.Problems, recipientProblems(ctx, registry, ring, r.Rings[i].metadata)...)
		if err := c.addUnstaged(ctx, r, r.Rings[i].metadata); err != nil {
			return nil, err
		}
	}
	r.addUpkeep(p, c.now())
	files, err := c.covered(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := c.addFile(ctx, r, f, current); err != nil {
			return nil, err
		}
	}
	return r, c.addDrift(ctx, r, p)
}

// addUnstaged tells of wrapped keys that only the work tree has, as a command that
// was killed leaves them: what is sealed with them would be shut for everybody.
func (c *clone) addUnstaged(ctx context.Context, r *statusReport, generations []keyring.Metadata) error {
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return err
	}
	n, dir := 0, ""
	for _, m := range generations {
		for _, recipient := range m.Recipients {
			if _, staged := index[keyring.Path(m.Ring, m.ID, recipient.ID())]; !staged {
				n, dir = n+1, keyring.RingDir(m.Ring)
			}
		}
	}
	if n > 0 {
		r.add(dir, plural(n, "wrapped key")+" in the work tree, not staged", "git add "+dir)
	}
	return nil
}

func (r *statusReport) add(path, message, hint string) {
	r.Problems = append(r.Problems, problem{path, message, hint})
}

func (c *clone) ringStatus(ctx context.Context, p *policy.Policy, ring policy.Ring) (ringStatus, error) {
	s := ringStatus{Name: ring.Name, Recipients: []string{}, Generations: []generationStatus{}, Access: "open"}
	for _, r := range ring.Recipients {
		s.Recipients = append(s.Recipients, r.Kind+": "+r.URI)
	}
	kr, err := c.keyring()
	if err != nil {
		return s, err
	}
	generations, err := everyGeneration(ctx, kr, ring)
	if err != nil {
		return s, err
	}
	s.metadata = generations
	for i, g := range generations { // the current one comes first
		s.Generations = append(s.Generations, generationStatus{g.ID.String(), g.Created, i == 0})
	}
	gen, err := kr.Current(ctx, ring.Name)
	if err != nil {
		s.Access, s.Reason, s.Hints, s.err = "none", err.Error(), hints(err), err
		if state, lockErr := c.locked(); lockErr == nil && state.has(p, ring.Name) {
			s.Access = "locked"
		}
		return s, nil
	}
	if origin, ok := kr.Origin(ctx, gen.ID); ok {
		s.from(origin)
	}
	return s, nil
}

func (s *ringStatus) from(o keyring.Origin) {
	s.Source, s.TookMS = "agent", milliseconds(o.Took)
	if !o.Cached() {
		s.Source = o.Recipient.Display()
	}
	if !o.Until.IsZero() {
		s.Until = &o.Until
	}
}

// shut says in few words why a ring does not open; 'unlock' and 'doctor' say it in all.
func (s ringStatus) shut() string {
	var ring *keys.RingError
	if !errors.As(s.err, &ring) {
		return s.Reason
	}
	var kinds []string
	for _, f := range ring.Failed {
		if !slices.Contains(kinds, f.Kind.String()) {
			kinds = append(kinds, f.Kind.String())
		}
	}
	if len(kinds) == 0 {
		return ring.Cause.Error()
	}
	return ring.Cause.Error() + ": " + strings.Join(kinds, ", ")
}

// opens says in words where the key came from and how long it lasts.
func (s ringStatus) opens(now time.Time) string {
	text := "opens with " + s.Source
	if s.Source == "agent" {
		text = "opens from the agent"
	}
	if s.Until != nil {
		text += ", for another " + brief(s.Until.Sub(now))
	}
	return text
}

// addFile judges one covered file by its beginning; 'scan' judges all of it.
func (c *clone) addFile(ctx context.Context, r *statusReport, f coveredFile, current map[string]string) error {
	path := f.entry.Path
	s := fileStatus{Path: path, Ring: f.ring, WorkTree: c.treeState(path)}
	switch {
	case f.stored.size == 0:
		s.Stored = "empty"
	case f.stored.err != nil:
		s.Stored = "damaged"
		r.add(path, f.stored.err.Error(), "restore it from a commit you trust")
	case !f.stored.magic:
		s.Stored = "plain"
		r.add(path, "plaintext is in the index", "git add --renormalize -- PATH")
	default:
		s.Stored, s.KeyID = "sealed", f.stored.id.String()
		s.Current = current[f.ring] == s.KeyID
		if err := c.judgeRing(ctx, r, f); err != nil {
			return err
		}
	}
	if f.ring == "" {
		r.add(path, "Git filters it, but nothing says for which ring", "add a rule or 'default_ring:' to "+policyPath)
	}
	if !f.filter {
		r.add(path, "a rule covers it, but Git's attributes do not give it to git-envelope", "run 'git envelope sync'; 'git envelope explain PATH' shows what outranks the block")
	}
	attrs, err := c.attributes(ctx, path)
	if err != nil {
		return err
	}
	if err := attrs.Damage(); err != nil {
		r.add(path, err.Error(), firstHint(err))
	}
	r.Files = append(r.Files, s)
	return nil
}

func firstHint(err error) string {
	if h := hints(err); len(h) > 0 {
		return h[0]
	}
	return ""
}

func (c *clone) judgeRing(ctx context.Context, r *statusReport, f coveredFile) error {
	kr, err := c.keyring()
	if err != nil {
		return err
	}
	p, err := c.policies.CheckIn(ctx)
	if err != nil {
		return err
	}
	ring, err := kr.Find(ctx, f.stored.id, "")
	switch {
	case err != nil:
		r.add(f.entry.Path, "sealed under a key this repository does not know: "+f.stored.id.Short(), "add its plaintext again, or restore "+keysDir)
	case f.ring != "" && p.Today(ring) != f.ring:
		r.add(f.entry.Path, fmt.Sprintf("sealed for ring %q, but the policy says %q", ring, f.ring), "unlock, then git add --renormalize -- PATH")
	}
	return nil
}

// addDrift compares what is set up with what the policy wants.
func (c *clone) addDrift(ctx context.Context, r *statusReport, p *policy.Policy) error {
	was, want, err := c.syncedAttributes(p)
	if err != nil {
		r.add(attrsPath, err.Error(), firstHint(err))
	} else if !bytes.Equal(was, want) {
		r.add(attrsPath, "its block does not match the policy", "run 'git envelope sync'")
	}
	config, err := c.repo.Config(ctx)
	if err != nil {
		return err
	}
	if v, _ := config.Get("filter.envelope.process"); v == "" {
		r.add("", "this clone is not set up: Git would store plaintext", "run 'git envelope unlock' or 'git envelope install'")
	} else if v, _ := config.Get("filter.envelope.required"); v != "true" {
		r.add("", "filter.envelope.required is not true: Git would store plaintext when sealing fails", "run 'git envelope install'")
	}
	return nil
}

func (r *statusReport) print(w io.Writer, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, ring := range r.Rings {
		fmt.Fprintf(t, "ring %s\t%s\t%s", ring.Name, plural(len(ring.Recipients), "recipient"), plural(len(ring.Generations), "generation"))
		switch ring.Access {
		case "open":
			fmt.Fprintf(t, "\t%s", harmless(ring.opens(now)))
		case "locked":
			fmt.Fprint(t, "\tlocked in this clone")
		default:
			fmt.Fprintf(t, "\tno access: %s", harmless(ring.shut()))
		}
		fmt.Fprintln(t)
	}
	if len(r.Files) > 0 {
		fmt.Fprintln(t)
	}
	for _, f := range r.Files {
		key := ""
		if f.KeyID != "" {
			if key = f.KeyID[:8]; !f.Current {
				key += " (older)"
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", f.Stored, f.Ring, f.WorkTree, key, show(f.Path))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(r.Files) == 0 {
		fmt.Fprintln(w, "no tracked file is covered")
	}
	for _, p := range r.Problems {
		where := ""
		if p.Path != "" {
			where = show(p.Path) + ": "
		}
		fmt.Fprintf(w, "\nproblem: %s%s\n", where, harmless(p.Message))
		if p.Hint != "" {
			fmt.Fprintf(w, "   hint: %s\n", harmless(p.Hint))
		}
	}
	return nil
}
