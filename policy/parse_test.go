package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// faults are policies with one fault each, and where and what Parse says. They
// serve the schema test too: schema tells whether a JSON Schema can see it.
var faults = []struct {
	name, text, want string
	blind            bool // a schema cannot see the fault
}{
	{"empty", "", "1:1: the file is empty", true},
	{"only comments", "# nothing\n", "1:1: the file is empty", true},
	{"scalar", "hello\n", "1:1: the policy must be a mapping, not a string", false},
	{"list", "- a\n", "1:1: the policy must be a mapping, not a list", false},
	{"syntax", "version: 1\nrings: [\n", "3:1: invalid YAML: ", true},
	{"tab", "version: 1\nrings:\n\tprod: x\n", "3:1: invalid YAML: ", true},
	{"not UTF-8", "version: 1\nrepository: caf\xe9\n", "2:16: not valid UTF-8", true},
	{"two documents", header + "---\nversion: 1\n", ": a second YAML document", true},
	{"anchor", "version: &v 1\n", "1:10: anchors (&v) are not allowed", true},
	{"alias", header + "x: &a 1\ny: *a\n", "10:4: anchors (&a) are not allowed", true},
	{"merge key", header + "<<: {a: 1}\n", "10:1: merge keys are not allowed", true},
	{"tag", "version: !!int 1\n", "1:10: tags are not allowed", true},
	{"unquoted star", header + "rules:\n  - paths: [*.pem]\n    ring: prod\n", "11:13: invalid YAML: ", true},
	{"unquoted bang", header + "rules:\n  - paths:\n    - a\n    - !b\n    ring: prod\n", "13:7: tags are not allowed; a pattern that begins with ! must be quoted", true},
	{"unquoted brace", header + "rules:\n  - paths:\n    - {a}\n    ring: prod\n", "12:7: a pattern must be a string, not a mapping: one that begins with { or [ must be quoted", false},
	{"unquoted bracket", header + "rules:\n  - paths:\n    - [a]\n    ring: prod\n", "12:7: a pattern must be a string, not a list: one that begins with { or [ must be quoted", false},
	{"too deep", header + "scan: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", "nested more than 32 deep", true},

	{"unknown field", header + "rule: []\n", `10:1: unknown field "rule" in the policy: did you mean "rules"?`, false},
	{"unknown field far off", header + "zzz: []\n", `10:1: unknown field "zzz" in the policy: known: version, repository, rings, default_ring, rules, forbid, scan`, false},
	{"duplicate key", header + "version: 1\n", `10:1: duplicate key "version", first on line 1`, true},
	{"duplicate key in scan", header + "scan:\n  gitleaks: true\n  gitleaks: true\n", `12:3: duplicate key "gitleaks", first on line 11`, true},
	{"number as key", header + "1: 2\n", "10:1: a key must be a string: quote it", true},
	{"no version", "repository: " + testRepository + "\nrings: {a: {recipients: [{age: age1x}]}}\n", "1:1: the policy has no `version`", false},
	{"no repository", "version: 1\nrings: {a: {recipients: [{age: age1x}]}}\n", "1:1: the policy has no `repository`", false},
	{"no rings", "version: 1\nrepository: " + testRepository + "\n", "1:1: the policy has no `rings`", false},
	{"version as text", `version: "1"` + "\n", "1:10: version must be the number 1, not a string", false},
	{"version to come", "version: 2\n", "1:10: version 2 is not known", false},
	{"version fraction", "version: 1.5\n", "1:10: version must be the number 1, not a number", false},
	{"repository shape", "version: 1\nrepository: 0D6B3C1E-5f0a-4d6c-9a51-2f7d8e4b1c90\n", "2:13: repository must be a lower-case UUID", false},
	{"repository empty", "version: 1\nrepository:\n", "2:12: repository is empty", false},
	{"repository number", "version: 1\nrepository: 7\n", "2:13: repository must be a string, not a number: quote it", false},

	{"rings empty", "version: 1\nrepository: " + testRepository + "\nrings:\n", "3:7: the policy has no rings", false},
	{"rings empty mapping", "version: 1\nrepository: " + testRepository + "\nrings: {}\n", "3:8: the policy has no rings", false},
	{"rings list", "version: 1\nrepository: " + testRepository + "\nrings: [prod]\n", "3:8: rings must be a mapping of names, not a list", false},
	{"ring name", strings.Replace(header, "  dev:", "  Dev:", 1), `7:3: "Dev" cannot name a ring`, false},
	{"ring name path", strings.Replace(header, "  dev:", "  a/b:", 1), `7:3: "a/b" cannot name a ring`, false},
	{"ring name long", strings.Replace(header, "  dev:", "  "+strings.Repeat("a", 64)+":", 1), "cannot name a ring", false},
	{"duplicate ring", strings.Replace(header, "  dev:", "  prod:", 1), `7:3: duplicate key "prod", first on line 4`, true},
	{"ring scalar", strings.Replace(header, "  dev:\n    recipients:\n      - age: age1devdevdev", "  dev: age1x", 1), `7:8: ring "dev" must be a mapping, not a string`, false},
	{"ring unknown field", strings.Replace(header, "  dev:\n    recipients:", "  dev:\n    recipient:", 1), `8:5: unknown field "recipient" in ring "dev": did you mean "recipients"?`, false},
	{"no recipients", strings.Replace(header, "  dev:\n    recipients:\n      - age: age1devdevdev", "  dev:\n    rotate_every: 1d", 1), `7:3: ring "dev" has no recipients`, false},
	{"recipients empty", strings.Replace(header, "\n      - age: age1devdevdev", " []", 1), `8:17: recipients of ring "dev" is an empty list`, false},
	{"recipients null", strings.Replace(header, "\n      - age: age1devdevdev", "", 1), `8:16: recipients of ring "dev" is empty`, false},
	{"recipient scalar", strings.Replace(header, "- age: age1dev", "- age1dev", 1), "9:9: a recipient is written `KIND: KEY`", false},
	{"recipient unknown kind", strings.Replace(header, "- age: age1dev", "- gpg: age1dev", 1), `9:9: unknown field "gpg" in a recipient`, false},
	{"recipient typo", strings.Replace(header, "- age: age1dev", "- aws_kms: age1dev", 1), `did you mean "aws-kms"?`, false},
	{"two keys in one", strings.Replace(header, "- age: age1devdevdev", "- age: age1dev\n        azure-key: https://v.vault.azure.net/keys/k", 1), "10:20: one recipient names two keys (age and azure-key)", false},
	{"option without key", strings.Replace(header, "- age: age1devdevdev", "- region: eu-west-1", 1), "9:9: a recipient needs one of aws-kms, azure-key, age", false},
	{"option of another kind", strings.Replace(header, "- age: age1devdevdev", "- age: age1dev\n        region: eu-west-1", 1), "10:9: `region` does not go with age", false},
	{"duplicate recipient", strings.Replace(header, "- age: age1devdevdev", "- age: age1dev\n      - age: age1dev", 1), `10:9: duplicate recipient of ring "dev", first on line 9`, true},
	{"age shape", strings.Replace(header, "age1dev", "age2dev", 1), "9:14: age must be a public recipient, age1… or ssh-ed25519 …", false},
	{"age secret", strings.Replace(header, "age1devdevdev", "AGE-SECRET-KEY-1QQQQ", 1), "9:14: this is a secret key", false},
	{"aws shape", strings.Replace(header, "age: age1devdevdev", "aws-kms: alias/x", 1), "9:18: aws-kms must be a key or alias ARN", false},
	{"aws regions with a space", withRegion("eu-west-2, us-east-1"), "10:17: region must be region names such as", false},
	{"aws regions with nothing between", withRegion("eu-west-2,,us-east-1"), "10:17: region must be", false},
	{"aws regions, one too many", withRegion("eu-west-2" + strings.Repeat(",us-east-1", 8)), "10:17: region must be", false},
	{"aws region as a host", withRegion("eu-west-2.example.com"), "10:17: region must be", false},
	{"role shape", strings.Replace(header, "age: age1devdevdev", "aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/x\n        role: me", 1), "10:15: role must be a role ARN", false},
	{"azure shape", strings.Replace(header, "age: age1devdevdev", "azure-key: http://v.vault.azure.net/keys/k", 1), "9:20: azure-key must be a key URL", false},
	{"rotate number", strings.Replace(header, "  dev:\n", "  dev:\n    rotate_every: 90\n", 1), "8:19: rotate_every must be a string, not a number", false},
	{"rotate unit", strings.Replace(header, "  dev:\n", "  dev:\n    rotate_every: 3 months\n", 1), "8:19: rotate_every must be days (90d) or a duration", false},
	{"rotate zero", strings.Replace(header, "  dev:\n", "  dev:\n    rotate_every: 0h\n", 1), "8:19: rotate_every must be days (90d) or a duration above zero", true},
	{"require kind", strings.Replace(header, "  dev:\n", "  dev:\n    require: [aws]\n", 1), `8:15: unknown kind "aws" in require`, false},
	{"require twice", strings.Replace(header, "  dev:\n", "  dev:\n    require: [age, age]\n", 1), `8:20: duplicate kind "age" in require`, false},
	{"require empty", strings.Replace(header, "  dev:\n", "  dev:\n    require: []\n", 1), "8:14: require is an empty list", false},
	{"former name in use", strings.Replace(header, "  dev:\n", "  dev:\n    formerly: [prod]\n", 1), `8:16: "prod" is a name of ring "prod": each belongs to one ring`, true},
	{"former name twice", strings.Replace(header, "  dev:\n", "  dev:\n    formerly: [a, a]\n", 1), `8:19: duplicate name "a" in formerly`, false},
	{"former name of two", strings.Replace(strings.Replace(header, "  dev:\n", "  dev:\n    formerly: [a]\n", 1), "  prod:\n", "  prod:\n    formerly: [a]\n", 1), `each belongs to one ring`, true},
	{"former name", strings.Replace(header, "  dev:\n", "  dev:\n    formerly: [A]\n", 1), `8:16: "A" cannot have been the name of a ring`, false},
	{"former names empty", strings.Replace(header, "  dev:\n", "  dev:\n    formerly: []\n", 1), "8:15: formerly is an empty list", false},
	{"default ring", header + "default_ring: prd\n", `10:15: unknown ring "prd": did you mean "prod"?`, true},

	{"rules mapping", header + "rules:\n  paths: [a]\n", "11:3: rules must be a list, not a mapping", false},
	{"rules empty", header + "rules: []\n", "10:8: rules is an empty list", false},
	{"rules null", header + "rules:\n", "10:7: rules is empty", false},
	{"rule scalar", header + "rules: [a]\n", "10:9: a rule must be a mapping, not a string", false},
	{"rule unknown field", header + "rules:\n  - path: [a]\n    ring: prod\n", `11:5: unknown field "path" in a rule: did you mean "paths"?`, false},
	{"rule without paths", header + "rules:\n  - ring: prod\n", "11:5: the rule has no `paths`", false},
	{"rule without ring", header + "rules:\n  - paths: [a]\n", "11:5: the rule has no `ring`", false},
	{"unknown ring", header + "rules:\n  - paths: [a]\n    ring: pord\n", `12:11: unknown ring "pord": did you mean "prod"?`, true},
	{"two rings in one rule", header + "rules:\n  - paths: [a]\n    ring: [prod, dev]\n", "12:11: two rings sealing one path in one rule: ", false},
	{"ring given twice", header + "rules:\n  - paths: [a]\n    ring: prod\n    ring: dev\n", "13:5: two rings sealing one path in one rule: ", true},
	{"rings in a rule", header + "rules:\n  - paths: [a]\n    rings: [prod, dev]\n", `12:5: unknown field "rings" in a rule: did you mean "ring"?`, false},
	{"one pattern two rings", policyWith([]string{"prod", "x", "a/**"}, []string{"dev", "a/**"}), `13:13: pattern "a/**" is already sealed for ring "prod" by line 11`, true},
	{"one pattern two rings, other spelling", policyWith([]string{"prod", "{a,b}/x"}, []string{"dev", "/{b,a}/x"}), `13:13: pattern "/{b,a}/x" is already sealed for ring "prod" by line 11`, true},
	{"duplicate pattern", policyWith([]string{"prod", "a", "/a"}), `11:18: duplicate pattern "/a", first on line 11`, true},
	{"duplicate in another rule", policyWith([]string{"prod", "a"}, []string{"dev", "b"}, []string{"prod", "a"}), `15:13: duplicate pattern "a", first on line 11`, true},
	{"pattern and its exclusion", policyWith([]string{"prod", "a", "!a"}), `11:18: "!a" contradicts "a" on line 11`, true},
	{"paths scalar", header + "rules:\n  - paths: a/**\n    ring: prod\n", `11:12: paths must be a list: write ["a/**"]`, false},
	{"paths empty", header + "rules:\n  - paths: []\n    ring: prod\n", "11:12: paths is an empty list", false},
	{"only exclusions", policyWith([]string{"prod", "!a"}), "11:12: paths only excludes", false},
	{"pattern number", header + "rules:\n  - paths: [1]\n    ring: prod\n", "11:13: a pattern must be a string, not a number: quote it", false},
	{"pattern empty", policyWith([]string{"prod", ""}), "11:13: a pattern is empty", false},
	{"pattern bang", policyWith([]string{"prod", "!"}), `11:13: impossible pattern "!": the pattern is empty`, false},
	{"pattern folder", policyWith([]string{"prod", "a/"}), `11:13: impossible pattern "a/": a pattern matches files, so it cannot end in a slash: for everything below the folder write "a/**"`, false},
	{"pattern stars", policyWith([]string{"prod", "a/**.pem"}), "11:13: impossible pattern \"a/**.pem\": ** must stand alone", true},
	{"pattern class", policyWith([]string{"prod", "a[b"}), "11:13: impossible pattern \"a[b\": [ is never closed", true},
	{"pattern brace", policyWith([]string{"prod", "ok", "a{b"}), "11:19: impossible pattern \"a{b\": { is never closed", true},
	{"pattern backslash", policyWith([]string{"prod", `env\prod`}), `11:13: impossible pattern "env\\prod": \p: a backslash only`, true},
	{"pattern dot", policyWith([]string{"prod", "./a"}), `11:13: impossible pattern "./a": "." is no part of a path`, true},
	{"pattern long", policyWith([]string{"prod", strings.Repeat("a", 4097)}), "the pattern is longer than 4096 bytes", false},
	{"forbid empty", header + "forbid: []\n", "10:9: forbid is an empty list", false},
	{"forbid mapping", header + "forbid: {a: b}\n", "10:9: forbid must be a list, not a mapping", false},
	{"forbid pattern", header + "forbid: ['{a']\n", "10:10: impossible pattern", true},
	{"scan list", header + "scan: []\n", "10:7: scan must be a mapping, not a list", false},
	{"scan unknown", header + "scan: {ruels: []}\n", `10:8: unknown field "ruels" in scan: did you mean "rules"?`, false},
	{"scan disable id", header + "scan: {disable: [Bad_ID]}\n", "10:18: \"Bad_ID\" cannot be the id of a rule", false},
	{"scan disable twice", header + "scan: {disable: [ab-c, ab-c]}\n", "duplicate rule \"ab-c\" in disable", true},
	{"scan gitleaks", header + "scan: {gitleaks: maybe}\n", "10:18: gitleaks must be true or false, not a string", false},
	{"scan rule without id", header + "scan: {rules: [{keywords: [abc], value: x}]}\n", "a rule of scan has no `id`", false},
	{"scan rule with both", header + "scan: {rules: [{id: ab, keywords: [abc], value: x, pattern: y}]}\n", "needs either `pattern` or `value`", false},
	{"scan rule without keywords", header + "scan: {rules: [{id: ab, value: x}]}\n", "has no `keywords`", false},
	{"scan rule twice", header + "scan: {rules: [{id: ab, value: x, keywords: [abc]}, {id: ab, value: x, keywords: [abc]}]}\n", `duplicate rule id "ab"`, true},
	{"scan keyword", header + "scan: {rules: [{id: ab, value: x, keywords: [ab]}]}\n", "must be three or more ASCII characters", false},
	{"scan severity", header + "scan: {rules: [{id: ab, value: x, keywords: [abc], severity: huge}]}\n", `unknown severity "huge"`, false},
	{"scan entropy", header + "scan: {rules: [{id: ab, value: x, keywords: [abc], entropy: 9}]}\n", "entropy must be a number from 0 to 8", false},
	{"scan pattern", header + "scan: {rules: [{id: ab, pattern: '(x', keywords: [abc]}]}\n", "pattern is an impossible pattern", true},
	{"scan empty pattern", header + "scan: {rules: [{id: ab, pattern: 'x*', keywords: [abc]}]}\n", "it matches the empty text", true},
	{"scan groups", header + "scan: {rules: [{id: ab, pattern: '(x)(y)', keywords: [abc]}]}\n", "it has 2 groups", true},
	{"bad column after wide characters", header + "rules:\n  - paths: [\"日本/é\", {x: 1}]\n    ring: prod\n", "11:21: a pattern must be a string", false},
}

func TestParseFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			p, err := Parse([]byte(f.text), "policy.yaml")
			var fault *Error
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, %v", p, err)
			}
			if p != nil || !strings.Contains(err.Error(), f.want) || !strings.HasPrefix(err.Error(), "policy.yaml:") {
				t.Errorf("got  %v\nwant …%s", err, f.want)
			}
			if strings.Contains(err.Error(), "QQQQ") {
				t.Error("the message repeats a secret")
			}
		})
	}
}

// withRegion is a policy with a multi-Region key.
func withRegion(list string) string {
	return strings.Replace(header, "- age: age1devdevdev", "- aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/x\n        region: \""+list+"\"", 1)
}

// accepted are policies that must parse.
var accepted = map[string]string{
	"least": header,
	"full": `# a comment
version: 1
repository: ` + testRepository + `
default_ring: prod
rings:
  prod:
    recipients:
      - aws-kms: arn:aws:kms:eu-west-1:111122223333:alias/prod-secrets # why
        role: arn:aws:iam::111122223333:role/ci
        region: eu-west-2,us-east-1
      - aws-kms: arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234
      - azure-key: https://acme-prod.vault.azure.net/keys/git-secrets
      - azure-key: https://acme.managedhsm.azure.net/keys/k/0123456789abcdef0123456789abcdef
      - age: age1yubikey1qwertz
      - age: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx me@host
      - age: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB==
    rotate_every: 90d
    require: [aws-kms, azure-key]
  dev_1:
    rotate_every: 1.5h
    recipients: [{age: age1x}]
rules:
  - paths: ["env/prod/**", "!**/README.md"]
    ring: prod
  - ring: dev_1
    paths:
      - '**/*.{pem,key}'
      - dir/file name.txt
forbid: ["**/*.tfstate", "!**/example.tfstate"]
scan:
  disable: [generic-password]
  gitleaks: false
  rules:
    - id: acme-token
      title: token of Acme's own
      severity: critical
      keywords: [acme_, ACME-]
      pattern: 'acme_[0-9a-f]{32}'
      path: '\.(env|yaml)$'
      not_path: '^docs/'
      entropy: 2.5
    - {id: acme-key, keywords: [acme], value: '[0-9a-f]{32}'}
`,
	"flow":          `{version: 1, repository: ` + testRepository + `, rings: {a: {recipients: [{age: age1x}]}}}`,
	"CRLF":          strings.ReplaceAll(header, "\n", "\r\n"),
	"BOM":           "\ufeff" + header,
	"empty scan":    header + "scan: {}\n",
	"key in hex":    strings.Replace(header, "version: 1", "version: 0x1", 1),
	"same excluded": policyWith([]string{"prod", "a/**", "!**/x"}, []string{"dev", "b/**", "!**/x"}),
}

func TestParseAccepts(t *testing.T) {
	for name, text := range accepted {
		if _, err := Parse([]byte(text), "policy.yaml"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := mustParse(t, accepted["full"])
	r, ok := p.Ring("prod")
	if !ok || len(r.Recipients) != 7 || r.Recipients[0].Options["role"] == "" || len(r.Require) != 2 || p.Rings[1].Name != "dev_1" || p.Scan == nil {
		t.Errorf("%+v", p)
	}
}

func TestParseBounds(t *testing.T) {
	if _, err := Parse(make([]byte, MaxSize+1), "p"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("big file: %v", err)
	}
	many := []string{"prod"}
	for i := range MaxPatterns + 1 {
		many = append(many, fmt.Sprint("f", i))
	}
	if _, err := parseRules(many[:MaxPatterns+1]); err != nil {
		t.Errorf("most patterns: %v", err)
	}
	if _, err := parseRules(many); err == nil || !strings.Contains(err.Error(), "more than 10000 patterns") {
		t.Errorf("too many patterns: %v", err)
	}
	for _, bomb := range []string{strings.Repeat("[", 500_000), strings.Repeat("{a: ", 200_000), strings.Repeat("- ", 500_000), strings.Repeat("? ", 500_000), strings.Repeat("a: &a\n", 100_000)} {
		if _, err := Parse([]byte(bomb), "p"); err == nil {
			t.Errorf("%.10q… is accepted", bomb)
		}
	}
}

func TestPolicyMadeByHandPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	(&Policy{}).RingOf("a")
}

func TestErrorString(t *testing.T) {
	for want, e := range map[string]*Error{
		"f:1:2: m": {"f", 1, 2, "m"}, "f:1: m": {"f", 1, 0, "m"}, "f: m": {"f", 0, 0, "m"}, "m": {"", 0, 0, "m"},
	} {
		if e.Error() != want {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}
