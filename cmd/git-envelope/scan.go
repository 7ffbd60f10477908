package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/check"
)

type scanOptions struct {
	staged bool
	tree   string
	format string
}

func (a *app) newScan() *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan --staged | --tree REV",
		Short: "Prove that what the policy wants sealed is sealed",
		Long: `Judges what is staged, or every file of a revision, against the policy of the
base and the new one: plaintext or foreign ciphertext at sealed paths, damaged
blobs, forbidden files, and protection that was weakened. No key is needed; with
one, sealed files are authenticated too.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return a.scan(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.staged, "staged", false, "judge what is staged against HEAD")
	cmd.Flags().StringVar(&o.tree, "tree", "", "judge every file of `REV`")
	cmd.Flags().StringVar(&o.format, "format", "text", "text or json")
	return cmd
}

func (o scanOptions) check() error {
	if o.staged == (o.tree != "") {
		return usage(errors.New("say what to scan"), "use --staged or --tree REV")
	}
	if o.format != "text" && o.format != "json" {
		return usage(fmt.Errorf("unknown format %q", o.format), "use text or json")
	}
	return nil
}

func (a *app) scan(ctx context.Context, o scanOptions) error {
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var v *verdict
	if o.staged {
		v, err = c.judgeStaged(ctx)
	} else {
		v, err = c.judgeTree(ctx, o.tree)
	}
	if err != nil {
		return err
	}
	if o.format == "json" {
		err = a.printVerdictJSON(v)
	} else {
		a.printVerdict(v)
		a.printf("%s judged, %s\n", plural(v.Files, "file"), plural(len(v.Findings), "finding"))
	}
	return errors.Join(err, v.err())
}

// err is how a verdict ends a command.
func (v *verdict) err() error {
	switch {
	case check.Integrity(v.Findings):
		return errIntegrityFinding
	case len(v.Findings) > 0:
		return errFindings
	}
	return nil
}

func (a *app) printVerdictJSON(v *verdict) error {
	findings := v.Findings
	if findings == nil {
		findings = []check.Finding{}
	}
	return a.printJSON(struct {
		Version  int             `json:"version"`
		Files    int             `json:"files"`
		Findings []check.Finding `json:"findings"`
	}{1, v.Files, findings})
}

// printVerdict prints the findings, and the way out below those that share it.
func (a *app) printVerdict(v *verdict) {
	for i, f := range v.Findings {
		a.printf("%s: %s [%s]\n", show(f.Path), harmless(f.Message), f.Rule)
		last := i == len(v.Findings)-1 || v.Findings[i+1].Hint != f.Hint
		if f.Hint != "" && last {
			a.printf("  hint: %s\n", harmless(f.Hint))
		}
	}
}
