package policy

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// FuzzParse: Parse never panics and says where; what it accepts is translated or
// refused in words, and asking it about paths is safe.
func FuzzParse(f *testing.F) {
	for _, c := range faults {
		if len(c.text) < 2000 {
			f.Add([]byte(c.text), "a/b")
		}
	}
	for _, text := range accepted {
		f.Add([]byte(text), "env/prod/README.md")
	}
	for _, globs := range awkwardGlobs {
		f.Add([]byte(policyWith(append([]string{"prod"}, globs...))), "x/a.pem")
	}
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		p, err := Parse(data, "policy.yaml")
		if err != nil {
			var fault *Error
			if p != nil || !errors.As(err, &fault) || fault.File != "policy.yaml" || fault.Message == "" {
				t.Fatalf("%v, %#v", p, err)
			}
			return
		}
		ring, covered := p.RingOf(path)
		if e := p.Explain(path); e.Covered != covered || covered && e.Ring != ring {
			t.Fatalf("%q: RingOf says %q %v, Explain says %+v", path, ring, covered, e)
		}
		p.Forbidden(path)
		block, err := p.Attributes()
		if err != nil {
			return
		}
		for line := range bytes.Lines(block) {
			if len(line) > maxGitLine || !bytes.HasPrefix(line, []byte("#")) && !bytes.HasSuffix(line, []byte(sealed+"\n")) && !bytes.HasSuffix(line, []byte(reset+"\n")) && !strings.Contains(own, string(line)) {
				t.Fatalf("odd line %q", line)
			}
		}
		if _, last, err := Block(block); err != nil || !last {
			t.Fatalf("the block is not read back: %v", err)
		}
	})
}

// FuzzSync: Sync is idempotent and keeps every other line.
func FuzzSync(f *testing.F) {
	p := mustParse(f, policyWith([]string{"prod", "a", "b c"}))
	for _, s := range []string{"", "* text", "a\r\nb", oldBlock, "x\n" + oldBlock + "y", "\ufeff" + oldBlock, endMark, beginMark} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Sync(data, p)
		if err != nil {
			return
		}
		again, err := Sync(got, p)
		if err != nil || !bytes.Equal(got, again) {
			t.Fatalf("%q\nthen %q, %v", got, again, err)
		}
		rest, err := Unsync(data)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(got, rest) {
			t.Fatalf("%q does not begin with %q", got, rest)
		}
		if _, last, err := Block(got); err != nil || !last {
			t.Fatalf("last %v, %v", last, err)
		}
	})
}

// FuzzEdit: an edit gives a policy that parses and holds what was asked for, or
// an error; it never panics.
func FuzzEdit(f *testing.F) {
	for _, text := range accepted {
		f.Add([]byte(text), "x/**", "prod")
	}
	f.Fuzz(func(t *testing.T, data []byte, glob, ring string) {
		out, err := AddRule(data, []string{glob}, ring)
		if err == nil {
			if p, err := Parse(out, "p"); err != nil || len(p.Rules) == 0 && !strings.HasPrefix(glob, "!") {
				t.Fatalf("%q: %v", out, err)
			}
			if back, err := RemovePatterns(out, []string{glob}); err == nil {
				if _, err := Parse(back, "p"); err != nil {
					t.Fatalf("%q: %v", back, err)
				}
			}
		}
		if out, err := AddRecipient(data, ring, Recipient{Kind: KindAge, URI: glob}); err == nil {
			if _, err := Parse(out, "p"); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
		}
		if out, err := RenameRing(data, ring, "fuzzed"); err == nil {
			if p, err := Parse(out, Path); err != nil || p.Today(ring) != "fuzzed" || p.Today("fuzzed") != "fuzzed" {
				t.Errorf("RenameRing(%q): %v\n%s", ring, err, out)
			}
		}
		if out, err := RemoveRing(data, ring); err == nil {
			if _, err := Parse(out, "p"); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
		}
	})
}
