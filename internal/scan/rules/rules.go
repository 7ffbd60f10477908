// Package rules holds the secrets that package scan knows: one file for each
// service, or each family of formats that belong to nobody. Patterns and texts
// are our own, written from what the providers document.
package rules

import (
	"slices"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// All returns every rule. Each file's list stands here.
func All() []scan.Rule {
	return slices.Concat(
		github,
		generic,
	)
}
