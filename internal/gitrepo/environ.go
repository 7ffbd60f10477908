package gitrepo

import (
	"path/filepath"
	"strings"
)

// environ is a process environment as a list that later entries override.
type environ []string

func (e environ) get(name string) (string, bool) {
	for i := len(e) - 1; i >= 0; i-- {
		if rest, ok := strings.CutPrefix(e[i], name); ok && strings.HasPrefix(rest, "=") {
			return rest[1:], true
		}
	}
	return "", false
}

func (e environ) has(name string) bool { _, ok := e.get(name); return ok }

// set returns a copy of e with one variable changed.
func (e environ) set(name, value string) environ {
	out := make(environ, 0, len(e)+1)
	for _, kv := range e {
		if !strings.HasPrefix(kv, name+"=") {
			out = append(out, kv)
		}
	}
	return append(out, name+"="+value)
}

// unwanted are variables that change what our plumbing means or prints.
var unwanted = map[string]bool{
	"GIT_EXTERNAL_DIFF":     true,
	"GIT_DIFF_OPTS":         true,
	"GIT_LITERAL_PATHSPECS": true,
	"GIT_GLOB_PATHSPECS":    true,
	"GIT_NOGLOB_PATHSPECS":  true,
	"GIT_ICASE_PATHSPECS":   true,
	"GIT_PREFIX":            true, // we run at the top
	"GIT_TRACE_PACKET":      true, // prints plaintext on its way through a process filter
}

// base is what every git we start is given.
func base(env environ) environ {
	out := make(environ, 0, len(env)+10)
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if unwanted[name] || strings.HasPrefix(name, "GIT_TRACE") && tracesToUs(value) {
			continue
		}
		out = append(out, kv)
	}
	return append(out,
		"LC_ALL=C",              // messages we may have to recognise
		"GIT_TERMINAL_PROMPT=0", // nobody would see the question
		"GIT_PAGER=cat",
		"GIT_FLUSH=1", // answers of --stdin commands come at once
	)
}

// tracesToUs reports whether a trace would go to a descriptor of the child,
// among git's messages that we read, and not to a file or socket of its own.
func tracesToUs(value string) bool {
	return !filepath.IsAbs(value) && !strings.HasPrefix(value, "af_unix:")
}

// reading is the environment of commands that only read. Of the two variables
// against fetching, Git 2.45 and later know the first; before that, a lazy fetch
// is still started, but then finds that it may use no transport.
func reading(env environ) environ {
	return append(env[:len(env):len(env)],
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none",
		"GIT_NO_REPLACE_OBJECTS=1",
	)
}
