package policy

import (
	"os"
	"strings"
	"testing"
)

// TestDocumentedExample: the reference's policy is valid and gives the block
// that the reference shows (the block's other rules aside).
func TestDocumentedExample(t *testing.T) {
	data, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	text, rest, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("no example")
	}
	p := mustParse(t, text)
	if len(p.Rings) != 2 || len(p.Rules) != 2 || len(p.Forbid) != 2 {
		t.Errorf("%+v", p)
	}
	attributes, err := p.Attributes()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ = strings.Cut(rest, "```\n")
	block, _, ok := strings.Cut(rest, "```\n")
	if !ok || !strings.HasPrefix(block, beginMark) {
		t.Fatalf("no block: %q", block)
	}
	for line := range strings.Lines(block) {
		if !strings.Contains(string(attributes), line) {
			t.Errorf("sync does not write %q:\n%s", line, attributes)
		}
	}
	if v, err := asJSON(text); err != nil || loadSchema(t).Validate(v) != nil {
		t.Errorf("the schema refuses the example: %v", err)
	}
}
