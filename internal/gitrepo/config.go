package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Scope is where a configuration value comes from.
type Scope string

// Git's scopes, from the weakest to the strongest.
const (
	System      Scope = "system"
	Global      Scope = "global"
	Local       Scope = "local"
	PerWorktree Scope = "worktree"
	Command     Scope = "command" // git -c and GIT_CONFIG_* variables
)

// Value is one value of the configuration.
type Value struct {
	Key   string // canonical: section and name in lower case
	Value string
	Bare  bool // written without "=", which means true to a boolean and is "" otherwise
	Scope Scope
}

// Config is the configuration as one "git config --list" gave it. Reading it is
// safe for concurrent use, Set and its companions are not.
type Config struct {
	git    runner
	values []Value
	inRepo bool
	forget func()
}

// Config reads the configuration that is in force, once; Set and its companions
// of the returned Config make the next call read again.
func (r *Repo) Config(ctx context.Context) (*Config, error) {
	r.mu.Lock()
	known := r.config
	r.mu.Unlock()
	if known != nil {
		return known, nil
	}
	c, err := loadConfig(ctx, r.git, true)
	if err != nil {
		return nil, err
	}
	c.forget = func() { r.mu.Lock(); r.config = nil; r.mu.Unlock() }
	r.mu.Lock()
	defer r.mu.Unlock()
	r.config = c
	return c, nil
}

// UserConfig is the configuration outside any repository: the system's, the
// user's, and the environment's.
func UserConfig(ctx context.Context) (*Config, error) { return UserConfigEnv(ctx, os.Environ()) }

// UserConfigEnv is UserConfig with an environment of the caller's.
func UserConfigEnv(ctx context.Context, env []string) (*Config, error) {
	// In no repository, whatever the current directory is: this name is never one.
	e := base(env).set("GIT_DIR", os.DevNull)
	return loadConfig(ctx, runner{read: reading(e), write: e}, false)
}

func loadConfig(ctx context.Context, git runner, inRepo bool) (*Config, error) {
	out, err := git.output(ctx, git.read, nil, []string{"config", "--list", "-z", "--show-scope"})
	if err != nil {
		return nil, err
	}
	values, err := parseConfig(out)
	if err != nil {
		return nil, err
	}
	return &Config{git: git, values: values, inRepo: inRepo}, nil
}

// parseConfig reads pairs of records: scope; then key, newline, value, the last
// two missing for a key without "=".
func parseConfig(out []byte) ([]Value, error) {
	var all []Value
	for len(out) > 0 {
		scope, rest, ok := bytes.Cut(out, []byte{0})
		item, rest, ok2 := bytes.Cut(rest, []byte{0})
		if !ok || !ok2 || len(item) == 0 {
			return nil, badRecord("config", out)
		}
		key, value, set := strings.Cut(string(item), "\n")
		all = append(all, Value{Key: key, Value: value, Bare: !set, Scope: Scope(scope)})
		out = rest
	}
	return all, nil
}

// canonicalKey lowers section and name, but not what is between them.
func canonicalKey(key string) string {
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	if first < 0 {
		return strings.ToLower(key)
	}
	return strings.ToLower(key[:first]) + key[first:last] + strings.ToLower(key[last:])
}

// Get is the value in force: the last one.
func (c *Config) Get(key string) (string, bool) { return c.GetScoped(key) }

// GetScoped is the last value among the given scopes (none: all of them).
func (c *Config) GetScoped(key string, scopes ...Scope) (string, bool) {
	v, ok := c.last(key, scopes)
	return v.Value, ok
}

// GetOwn is the last value that the user (or the machine's administrator) set
// outside the repository: the only ones that may give consent to something.
func (c *Config) GetOwn(key string) (string, bool) {
	return c.GetScoped(key, ownScopes...)
}

var ownScopes = []Scope{System, Global, Command}

// AllOwn are the values of a key that the user (or the machine's administrator)
// set outside the repository, weakest first.
func (c *Config) AllOwn(key string) []string {
	var all []string
	for _, v := range c.Values(key) {
		if slices.Contains(ownScopes, v.Scope) {
			all = append(all, v.Value)
		}
	}
	return all
}

func (c *Config) last(key string, scopes []Scope) (Value, bool) {
	key = canonicalKey(key)
	for _, v := range slices.Backward(c.values) {
		if v.Key == key && (len(scopes) == 0 || slices.Contains(scopes, v.Scope)) {
			return v, true
		}
	}
	return Value{}, false
}

// All are the values of a key, weakest first.
func (c *Config) All(key string) []string {
	var all []string
	for _, v := range c.Values(key) {
		all = append(all, v.Value)
	}
	return all
}

// Values is All with where each comes from.
func (c *Config) Values(key string) []Value {
	key = canonicalKey(key)
	var all []Value
	for _, v := range c.values {
		if v.Key == key {
			all = append(all, v)
		}
	}
	return all
}

// Section are the values below "section." or "section.subsection.", in order.
func (c *Config) Section(prefix string) []Value {
	prefix = strings.TrimSuffix(canonicalKey(prefix+".x"), "x")
	var all []Value
	for _, v := range c.values {
		if strings.HasPrefix(v.Key, prefix) {
			all = append(all, v)
		}
	}
	return all
}

// Bool is the value in force as git reads a boolean, or missing if there is none.
func (c *Config) Bool(key string, missing bool) (bool, error) {
	return c.BoolScoped(key, missing)
}

// BoolScoped is Bool among the given scopes (none: all of them).
func (c *Config) BoolScoped(key string, missing bool, scopes ...Scope) (bool, error) {
	v, ok := c.last(key, scopes)
	switch {
	case !ok:
		return missing, nil
	case v.Bare:
		return true, nil
	}
	b, ok := parseBool(v.Value)
	if !ok {
		return missing, fmt.Errorf("git config %s: %q is not a boolean", key, v.Value)
	}
	return b, nil
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	digits, unit := s, int64(1)
	if s != "" {
		switch s[len(s)-1] {
		case 'k', 'K', 'm', 'M', 'g', 'G':
			digits, unit = s[:len(s)-1], 1024
		}
	}
	n, err := strconv.ParseInt(digits, 0, 32)
	return n*unit != 0, err == nil
}

// Set makes value the only value of a key in a scope (Local, PerWorktree, Global or
// System). It writes nothing when it already is.
func (c *Config) Set(ctx context.Context, scope Scope, key, value string) error {
	var now []Value
	for _, v := range c.Values(key) {
		if v.Scope == scope {
			now = append(now, v)
		}
	}
	if len(now) == 1 && !now[0].Bare && now[0].Value == value {
		return nil
	}
	return c.change(ctx, scope, "--replace-all", key, value)
}

// Unset removes all values of a key from a scope. None there is no error.
func (c *Config) Unset(ctx context.Context, scope Scope, key string) error {
	err := c.change(ctx, scope, "--unset-all", key)
	if exitCode(err) == 5 {
		return nil
	}
	return err
}

// RemoveSection removes a section, such as "filter.envelope", from a scope. None
// there is no error.
func (c *Config) RemoveSection(ctx context.Context, scope Scope, section string) error {
	err := c.change(ctx, scope, "--remove-section", section)
	if exitCode(err) == 128 && strings.Contains(strings.ToLower(err.Error()), "no such section") {
		return nil
	}
	return err
}

// change runs git config and brings c up to date.
func (c *Config) change(ctx context.Context, scope Scope, args ...string) error {
	if scope == Command || !c.inRepo && scope != Global && scope != System {
		return fmt.Errorf("git config: nothing can be written to scope %q here", scope)
	}
	_, err := c.git.output(ctx, c.git.write, nil, append([]string{"config", "--" + string(scope)}, args...))
	if c.forget != nil {
		c.forget()
	}
	if err != nil {
		return err
	}
	fresh, err := loadConfig(ctx, c.git, c.inRepo)
	if err != nil {
		return err
	}
	c.values = fresh.values
	return nil
}
