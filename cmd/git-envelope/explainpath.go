package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/policy"
)

func (a *app) newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain PATH",
		Short: "Say why a path is sealed or not",
		Long: `Says which rule and pattern decide about PATH, what Git's attributes say of it,
how the index has it and what the work tree has. PATH need not exist.` + exitCodesHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.explainPath(cmd.Context(), args[0]) },
	}
}

func (a *app) explainPath(ctx context.Context, name string) error {
	c, p, err := a.openPolicy(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	path, err := c.relative(name)
	if err != nil {
		return err
	}
	attrs, err := c.attrs.Get(ctx, path)
	if err != nil {
		return err
	}
	a.printf("path:       %s\n", show(path))
	a.printf("policy:     %s\n", harmless(p.Explain(path).String()))
	a.printf("attributes: %s\n", harmless(attributeLine(attrs)))
	given := attrs["filter"] == "envelope"
	_, byRule := p.RingOf(path)
	switch ring, err := filter.Choose(p, path, attrs["envelope-ring"]); {
	case policy.Reserved(path):
		a.printf("so:         it is never sealed: Git and git-envelope must be able to read it\n")
	case given && err != nil:
		a.printf("so:         Git gives it to git-envelope, which refuses: %v\n", err)
	case given:
		a.printf("so:         'git add' seals it for ring %s\n", ring)
	case byRule:
		a.printf("so:         'git add' stores it in plain, against the policy: run 'git envelope sync', and look for a line\n"+
			"            that outranks the block in nested %s files or .git/info/attributes\n", attrsPath)
	default:
		a.printf("so:         'git add' stores it in plain\n")
	}
	return c.explainState(ctx, path)
}

func attributeLine(attrs map[string]string) string {
	var parts []string
	for _, name := range []string{"filter", "text", "eol", "ident", "working-tree-encoding", "envelope-ring"} {
		if v := attrs[name]; v != "" && v != "unspecified" {
			parts = append(parts, name+": "+v)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (c *clone) explainState(ctx context.Context, path string) error {
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return err
	}
	state := "not there"
	if e, ok := index[path]; ok {
		s, err := c.head(ctx, e.OID)
		if err != nil {
			return err
		}
		switch {
		case s.magic && s.err == nil:
			state = fmt.Sprintf("sealed under key %s, %d bytes", s.id.Short(), s.size)
		case s.magic:
			state = "damaged: " + s.err.Error()
		default:
			state = fmt.Sprintf("plain, %d bytes", s.size)
		}
	}
	c.printf("index:      %s\n", state)
	c.printf("work tree:  %s\n", c.treeState(path))
	return nil
}
