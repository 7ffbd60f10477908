package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/rules"
)

// ruleEntry is a rule of 'rules --json'. Fields are only ever added.
type ruleEntry struct {
	ID       string   `json:"id"`
	Verdict  int      `json:"verdict"`
	Severity string   `json:"severity"`
	Title    string   `json:"title"`
	Source   string   `json:"source,omitempty"`
	Keywords []string `json:"keywords,omitempty"`
}

func (a *app) newRules() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List what a scan looks for",
		Long: `Lists the built-in rules by id: what is to be sealed (verdict 1), protection that
must not be weakened (2), kinds of secrets (3) and sealed values (4). Those of
verdict 3 can be switched off, and others added, below 'scan' in
.envelope/policy.yaml.` + exitCodesHelp,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list := ruleEntries()
			if asJSON {
				return a.printJSON(list)
			}
			for _, r := range list {
				a.printf("%d  %-8s  %-36s  %s\n", r.Verdict, r.Severity, r.ID, r.Title)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with keywords and sources")
	return cmd
}

func ruleEntries() (list []ruleEntry) {
	for _, r := range check.Rules {
		list = append(list, ruleEntry{ID: r.ID, Verdict: r.Verdict, Severity: r.Severity, Title: r.Summary})
	}
	for _, r := range rules.All() {
		list = append(list, ruleEntry{r.ID, 3, r.Severity.String(), r.Title, r.Source, r.Keywords})
	}
	x := scan.SealedValue
	list = append(list, ruleEntry{ID: x.ID, Verdict: 4, Severity: x.Severity.String(), Title: x.Title})
	slices.SortStableFunc(list, func(a, b ruleEntry) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.ID, b.ID))
	})
	return list
}
