package scan

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

// TestShiftedRun: chunks of an encoded run that were clean where the run began a
// few characters later, so that they said something else, are not known to be
// clean.
func TestShiftedRun(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	words := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%c%c%c ", 'a'+r.Intn(26), 'a'+r.Intn(26), 'a'+r.Intn(26))
		}
		return b.String()
	}
	for _, wrapped := range []bool{false, true} {
		for shift := range 4 {
			e, err := New(Options{Rules: []Rule{{ID: "x", Keywords: []string{"xxx_"}, Pattern: "xxx_[0-9]{20}", Raw: true}}})
			if err != nil {
				t.Fatal(err)
			}
			found := func(text string) (n int) {
				if wrapped {
					var b strings.Builder
					for i := 0; i < len(text); i += 76 {
						b.WriteString(text[i:min(i+76, len(text))] + "\n")
					}
					text = b.String()
				}
				if _, err := e.Scanner().Scan(context.Background(), strings.NewReader(text), func(*Match) { n++ }); err != nil {
					t.Fatal(err)
				}
				return n
			}
			run := base64.StdEncoding.EncodeToString([]byte(words(4500) + "xxx_01234567890123456789 " + words(4000)))
			found(run[:4096])
			found(run[:96+shift] + "!" + run[97+shift:])
			if n := found(run); n != 1 {
				t.Errorf("wrapped %t, shift %d: %d found, want 1", wrapped, shift, n)
			}
		}
	}
}
