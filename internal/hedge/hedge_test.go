package hedge_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/git-envelope/git-envelope/internal/hedge"
)

var errFirst, errSecond, errFinal = errors.New("first"), errors.New("second"), errors.New("final")

type attempt = func(context.Context) (string, error)

func succeed(after time.Duration, value string) attempt {
	return func(ctx context.Context) (string, error) {
		select {
		case <-time.After(after):
			return value, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func fail(after time.Duration, err error) attempt {
	return func(ctx context.Context) (string, error) {
		_, _ = succeed(after, "")(ctx)
		return "", err
	}
}

func deaf(after time.Duration) attempt {
	return func(context.Context) (string, error) { time.Sleep(after); return "late", nil }
}

func TestFirst(t *testing.T) {
	const hour = time.Hour
	for _, tt := range []struct {
		name     string
		attempts []attempt
		value    string
		winner   int
		errs     []error
		took     time.Duration
	}{
		{"none", nil, "", -1, nil, 0},
		{"the first", []attempt{succeed(0, "a"), succeed(0, "b")}, "a", 0, []error{nil, hedge.ErrNotStarted}, 0},
		{"the second after a failure", []attempt{fail(0, errFirst), succeed(0, "b")}, "b", 1, []error{errFirst, nil}, 0},
		{"the second when the first is slow", []attempt{succeed(hour, "a"), succeed(0, "b")}, "b", 1, []error{hedge.ErrOvertaken, nil}, time.Second},
		{"the first although it is slow", []attempt{succeed(2*time.Second, "a"), succeed(hour, "b")}, "a", 0, []error{nil, hedge.ErrOvertaken}, 2 * time.Second},
		{"the third when two are slow", []attempt{succeed(hour, "a"), succeed(hour, "b"), succeed(0, "c")}, "c", 2, []error{hedge.ErrOvertaken, hedge.ErrOvertaken, nil}, 2 * time.Second},
		{"one that is deaf to its context", []attempt{deaf(hour), succeed(0, "b")}, "b", 1, []error{hedge.ErrOvertaken, nil}, time.Second},
		{"a failure does not wait for the slow one before it", []attempt{succeed(hour, "a"), fail(0, errSecond), succeed(0, "c")}, "c", 2, []error{hedge.ErrOvertaken, errSecond, nil}, time.Second},
		{"a late failure leaves the one after it its time", []attempt{fail(1100*time.Millisecond, errFirst), succeed(300*time.Millisecond, "b"), succeed(0, "c")}, "b", 1, []error{errFirst, nil, hedge.ErrNotStarted}, 1300 * time.Millisecond},
		{"all fail", []attempt{fail(0, errFirst), fail(time.Minute, errSecond)}, "", -1, []error{errFirst, errSecond}, time.Minute},
		{"final", []attempt{fail(0, errFirst), fail(0, errFinal), succeed(0, "c")}, "", 1, []error{errFirst, errFinal, hedge.ErrNotStarted}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				out, err := hedge.First(t.Context(), hedge.Options{After: time.Second, Final: func(err error) bool { return err == errFinal }}, tt.attempts...)
				if err != nil || out.Value != tt.value || out.Winner != tt.winner || !slices.Equal(out.Errs, tt.errs) {
					t.Errorf("got %q by %d with %v (%v), want %q by %d with %v", out.Value, out.Winner, out.Errs, err, tt.value, tt.winner, tt.errs)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				time.Sleep(2 * time.Hour) // for the deaf one to end
			})
		})
	}
}

func TestFirstInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, err := hedge.First(t.Context(), hedge.Options{}, succeed(time.Hour, "a"), succeed(0, "b"))
		if err != nil || out.Value != "a" || out.Errs[1] != hedge.ErrNotStarted {
			t.Errorf("got %+v, %v", out, err)
		}
	})
}

func TestFirstCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var ended atomic.Int32
		hang := func(ctx context.Context) (string, error) {
			<-ctx.Done()
			ended.Add(1)
			return "", ctx.Err()
		}
		if _, err := hedge.First(ctx, hedge.Options{After: time.Second}, hang, hang); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		synctest.Wait()
		if ended.Load() != 2 {
			t.Errorf("%d attempts ended, want 2", ended.Load())
		}
	})
}

// TestLoserCancelled: what lost must not go on in the background.
func TestLoserCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		slow := func(ctx context.Context) (string, error) { <-ctx.Done(); ended.Store(true); return "", ctx.Err() }
		if out, err := hedge.First(t.Context(), hedge.Options{After: time.Second}, slow, succeed(0, "b")); err != nil || out.Winner != 1 {
			t.Fatalf("got %+v, %v", out, err)
		}
		synctest.Wait()
		if !ended.Load() {
			t.Error("the slow attempt was not cancelled")
		}
	})
}
