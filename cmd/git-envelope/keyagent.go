package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/git-envelope/git-envelope/internal/agent"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// keyAgent is the user's key agent as one process uses it: a cache of opened
// keys for the keyring, which verifies what it gives. What goes wrong with it is
// told once, and costs no more than the time that its client waits.
type keyAgent struct {
	app      *app
	client   *agent.Client
	settings agentSettings
	start    bool // an opened key may start an agent
	locked   func(ring string) bool
	warn     sync.Once
	mu       sync.Mutex // guards start, and starts one agent at a time
}

var _ keyring.Cache = (*keyAgent)(nil)

// newKeyAgent is the user's key agent for this clone.
func (c *clone) newKeyAgent(ctx context.Context) (*keyAgent, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.agentSettings(config)
	if err != nil {
		c.warningf("not used: %v", err)
	}
	k := c.userAgent()
	k.settings = s
	k.locked = func(ring string) bool {
		state, err := c.readLocked() // not as this process has known it
		p, _ := c.policies.CheckIn(ctx)
		return err != nil || state.has(p, ring)
	}
	k.start = s.mayStart(c.env.ci != "", interactive)
	return k, nil
}

// userAgent is the user's key agent without a repository's settings, to ask and to
// empty: it takes no key.
func (a *app) userAgent() *keyAgent {
	tmp := os.TempDir()
	if !filepath.IsAbs(tmp) {
		tmp = "/tmp" // the agent runs in another folder
	}
	runtime := a.env.runtimeDir
	if info, err := os.Stat(runtime); err != nil || !info.IsDir() {
		runtime = "" // as after su, which leaves the variable of another session
	}
	dir := agent.Dir(runtime, tmp, os.Getuid())
	return &keyAgent{app: a, client: &agent.Client{Dir: dir}, locked: func(string) bool { return true }}
}

// Get implements keyring.Cache.
func (k *keyAgent) Get(ctx context.Context, c keys.Context) (*keys.DataKey, time.Time) {
	if k.settings.mode == agentOff {
		return nil, time.Time{}
	}
	key, life, err := k.client.Get(ctx, c)
	k.tell(err)
	return key, ends(life)
}

// ends is when the agent forgets a key that nobody asks for again.
func ends(l agent.Lifetime) time.Time {
	if !l.Idle.IsZero() && l.Idle.Before(l.Expires) {
		return l.Idle
	}
	return l.Expires
}

// Put implements keyring.Cache. A key that was opened on the way goes to the
// agent if the user's configuration says so, or if a person has granted it other
// keys of the ring, and then for no longer than those. A lock that came meanwhile
// holds: whichever of the two is later takes the key out again.
func (k *keyAgent) Put(ctx context.Context, c keys.Context, key *keys.DataKey) {
	if k.settings.mode == agentOff || k.locked(c.Ring) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	ttl := agent.TTL{Max: k.settings.ttl, Idle: k.settings.idle}
	if k.start {
		if err := k.run(ctx); err != nil {
			k.start = false // once is enough to wait
			k.tell(err)
			return
		}
	} else if ttl = k.granted(ctx, c); ttl.Max <= 0 {
		return
	}
	k.tell(k.client.Put(ctx, c, key, ttl))
	if k.locked(c.Ring) {
		k.tell(k.forget(ctx, c.Repository, c.Ring))
	}
}

// granted is how long the agent will have the keys of the same ring that it has
// longest. Of a limit on idleness only what is left is known.
func (k *keyAgent) granted(ctx context.Context, c keys.Context) (ttl agent.TTL) {
	status, err := k.client.Status(ctx)
	if err != nil {
		k.tell(err)
		return ttl
	}
	now := k.app.now()
	for _, e := range status.Entries {
		left := e.Expires.Sub(now)
		if e.Context.Repository != c.Repository || e.Context.Ring != c.Ring || left <= ttl.Max {
			continue
		}
		ttl = agent.TTL{Max: left}
		if !e.Idle.IsZero() {
			ttl.Idle = max(e.Idle.Sub(now), time.Second)
		}
	}
	return ttl
}

// run starts an agent unless there is one. It is this very program. One that
// hangs was waited for already, which our client knows and Start does not.
func (k *keyAgent) run(ctx context.Context) error {
	if _, err := k.client.Status(ctx); !errors.Is(err, agent.ErrNotRunning) {
		return err
	}
	exe, err := k.app.exe()
	if err != nil {
		return fmt.Errorf("find out where this program is: %w", err)
	}
	return agent.Start(ctx, agent.StartOptions{Program: exe, Args: []string{"agent", "--serve", k.client.Dir}, Dir: k.client.Dir})
}

// tell warns of an agent that does not do its work, once.
func (k *keyAgent) tell(err error) {
	if err == nil || isAny(err, agent.ErrNotRunning, agent.ErrUnsupported, context.Canceled) {
		return
	}
	k.warn.Do(func() { k.app.warningf("the key agent is not used: %v", err) })
}

// keep grants the agent every generation of the rings that can be opened, anew
// for the whole time, and tells how many that were.
func (k *keyAgent) keep(ctx context.Context, kr *keyring.Keyring, repository string, rings []string, ttl agent.TTL) (n int, err error) {
	if err := k.run(ctx); err != nil {
		return 0, fmt.Errorf("start the key agent: %w", err)
	}
	for _, ring := range rings {
		generations, err := kr.Generations(ctx, ring)
		if err != nil {
			return n, err
		}
		for _, g := range generations {
			gen, err := kr.Open(ctx, g.ID, "")
			if err != nil {
				k.app.warningf("not given to the agent: %v", err)
				continue
			}
			if err := k.client.Put(ctx, keys.Context{Repository: repository, Ring: ring, ID: g.ID}, gen.Key, ttl); err != nil {
				return n, fmt.Errorf("give a key to the agent: %w", err)
			}
			n++
		}
	}
	return n, nil
}

// forget makes the agent wipe the keys of rings; with none named, all of the
// repository. That it is not running is as good.
func (k *keyAgent) forget(ctx context.Context, repository string, rings ...string) error {
	scopes := []agent.Scope{{Repository: repository}}
	if len(rings) > 0 {
		scopes = nil
		for _, ring := range rings {
			scopes = append(scopes, agent.Scope{Repository: repository, Ring: ring})
		}
	}
	for _, s := range scopes {
		_, err := k.client.Wipe(ctx, s)
		if isAny(err, agent.ErrNotRunning, agent.ErrUnsupported) {
			return nil
		}
		if err != nil {
			return withHint(fmt.Errorf("the key agent may still hold keys: %w", err), "git envelope agent --stop")
		}
	}
	return nil
}

// checkAgent tells what the agent does, if one runs.
func checkAgent(ctx context.Context, c *clone) ([]diagnosis, error) {
	k, err := c.keyAgent()
	if err != nil {
		return nil, err
	}
	status, err := k.client.Status(ctx)
	switch {
	case isAny(err, agent.ErrNotRunning, agent.ErrUnsupported):
		return nil, nil
	case err != nil:
		return []diagnosis{bad("agent", "git envelope agent --stop", "%v", err)}, nil
	}
	return []diagnosis{ok("agent", "process %d holds %s of yours", status.PID, plural(len(status.Entries), "key"))}, nil
}
