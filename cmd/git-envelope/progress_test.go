package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	const kib = 1 << 10
	tests := []struct {
		name     string
		terminal bool
		total    int
		of       int64
		steps    []time.Duration // each with 100 files of 1 MiB
		want     []string
	}{
		{"soon done", false, 300, 0, []time.Duration{time.Second, time.Second}, nil},
		{"in a log", false, 400, 400 << 20, []time.Duration{5 * time.Second, time.Second, 5 * time.Second},
			[]string{"git-envelope: resealing: 100 of 400 files, 100.0 MiB, 20.0 MiB/s, 15s left\n", "git-envelope: resealing: 300 of 400 files, 300.0 MiB, 27.3 MiB/s, 4s left\n"}},
		{"on a terminal", true, 400, 0, []time.Duration{time.Second},
			[]string{"\rresealing: 100 of 400 files, 100.0 MiB, 100.0 MiB/s, 3s left\x1b[K\r", "\r\x1b[K"}},
		{"bytes last longer", true, 200, 1000 << 20, []time.Duration{time.Second}, []string{"9s left"}},
		{"nothing known", true, 0, 0, []time.Duration{time.Second}, []string{"\rresealing: 100 files, 100.0 MiB, 100.0 MiB/s\x1b[K\r"}},
		{"a clock that stands still", true, 100, 0, []time.Duration{0}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			var out bytes.Buffer
			a := &app{err: &out, now: func() time.Time { return now }}
			m := a.meter("resealing", "files", tt.total, tt.of)
			if m.terminal = tt.terminal; tt.terminal {
				m.every = onTerminal
			}
			for _, d := range tt.steps {
				now = now.Add(d)
				m.add(100, 100*kib*kib)
			}
			m.end()
			rest := out.String()
			for _, w := range tt.want {
				var ok bool
				if _, rest, ok = strings.Cut(rest, w); !ok {
					t.Fatalf("%q, want %q in it", out.String(), w)
				}
			}
			if tt.want == nil && out.Len() > 0 {
				t.Errorf("said %q", out.String())
			}
		})
	}
	var none *meter
	none.add(1, 1)
	none.end()
}
