package policy

import (
	"bytes"
	"strings"
	"testing"
)

const edited = `# top comment
version: 1   # one
repository: ` + testRepository + `

rings:
  # production
  prod:
    recipients:   # who
      - age: age1prod   # ops
        # second
      - aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/x
        region: eu-west-2
    rotate_every: 90d

  dev:
    recipients: [{age: age1dev}]   # devs

# rules below
rules:
  # first
  - paths: ["env/prod/**", "!**/README.md"]   # prod
    ring: prod
  - ring: dev
    paths:
      - env/dev/**   # keep
      # about pem
      - '**/*.pem'
    # end of rule two

# forbidden
forbid: ["**/*.key"]
`

// edits are changes to the text above: the lines that go and those that come.
var edits = []struct {
	name      string
	do        func([]byte) ([]byte, error)
	old, new  string // replaced text; both "" if nothing changes
	wantError string
}{
	{"rule joins the last of its ring", addRule("dev", "x/**", "y \"z\""), "      - '**/*.pem'\n", "      - '**/*.pem'\n      - \"x/**\"\n      - \"y \\\"z\\\"\"\n", ""},
	{"rule of its own", addRule("prod", "x/**"), "    # end of rule two\n", "    # end of rule two\n  - paths: [\"x/**\"]\n    ring: prod\n", ""},
	{"rule with exclusion", addRule("dev", "x/**", "!x/y"), "    # end of rule two\n", "    # end of rule two\n  - paths: [\"x/**\", \"!x/y\"]\n    ring: dev\n", ""},
	{"rule already there", addRule("prod", "/env/prod/**"), "", "", ""},
	{"rule within another", addRule("prod", "env/prod/a/*.env"), "", "", ""},
	{"one new of two", addRule("dev", "env/dev/x", "new"), "      - '**/*.pem'\n", "      - '**/*.pem'\n      - \"new\"\n", ""},
	{"covered for another ring", addRule("dev", "env/prod/dev/**"), "", "", `"env/prod/dev/**" is already sealed for ring "prod" by rule 1 ("env/prod/**", line 21)`},
	{"excluded", addRule("prod", "env/prod/README.md"), "", "", `"env/prod/README.md" is excluded by "!**/README.md" in rule 1`},
	{"unknown ring", addRule("prud", "x"), "", "", `unknown ring "prud": did you mean "prod"?`},
	{"impossible", addRule("prod", "x/"), "", "", `impossible pattern "x/"`},
	{"only exclusions", addRule("prod", "!x"), "", "", "paths only excludes"},
	{"remove from a flow list", remove("!/**/README.md"), `["env/prod/**", "!**/README.md"]`, `["env/prod/**"]`, ""},
	{"remove from a block list", remove("env/dev/**"), "      - env/dev/**   # keep\n", "", ""},
	{"remove a rule", remove("env/prod/**"), "  - paths: [\"env/prod/**\", \"!**/README.md\"]   # prod\n    ring: prod\n", "", ""},
	{"remove what is not there", remove("x"), "", "", `no rule lists "x"`},
	{"remove what is covered", remove("env/dev/a"), "", "", `no rule lists "env/dev/a", but rule 2 covers it with "env/dev/**": add "!env/dev/a" to that rule to exclude it`},
	{"recipient to a block list", addRecipient("prod", Recipient{KindAzureKey, "https://v.vault.azure.net/keys/k", nil}), "        region: eu-west-2\n", "        region: eu-west-2\n      - azure-key: https://v.vault.azure.net/keys/k\n", ""},
	{"recipient with options", addRecipient("prod", Recipient{KindAWSKMS, "arn:aws:kms:eu-west-1:111122223333:alias/y", map[string]string{"role": "arn:aws:iam::111122223333:role/ci", "region": "eu-west-1"}}), "        region: eu-west-2\n", "        region: eu-west-2\n      - aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/y\n        region: eu-west-1\n        role: arn:aws:iam::111122223333:role/ci\n", ""},
	{"recipient to a flow list", addRecipient("dev", Recipient{KindAge, "ssh-ed25519 AAAA me # x: y", nil}), "{age: age1dev}]", "{age: age1dev}, {age: \"ssh-ed25519 AAAA me # x: y\"}]", ""},
	{"recipient already there", addRecipient("dev", Recipient{KindAge, "age1dev", map[string]string{}}), "", "", ""},
	{"recipient with other options", addRecipient("prod", Recipient{KindAWSKMS, "arn:aws:kms:eu-west-1:111122223333:alias/x", nil}), "", "", "already has this recipient with other options"},
	{"recipient that is a secret", addRecipient("dev", Recipient{KindAge, "AGE-SECRET-KEY-1X", nil}), "", "", "this is a secret key"},
	{"recipient of an unknown ring", addRecipient("de", Recipient{KindAge, "age1x", nil}), "", "", `did you mean "dev"?`},
	{"remove a recipient", removeRecipient("prod", KindAWSKMS, "arn:aws:kms:eu-west-1:111122223333:alias/x"), "      - aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/x\n        region: eu-west-2\n", "", ""},
	{"remove the last recipient", removeRecipient("dev", KindAge, "age1dev"), "", "", "this is the last recipient"},
	{"remove no recipient", removeRecipient("dev", KindAge, "age1x"), "", "", "has no such recipient"},
	{"add a ring", addRing("ops", Recipient{KindAge, "age1ops", nil}), "    recipients: [{age: age1dev}]   # devs\n", "    recipients: [{age: age1dev}]   # devs\n  ops:\n    recipients:\n      - age: age1ops\n", ""},
	{"add a ring twice", addRing("dev", Recipient{KindAge, "age1ops", nil}), "", "", "already a ring"},
	{"add a ring badly named", addRing("Ops", Recipient{KindAge, "age1ops", nil}), "", "", "cannot name a ring"},
	{"add a ring for nobody", addRing("ops"), "", "", "needs a recipient"},
	{"rename a ring that is taken", renameRing("dev", "prod"), "", "", `"prod" is a name of ring "prod", now or formerly`},
	{"rename a ring badly", renameRing("dev", "Dev"), "", "", "cannot name a ring"},
	{"rename no ring", renameRing("de", "ops"), "", "", `did you mean "dev"?`},
	{"remove a ring in use", removeRing("dev"), "", "", "rule 2 still seals paths"},
}

func addRule(ring string, patterns ...string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return AddRule(b, patterns, ring) }
}
func remove(patterns ...string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return RemovePatterns(b, patterns) }
}
func addRecipient(ring string, r Recipient) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return AddRecipient(b, ring, r) }
}
func removeRecipient(ring, kind, uri string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return RemoveRecipient(b, ring, kind, uri) }
}
func addRing(ring string, r ...Recipient) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return AddRing(b, ring, r) }
}
func removeRing(ring string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return RemoveRing(b, ring) }
}

func renameRing(ring, name string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return RenameRing(b, ring, name) }
}

// TestRenameRing: the name changes wherever it stands, quoted or not, and nothing
// else does; a second time adds to the list of names.
func TestRenameRing(t *testing.T) {
	for _, quote := range []string{"", `"`, "'"} {
		q := func(name string) string { return quote + name + quote }
		text := strings.NewReplacer("  prod:", "  "+q("prod")+":", "ring: prod", "ring: "+q("prod")).Replace(edited) + "default_ring: " + q("prod") + "\n"
		want := strings.NewReplacer("  "+q("prod")+":", "  live:", "ring: "+q("prod"), "ring: live", "default_ring: "+q("prod"), "default_ring: live",
			"    rotate_every: 90d\n", "    rotate_every: 90d\n    formerly: [prod]\n").Replace(text)
		once, err := RenameRing([]byte(text), "prod", "live")
		if err != nil || string(once) != want {
			t.Errorf("%q: %v\n%s", quote, err, once)
			continue
		}
		twice, err := RenameRing(once, "live", "main")
		if err != nil || !strings.Contains(string(twice), "    formerly: [prod, live]\n") {
			t.Errorf("%q, again: %v\n%s", quote, err, twice)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, eol := range []string{"\n", "\r\n"} {
		with := func(s string) string { return strings.ReplaceAll(s, "\n", eol) }
		for _, c := range edits {
			got, err := c.do([]byte(with(edited)))
			if c.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantError) || got != nil {
					t.Errorf("%s: got %q, %v", c.name, got, err)
				}
				continue
			}
			if c.old != "" && !strings.Contains(edited, c.old) {
				t.Fatalf("%s: the text does not hold %q", c.name, c.old)
			}
			want := with(edited)
			if c.old != "" {
				want = with(strings.Replace(edited, c.old, c.new, 1))
			}
			if err != nil || string(got) != want {
				t.Errorf("%s: %v\n%s", c.name, err, got)
			}
		}
	}
}

// TestEditLayouts runs edits over other layouts; finish checks their meaning, so
// it is enough that they succeed and are undone by their opposite.
func TestEditLayouts(t *testing.T) {
	layouts := map[string]string{
		"no rules":          header,
		"no final newline":  strings.TrimSuffix(header, "\n"),
		"comment at end":    header + "# the end\n",
		"rules unindented":  header + "rules:\n- paths: [a]\n  ring: prod\n- paths:\n  - b\n  ring: dev\nforbid: [x]\n",
		"rules in flow":     header + "rules: [{paths: [a], ring: prod}, {paths: [b], ring: dev}]\n",
		"wide":              header + "rules:\n    -   paths:\n            -   é 日本\n        ring:   prod\n",
		"multi-line flow":   header + "rules:\n  - paths: [\n      a, # one\n      'b''c',\n      \"d\\\"e\",\n    ]\n    ring: dev\n",
		"quoted over lines": header + "rules:\n  - paths:\n    - \"a\n      b\"\n    ring: dev\n",
		"new":               string(New(testRepository, "prod", []Recipient{{KindAge, "age1x", nil}})) + "  \n",
		"BOM":               "\ufeff" + header,
	}
	for name, text := range layouts {
		p := mustParse(t, text)
		ring := p.Rings[0].Name
		out, err := AddRule([]byte(text), []string{"new/**", "other"}, ring)
		if err != nil {
			t.Errorf("%s: add: %v", name, err)
			continue
		}
		if got, ok := mustParse(t, string(out)).RingOf("new/x"); !ok || got != ring {
			t.Errorf("%s: the new rule seals for %q", name, got)
		}
		back, err := RemovePatterns(out, []string{"new/**", "other"})
		if err != nil {
			t.Errorf("%s: remove: %v\n%s", name, err, out)
		} else if !sameMeaning(mustParse(t, string(back)), p) {
			t.Errorf("%s: adding and removing gives\n%s", name, back)
		}
		out, err = AddRing([]byte(text), "ops", []Recipient{{KindAge, "age1ops", nil}, {KindAWSKMS, "arn:aws:kms:eu-west-1:111122223333:alias/y", map[string]string{"region": "eu-west-1"}}})
		if err != nil {
			t.Errorf("%s: add ring: %v", name, err)
			continue
		}
		if back, err := RemoveRing(out, "ops"); err != nil || strings.TrimSpace(string(back)) != strings.TrimSpace(text) {
			t.Errorf("%s: remove ring: %v\n%s", name, err, back)
		}
	}
}

// TestEditGivesUp: a layout that the edits do not know is left alone.
func TestEditGivesUp(t *testing.T) {
	flow := []byte(accepted["flow"])
	if out, err := AddRule(flow, []string{"x"}, "a"); err != errByHand || out != nil {
		t.Errorf("%q, %v", out, err)
	}
	odd := []byte(header + "rules:\n  -\n    paths: [a]\n    ring: dev\n")
	if out, err := RemovePatterns(append(odd, "  - paths: [b]\n    ring: prod\n"...), []string{"a"}); err != errByHand || out != nil {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := AddRule([]byte("version: 2\n"), []string{"x"}, "a"); err == nil || !strings.HasPrefix(err.Error(), Path+":1:10: ") {
		t.Errorf("%v", err)
	}
}

func TestNew(t *testing.T) {
	recipients := []Recipient{
		{KindAge, "age1x", nil},
		{KindAge, "ssh-ed25519 AAAA me@host: x #1", nil},
		{KindAWSKMS, "arn:aws:kms:eu-west-1:111122223333:alias/y", map[string]string{"region": "eu-west-1", "role": "arn:aws:iam::111122223333:role/x"}},
	}
	for _, ring := range []string{"default", "prod", "true", "123", "null", "0x1", "1e3", "2001-01-01"} {
		text := New(testRepository, ring, recipients)
		p := mustParse(t, string(text))
		want := &Policy{Version: 1, Repository: testRepository, Rings: []Ring{{Name: ring, Recipients: recipients}}}
		if !sameMeaning(p, want) {
			t.Errorf("%s: %+v", ring, p)
		}
		if _, err := AddRule(text, []string{"env/**"}, ring); err != nil {
			t.Errorf("%s: %v", ring, err)
		}
		if !bytes.Contains(text, []byte("# ")) {
			t.Error("no comments")
		}
	}
}

// TestAddRuleKeepsRings: adding a rule never changes the ring of a path that
// already has one.
func TestAddRuleKeepsRings(t *testing.T) {
	before := mustParse(t, edited)
	out, err := AddRule([]byte(edited), []string{"**"}, "dev")
	if err != nil {
		t.Fatal(err)
	}
	after := mustParse(t, string(out))
	for _, path := range awkwardPaths {
		if ring, ok := before.RingOf(path); ok {
			if now, _ := after.RingOf(path); now != ring {
				t.Errorf("%q moves from %s to %s", path, ring, now)
			}
		}
	}
}
