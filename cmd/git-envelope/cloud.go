//go:build !nocloud

package main

import (
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
)

// cloudProviders are those that the build tag nocloud leaves out.
func (c *clone) cloudProviders(config *gitrepo.Config) []keys.Provider {
	profile, _ := config.Get("envelope.awsProfile")
	return []keys.Provider{
		awskms.New(awskms.Options{Profile: profile}),
		azurekv.New(azurekv.Options{
			AllowHosts:    config.AllOwn("envelope.azureHost"),
			AuthorityHost: c.env.azureAuthority,
			PublicKeys:    publicKeys{c},
			Now:           c.now,
		}),
	}
}
