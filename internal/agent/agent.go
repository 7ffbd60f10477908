// Package agent keeps opened data keys for the user's other processes: a server
// with a Unix socket, its client, and the way one starts the other.
//
// The server holds keys in locked memory (internal/memlock) and nowhere else:
// it reads each from the socket into that memory and writes it from there. It
// opens no wrapped key, reads no file and calls no service. Keys are filed under
// repository, ring and key id, live for an absolute time and, if wanted, only
// while used; what is over is wiped at once, by the clock on the wall as by the
// one that stands still while the machine sleeps. An agent that nobody needs ends.
//
// A client trusts nobody but its own user: the socket's folder must be the
// user's alone, and so must the process behind it. It takes no answer for a key
// but one of the right form, and leaves it to the caller to verify that it is
// the right key, as the caller must for every service. Whatever the agent does,
// a client waits for it once.
//
// # Protocol
//
// A connection carries one request and its answer; both sides close their half
// after it, and nothing may follow. Numbers are big-endian. A frame is
//
//	version (1 byte, 1) · kind (1) · length of the body (2, at most 4096) · body
//
// A text is its length in one byte and that many bytes of printable UTF-8. A
// context is two texts, repository and ring, neither empty, and the 16 bytes of
// the key id. Durations and times are 8 bytes: nanoseconds, times since 1970, at
// most 2^63-1; a time of 0 is none. A lifetime is three times (since, expires,
// idle) and the count of uses (8). In each there is one encoding only.
//
//	request  kind  body
//	get      G     context
//	put      P     context · longest life · longest idle time (0: any) · flags (1; bit 0: renew) · key (32)
//	wipe     W     repository · ring; an empty text is any, and needs an empty ring
//	status   S     nothing
//	stop     Q     nothing
//
//	answer   kind  body
//	done     K     get: lifetime · key (32); wipe: count (8); put, stop: nothing
//	               status: pid (8) · started · program version (text) · count (8), then
//	               that many more frames of kind K: context · lifetime
//	absent   A     nothing: get, the key is not here
//	refused  R     nothing: the request is none, or the agent is ending
//
// Stop means the same in every version of the protocol, present and future, so
// that a program can always end an agent older or newer than itself.
package agent

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// Limits of the server.
const (
	// MaxKeys is how many keys an agent holds. When one more comes, the one that
	// would end first makes place: losing a key costs one unwrap, refusing the
	// new one would cost that for every process to come.
	MaxKeys = 256
	// DefaultMaxTTL caps every key's life unless Options say otherwise.
	DefaultMaxTTL = 24 * time.Hour
	// DefaultLinger is how long an agent stays when it holds no key and is asked
	// nothing.
	DefaultLinger = time.Minute
)

var (
	// ErrNotRunning: there is no agent to ask.
	ErrNotRunning = errors.New("no key agent is running")
	// ErrRunning: another agent serves this folder already.
	ErrRunning = errors.New("a key agent is running already")
	// ErrUntrusted: the socket's folder, or the process behind it, is not the user's alone.
	ErrUntrusted = errors.New("not to be trusted")
	// ErrUnsupported: there is no agent on this system.
	ErrUnsupported = errors.New("the key agent is not supported on this system")
)

// TTL says how long the agent may keep a key.
type TTL struct {
	Max  time.Duration // from now on, at most what the agent allows
	Idle time.Duration // since the last use; 0 is without such a limit
	// Renew sets both anew for a key that is held already. Without it the key
	// keeps the life it has: caching must not prolong what a person granted.
	Renew bool
}

// Lifetime is how long a key has been and will be held.
type Lifetime struct {
	Since   time.Time
	Expires time.Time
	Idle    time.Time // ends then if it is not used before; zero if that is no limit
	Uses    uint64    // how often it was handed out
}

// Entry is a key that the agent holds, without the key.
type Entry struct {
	Context keys.Context
	Lifetime
}

// Status is what an agent tells of itself. Entries are in the order of
// repository, ring and key id.
type Status struct {
	PID     int
	Started time.Time
	Version string // of the program
	Entries []Entry
}

// Scope says which keys: those of a ring, of a repository (no ring), or all
// (neither).
type Scope struct{ Repository, Ring string }

func (s Scope) covers(c keys.Context) bool {
	return (s.Repository == "" || s.Repository == c.Repository) && (s.Ring == "" || s.Ring == c.Ring)
}

// Dir is where the agent's socket lives: below the user's runtime folder
// (XDG_RUNTIME_DIR) where there is one, else below tmp.
func Dir(runtimeDir, tmp string, uid int) string {
	if filepath.IsAbs(runtimeDir) {
		return filepath.Join(runtimeDir, "git-envelope")
	}
	return filepath.Join(tmp, fmt.Sprintf("git-envelope-%d", uid))
}
