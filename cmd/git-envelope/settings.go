package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-envelope/git-envelope/internal/agent"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
)

// Defaults of how long an agent keeps a key that nobody granted explicitly.
const (
	defaultAgentTTL  = 8 * time.Hour
	defaultAgentIdle = time.Hour
)

// agentMode is how this process uses the user's key agent.
type agentMode int

const (
	agentAsk  agentMode = iota // ask one that runs
	agentAuto                  // start one in an interactive session, and give it what is opened
	agentOff                   // never
	agentOn                    // as auto, whatever the session: the environment asked for it
)

// agentSettings are what the user's configuration says about the agent.
type agentSettings struct {
	mode      agentMode
	ttl, idle time.Duration
}

// agentSettings reads GIT_ENVELOPE_AGENT, else envelope.agent, and the times. A
// value that means nothing is an error, and counts as not set.
func (c *clone) agentSettings(config *gitrepo.Config) (s agentSettings, err error) {
	ttl, idle, mode := error(nil), error(nil), error(nil)
	s.ttl, ttl = durationOf(config, "envelope.agentTTL", defaultAgentTTL, time.Second, agent.DefaultMaxTTL)
	s.idle, idle = durationOf(config, "envelope.agentIdle", defaultAgentIdle, time.Second, agent.DefaultMaxTTL)
	value, _ := config.Get("envelope.agent")
	origin := "envelope.agent"
	if c.env.agent != "" {
		value, origin = c.env.agent, "GIT_ENVELOPE_AGENT"
	}
	switch {
	case value == "":
	case value == "off":
		s.mode = agentOff
	case value == "auto" && c.env.agent != "":
		s.mode = agentOn
	case value == "auto":
		s.mode = agentAuto
	default:
		mode = fmt.Errorf("%s is %q: it is 'auto', 'off', or not set", origin, value)
	}
	return s, errors.Join(mode, ttl, idle)
}

// mayStart tells whether a key that a command happens to open goes to an agent,
// which is started for it.
func (s agentSettings) mayStart(ci bool, interactive func() bool) bool {
	return s.mode == agentOn || s.mode == agentAuto && !ci && interactive()
}

// interactive tells whether somebody sits in front: Git gives a filter pipes,
// but the terminal stays the one of the session.
func interactive() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	_ = tty.Close()
	return true
}

// durationOf reads a duration such as 90s or 8h from the configuration. One that
// means nothing is an error, and counts as not set.
func durationOf(config *gitrepo.Config, key string, otherwise, least, most time.Duration) (time.Duration, error) {
	value, ok := config.Get(key)
	if !ok {
		return otherwise, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		return otherwise, fmt.Errorf("%s is %q: it is a time of %s to %s", key, value, brief(least), brief(most))
	}
	return d, nil
}

// keyTimeout is how long one recipient may take.
func keyTimeout(config *gitrepo.Config) (time.Duration, error) {
	return durationOf(config, "envelope.keyTimeout", keyring.DefaultDeadline, 100*time.Millisecond, 2*time.Minute)
}

// checkSettings finds settings of ours that have no effect. None of them stops a
// command: whoever mistypes one must still be able to use Git.
func checkSettings(ctx context.Context, c *clone) ([]diagnosis, error) {
	config, err := c.repo.Config(ctx)
	if err != nil {
		return nil, err
	}
	var out []diagnosis
	_, agentErr := c.agentSettings(config)
	_, timeoutErr := keyTimeout(config)
	if err := errors.Join(agentErr, timeoutErr); err != nil {
		for line := range strings.Lines(err.Error()) {
			out = append(out, bad("settings", "correct it with 'git config'", "%s", strings.TrimSpace(line)))
		}
	}
	for _, kind := range config.All("envelope.prefer") {
		if recipientForms[kind] == "" {
			out = append(out, bad("settings", "it is one of: aws-kms, azure-key, age", "envelope.prefer is %q", kind))
		}
	}
	own := config.AllOwn("envelope.azureHost")
	for _, host := range config.All("envelope.azureHost") {
		switch {
		case strings.ContainsAny(host, "/ "):
			out = append(out, bad("settings", "name the host alone, with a port if it has one: vault.example.internal:8443", "envelope.azureHost is %q", host))
		case !slices.Contains(own, host):
			out = append(out, bad("settings", "git config --global --add envelope.azureHost "+shellQuote(host), "envelope.azureHost of a clone does not count: %q", host))
		}
	}
	return out, nil
}
