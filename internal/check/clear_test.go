package check

import (
	"errors"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"
)

func TestInClear(t *testing.T) {
	noise := make([]byte, 3<<20)
	rand.New(rand.NewSource(1)).Read(noise)
	sealed := seal(key(1), string(noise))
	framed := []byte(sealed)
	copy(framed[len(framed)-300:], "\nwhat nobody has encrypted at all, and what all can read\n")
	tests := map[string]struct {
		content string
		want    bool
	}{
		"empty": {"", false}, "a byte": {"x", true}, "text": {strings.Repeat("text\n", 100), true},
		"sealed": {sealed, false}, "cut off": {sealed[:len(sealed)-1], true}, "more behind": {sealed + "x", true}, "framed text": {string(framed), true},
	}
	for name, tt := range tests {
		r := strings.NewReader(tt.content)
		if got, err := InClear(iotest.HalfReader(r)); got != tt.want || err != nil || r.Len() > 0 {
			t.Errorf("%s: %v, %v, %d bytes not read; want %v", name, got, err, r.Len(), tt.want)
		}
	}
	if _, err := InClear(iotest.ErrReader(errors.New("broken"))); err == nil {
		t.Error("what can't be read is told")
	}
}
