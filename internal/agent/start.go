package agent

import "time"

// DefaultStartTimeout is how long Start waits for an agent to answer.
const DefaultStartTimeout = 3 * time.Second

// StartOptions say how to start an agent. The arguments must make Program call
// Serve for Dir with Detach as Ready, since it sees no environment variable.
type StartOptions struct {
	Program string // absolute path
	Args    []string
	Dir     string        // where its socket will be
	Timeout time.Duration // DefaultStartTimeout if 0
}
