package policy

import (
	"fmt"
	"strings"
	"testing"
)

const testRepository = "0d6b3c1e-5f0a-4d6c-9a51-2f7d8e4b1c90"

// header is a valid policy without rules.
const header = `version: 1
repository: ` + testRepository + `
rings:
  prod:
    recipients:
      - age: age1prodprodprod
  dev:
    recipients:
      - age: age1devdevdev
`

// policyWith makes the text of a policy from rules "ring: pattern pattern …".
func policyWith(rules ...[]string) string {
	var b strings.Builder
	b.WriteString(header)
	if len(rules) > 0 {
		b.WriteString("rules:\n")
	}
	for _, r := range rules {
		fmt.Fprintf(&b, "  - paths: %s\n    ring: %s\n", flowList(r[1:]), r[0])
	}
	return b.String()
}

func mustParse(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := Parse([]byte(text), "policy.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// parseRules makes a policy of rules or says why there is none.
func parseRules(rules ...[]string) (*Policy, error) {
	return Parse([]byte(policyWith(rules...)), "policy.yaml")
}
