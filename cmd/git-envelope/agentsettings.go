package main

import (
	"fmt"
	"os"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
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

// agentSettings reads GIT_ENVELOPE_AGENT, else envelope.agent, and the times.
func (c *clone) agentSettings(config *gitrepo.Config) (agentSettings, error) {
	var s agentSettings
	var err error
	if s.ttl, err = durationOf(config, "envelope.agentTTL", defaultAgentTTL, time.Second, 24*time.Hour); err != nil {
		return s, err
	}
	if s.idle, err = durationOf(config, "envelope.agentIdle", defaultAgentIdle, time.Second, 24*time.Hour); err != nil {
		return s, err
	}
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
		return s, withHint(fmt.Errorf("%w: %s is %q", errConfiguration, origin, value), "it is 'auto', 'off', or not set")
	}
	return s, nil
}

// mayStart tells whether a key that a command happens to open goes to an agent,
// which is started for it.
func (s agentSettings) mayStart(ci, interactive bool) bool {
	return s.mode == agentOn || s.mode == agentAuto && interactive && !ci
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

// durationOf reads a duration such as 90s or 8h from the configuration.
func durationOf(config *gitrepo.Config, key string, otherwise, least, most time.Duration) (time.Duration, error) {
	value, ok := config.Get(key)
	if !ok {
		return otherwise, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		return 0, withHint(fmt.Errorf("%w: %s is %q", errConfiguration, key, value), "it is a duration from %v to %v, such as 90s or 8h", least, most)
	}
	return d, nil
}
