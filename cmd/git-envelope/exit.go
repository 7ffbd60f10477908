package main

import (
	"errors"
	"fmt"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// Exit codes, the same for every command.
const (
	exitClean        = 0 // done; for checks: clean and provably checked
	exitFindings     = 1 // findings
	exitUsage        = 2 // wrong usage or configuration
	exitUndetermined = 3 // could not be done or determined
	exitLocked       = 4 // locked, or no access to a key
	exitIntegrity    = 5 // something failed authentication
)

const exitCodesHelp = `

Exit codes: 0 clean and provably checked; 1 findings; 2 wrong usage or
configuration; 3 undetermined (unreadable object, failed write, timeout);
4 locked or no access to a key; 5 integrity failure.`

// errFindings ends a check that found something; it is silent, since the
// findings were printed.
var errFindings = errors.New("findings")

// errIntegrityFinding is errFindings with an integrity failure among them.
var errIntegrityFinding = fmt.Errorf("%w, integrity failures among them", errFindings)

// hinted is an error with a way out.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// Hint is what to type.
func (h *hinted) Hint() string { return h.hint }

// usageError is wrong usage or configuration.
type usageError struct{ hinted }

func usage(err error, hint string) error { return &usageError{hinted{err, hint}} }

func withHint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// exitCode is the one place that maps errors to exit codes. The gravest cause
// wins: an integrity failure must not hide behind a missing key.
func exitCode(err error) int {
	var wrong *usageError
	var badPolicy *policy.Error
	switch {
	case err == nil:
		return exitClean
	case isAny(err, errIntegrityFinding, filter.ErrIntegrity, envelope.ErrDamaged, keys.ErrTampered, keyring.ErrTrial):
		return exitIntegrity
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errUndetermined):
		return exitUndetermined
	case errors.As(err, &wrong), errors.As(err, &badPolicy), isAny(err, gitrepo.ErrNotRepository, errConfiguration):
		return exitUsage
	case errors.Is(err, keys.ErrTransient):
		return exitUndetermined // also beside a ring that stays shut for good
	case isAny(err, keys.ErrLocked, keys.ErrNoAccess, keys.ErrUnknownKey):
		return exitLocked
	}
	return recipientCode(err)
}

// recipientCode is the exit code of one recipient's failure, where a command is
// about that recipient.
func recipientCode(err error) int {
	switch keys.KindOf(err) {
	case keys.Tampered:
		return exitIntegrity
	case keys.Unsupported:
		return exitUsage
	case keys.NotMine, keys.NoIdentity, keys.Denied, keys.Expired, keys.NotFound, keys.Disabled, keys.Consent:
		return exitLocked
	}
	return exitUndetermined
}

// errConfiguration marks errors that the repository's or the user's
// configuration causes.
var errConfiguration = errors.New("configuration")

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
