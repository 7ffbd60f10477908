package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// meter tells how far long work has come: on a terminal one line, over and over;
// else a line of its own now and then, and none for what is soon done. Its methods
// may be called concurrently; a nil meter says nothing.
type meter struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	now      func() time.Time
	verb     string // "resealing"
	noun     string // "files"
	n, total int    // total 0: not known
	size     int64  // bytes done
	of       int64  // bytes in all; 0: not known

	mu             sync.Mutex
	started, shown time.Time
	dirty          bool // the terminal's line is there
}

// Intervals between two lines.
const (
	onTerminal = 100 * time.Millisecond
	inLog      = 5 * time.Second
)

// meter begins to count work of total pieces and of bytes, 0 where not known.
func (a *app) meter(verb, noun string, total int, of int64) *meter {
	m := &meter{w: a.err, terminal: showsProgress(a.err), every: inLog, now: a.now, verb: verb, noun: noun, total: total, of: of}
	if m.terminal {
		m.every = onTerminal
	}
	m.started = m.now()
	m.shown = m.started
	return m
}

// add counts pieces that are done, and their bytes.
func (m *meter) add(n int, size int64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n, m.size = m.n+n, m.size+size
	now := m.now()
	if now.Sub(m.shown) < m.every {
		return
	}
	m.shown = now
	if m.terminal {
		m.dirty = true
		fmt.Fprintf(m.w, "\r%s\x1b[K\r", m.line(now))
	} else {
		fmt.Fprintf(m.w, "git-envelope: %s\n", m.line(now))
	}
}

// end removes the terminal's line.
func (m *meter) end() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dirty {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
	m.dirty = false
}

func (m *meter) line(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d", m.verb, m.n)
	if m.total > 0 {
		fmt.Fprintf(&b, " of %d", m.total)
	}
	fmt.Fprintf(&b, " %s, %s", m.noun, bytesOf(m.size))
	took := now.Sub(m.started)
	if took <= 0 {
		return b.String()
	}
	fmt.Fprintf(&b, ", %s/s", bytesOf(int64(float64(m.size)/took.Seconds())))
	if left, ok := m.left(took); ok {
		fmt.Fprintf(&b, ", %s left", brief(left))
	}
	return b.String()
}

// left is how long the rest takes if it goes on like this. Both the pieces and
// the bytes cost time, so the slower of the two guesses counts.
func (m *meter) left(took time.Duration) (time.Duration, bool) {
	share := 1.0
	if m.total > 0 {
		share = min(share, float64(m.n)/float64(m.total))
	}
	if m.of > 0 {
		share = min(share, float64(m.size)/float64(m.of))
	}
	if share <= 0 || m.total <= 0 && m.of <= 0 {
		return 0, false
	}
	rest := float64(took) * (1 - share) / share
	if rest > float64(100*24*time.Hour) {
		return 0, false
	}
	return time.Duration(rest).Round(time.Second), true
}

// bytesOf writes an amount of bytes as people read it.
func bytesOf(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
