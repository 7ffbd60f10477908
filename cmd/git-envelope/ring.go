package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/policy"
)

func (a *app) newRing() *cobra.Command {
	return family("ring", "Rings: who may read which files",
		"A ring is an audience: the recipients any one of whom can open its files.",
		a.newRingList(), a.newRingAdd(), a.newRingRemove(), a.newRingRename())
}

func (a *app) newRingAdd() *cobra.Command {
	var o recipientOptions
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a ring and its first data key",
		Long: `Adds a ring to the policy, makes its first data key and wraps it to the
recipients named; with none named, to your own age identity. Each recipient is
tried before anything is written. Policy and key files are staged.` + exitCodesHelp,
		Example: `  git envelope ring add prod --age age1... \
      --aws-kms arn:aws:kms:eu-west-1:111122223333:alias/prod`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.ringAdd(cmd.Context(), args[0], o) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) ringAdd(ctx context.Context, name string, o recipientOptions) error {
	if err := checkRingName(name); err != nil {
		return err
	}
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, ok := p.Ring(name); ok {
		return usage(fmt.Errorf("ring %q is there already", name), "git envelope recipient add --ring "+name+named(o.list))
	}
	text, p, err := c.withRing(ctx, p, name, o)
	if err != nil {
		return err
	}
	if err := c.writeRing(ctx, p, name, text); err != nil {
		return err
	}
	a.printf("staged %s, %s and %s\n", policyPath, keysDir, attrsPath)
	a.printf("next: git envelope seal --ring %s 'PATTERN', then commit\n", name)
	return nil
}

func checkRingName(name string) error {
	if !policy.ValidRingName(name) {
		return usage(fmt.Errorf("%q cannot be the name of a ring", name), "use lower-case letters, digits, '-' and '_'")
	}
	return nil
}

// chooseRing is the ring a command is about: the one named, else the policy's
// default or only one.
func chooseRing(p *policy.Policy, name string) (string, error) {
	if name == "" {
		fallback, ok := p.Fallback()
		if !ok {
			return "", usage(errors.New("the policy has several rings and none is the default"), "say which with --ring: "+strings.Join(ringNames(p), ", "))
		}
		return fallback, nil
	}
	if _, ok := p.Ring(name); !ok {
		return "", usage(fmt.Errorf("the policy has no ring %q", name), "the rings are: "+strings.Join(ringNames(p), ", "))
	}
	return name, nil
}

func (a *app) newRingList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rings with their recipients and generations",
		Long: `Lists every ring of the policy. Opens nothing, so it needs no key; 'status' and
'doctor --keys' tell what opens.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.ringList(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for machines")
	return cmd
}

// ringEntry is a ring of 'ring list --json'. Fields are only ever added.
type ringEntry struct {
	Name        string           `json:"name"`
	Recipients  []recipientEntry `json:"recipients"`
	Generations int              `json:"generations"`
	KeyID       string           `json:"key_id,omitempty"` // of the current generation
	Created     *time.Time       `json:"created,omitempty"`
}

// ringEntries describes the named rings, or all.
func (c *clone) ringEntries(ctx context.Context, p *policy.Policy, only string) ([]ringEntry, error) {
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	entries := []ringEntry{}
	for _, ring := range p.Rings {
		if only != "" && ring.Name != only {
			continue
		}
		generations, err := everyGeneration(ctx, kr, ring)
		if err != nil {
			return nil, err
		}
		e := ringEntry{Name: ring.Name, Recipients: recipientEntries(ring, generations), Generations: len(generations)}
		if len(generations) > 0 && !generations[0].Created.IsZero() {
			e.KeyID, e.Created = generations[0].ID.String(), &generations[0].Created
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (a *app) printRingsJSON(entries []ringEntry) error {
	return a.printJSON(struct {
		Version int         `json:"version"`
		Rings   []ringEntry `json:"rings"`
	}{1, entries})
}

func (a *app) ringList(ctx context.Context, asJSON bool) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	entries, err := c.ringEntries(ctx, p, "")
	if err != nil {
		return err
	}
	if asJSON {
		return a.printRingsJSON(entries)
	}
	t := tabwriter.NewWriter(a.out, 0, 8, 2, ' ', 0)
	for _, e := range entries {
		current := "no data key"
		if e.Created != nil {
			current = "current " + e.KeyID[:8] + " of " + e.Created.Format(time.DateOnly)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.Name, plural(len(e.Recipients), "recipient"), plural(e.Generations, "generation"), current)
	}
	return t.Flush()
}
