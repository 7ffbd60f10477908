package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
)

// newProviders is, with cloudProviders, the one place that names the key providers
// of this build. Making them costs nothing: each reads and asks when it is used.
// A command has one set of them, and so one login at each cloud.
func (c *clone) newProviders(ctx context.Context) (*keys.Registry, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	all := []keys.Provider{agekey.New(agekey.Options{
		Identities:   func() ([]agekey.IdentityFile, error) { return c.identityFiles(config), nil },
		AllowPlugins: config.All("envelope.agePlugin"),
		Warn:         func(msg string) { c.warningf("%s", msg) },
	})}
	if !c.offline {
		all = append(all, c.cloudProviders(config)...)
	}
	return keys.NewRegistry(all...), nil
}

// identityPlaces are the places where the user's identity files may be named.
func (c *clone) identityPlaces(config *gitrepo.Config) agekey.Places {
	return agekey.Places{Environment: c.env.identity, Config: config.All("envelope.identity"), ConfigDir: c.env.configHome, Home: c.env.home}
}

// identityFiles lists the identity files in force.
func (c *clone) identityFiles(config *gitrepo.Config) []agekey.IdentityFile {
	return agekey.Lookup(c.identityPlaces(config))
}

// publicKeys keeps public keys of Azure below .git/envelope: nothing secret, but
// whoever could write there could have data keys wrapped for himself.
type publicKeys struct{ c *clone }

func (p publicKeys) file(name string) string { return p.c.state("azure", name+".json") }

// Load implements azurekv.KeyStore.
func (p publicKeys) Load(name string) ([]byte, error) {
	f, err := os.Open(p.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSmall(f, p.file(name))
}

// Store implements azurekv.KeyStore.
func (p publicKeys) Store(name string, data []byte) error { return writeFile(p.file(name), data) }

func (c *clone) newKeyring(ctx context.Context) (*keyring.Keyring, error) {
	// A policy that cannot be read does not keep sealed files shut: whoever seals
	// or judges by it reads it, and fails, for itself.
	p, _ := c.policies.CheckIn(ctx)
	if p == nil {
		p, _ = c.policies.CheckOut(ctx, "HEAD")
	}
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	registry, err := c.providers()
	if err != nil {
		return nil, err
	}
	agent, err := c.keyAgent()
	if err != nil {
		return nil, err
	}
	sources := newKeySources(c)
	cfg := keyring.Config{
		Providers: registry,
		Sources:   sources.all(),
		Current:   sources,
		Cache:     agent,
		Prefer:    config.All("envelope.prefer"),
		Remember:  c.rememberKey,
		Warn:      func(msg string) { c.warningf("%s", msg) },
		Now:       c.now,
		Locked: func(ring string) bool {
			state, err := c.locked()
			return err != nil || state.has(p, ring)
		},
	}
	if cfg.Deadline, err = keyTimeout(config); err != nil {
		c.warningf("not used: %v", err)
	}
	if p != nil {
		cfg.Repository = p.Repository
		cfg.Recipients = func(ring string) []keys.Recipient { return recipientsOf(p, p.Today(ring)) }
	}
	return keyring.New(cfg), nil
}
