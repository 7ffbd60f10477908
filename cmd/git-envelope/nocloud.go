//go:build nocloud

package main

import (
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// cloudProviders are none: a small build for those who have age recipients only,
// and what scripts/bench measures the start-up of the full one against.
func (c *clone) cloudProviders(*gitrepo.Config) []keys.Provider { return nil }
