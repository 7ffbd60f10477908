package main

import (
	"os"
	"path/filepath"
)

// environment holds every environment variable the program reads itself. (Git's
// own, such as GIT_DIR, are read in internal/gitrepo. The libraries of AWS and
// Azure read those of their credential chains: docs/keys.md.)
type environment struct {
	// GIT_ENVELOPE_IDENTITY: identity files, separated as in PATH. Replaces the
	// Git configuration envelope.identity and the default file.
	identity string
	// GIT_ENVELOPE_TRACE: unless empty or 0, each request to the filter is told on
	// standard error, without content.
	trace string
	// GIT_ENVELOPE_AGENT: how the key agent is used, "auto" or "off". Replaces the
	// Git configuration envelope.agent; "auto" then holds in CI as well.
	agent string
	// NO_COLOR: unless empty, no colours are shown.
	noColor string
	// CI: set by every common CI service; no agent is started there unasked.
	ci string
	// XDG_RUNTIME_DIR: the agent's socket lies below it; "" means TMPDIR.
	runtimeDir string
	// AZURE_AUTHORITY_HOST: where Azure logins happen. Azure's library reads it
	// itself; we look whether it is one of the public clouds.
	azureAuthority string
	// GIT_TRACE_PACKET: read only to warn, since Git then prints plaintext.
	tracePacket string
	// PRE_COMMIT_*: what the pre-commit framework says of a push.
	framework frameworkEnvironment
	// XDG_CONFIG_HOME: where the default identity file lies; "" means ~/.config.
	configHome string
	// HOME: for paths that begin with ~/. (Go's library reads TMPDIR for the
	// ciphertext spool and the agent's folder, and PATH to find git.)
	home string
}

// frameworkEnvironment is read by 'hook framework-push' alone.
type frameworkEnvironment struct {
	// PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF: the range that is pushed; both unset
	// if the remote has nothing of it.
	from, to string
	// PRE_COMMIT_LOCAL_BRANCH: the reference that is pushed.
	branch string
	// PRE_COMMIT_REMOTE_NAME: where to.
	remote string
}

func osEnvironment() environment {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = ""
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = ""
	}
	return environment{
		identity:       os.Getenv("GIT_ENVELOPE_IDENTITY"),
		trace:          os.Getenv("GIT_ENVELOPE_TRACE"),
		agent:          os.Getenv("GIT_ENVELOPE_AGENT"),
		noColor:        os.Getenv("NO_COLOR"),
		ci:             os.Getenv("CI"),
		runtimeDir:     os.Getenv("XDG_RUNTIME_DIR"),
		azureAuthority: os.Getenv("AZURE_AUTHORITY_HOST"),
		tracePacket:    os.Getenv("GIT_TRACE_PACKET"),
		framework: frameworkEnvironment{
			from:   os.Getenv("PRE_COMMIT_FROM_REF"),
			to:     os.Getenv("PRE_COMMIT_TO_REF"),
			branch: os.Getenv("PRE_COMMIT_LOCAL_BRANCH"),
			remote: os.Getenv("PRE_COMMIT_REMOTE_NAME"),
		},
		configHome: config,
		home:       home,
	}
}
