package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// TestExitCode holds what scripts cannot show one by one: the codes of keys.
func TestExitCode(t *testing.T) {
	ring := func(cause error) error { return fmt.Errorf("x: %w", &keys.RingError{Cause: cause}) }
	one := func(kind keys.Kind) error { return fmt.Errorf("x: %w", &keys.Error{Kind: kind}) }
	for _, tt := range []struct {
		err  error
		want int
	}{
		{ring(keys.ErrNoAccess), exitLocked},
		{ring(keys.ErrLocked), exitLocked},
		{ring(keys.ErrTransient), exitUndetermined},
		{ring(keys.ErrTampered), exitIntegrity},
		{errors.Join(ring(keys.ErrNoAccess), ring(keys.ErrTransient)), exitUndetermined}, // it may open later
		{errors.Join(ring(keys.ErrTransient), ring(keys.ErrTampered)), exitIntegrity},
		{fmt.Errorf("x: %w", keyring.ErrTrial), exitIntegrity},
		{one(keys.Denied), exitLocked},
		{one(keys.Expired), exitLocked},
		{one(keys.Consent), exitLocked},
		{one(keys.Unsupported), exitUsage},
		{one(keys.Unreachable), exitUndetermined},
		{one(keys.Throttled), exitUndetermined},
		{one(keys.Tampered), exitIntegrity},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}
