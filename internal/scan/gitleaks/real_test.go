package gitleaks

import (
	"slices"
	"strings"
	"testing"
)

// realistic is what a company's configuration looks like.
const realistic = `# Secrets of this company.
title = "acme"
minVersion = "v8.25.0"

[extend]
useDefault = true
disabledRules = ["generic-api-key", "aws-access-token"]

[[rules]]
id = "acme-live-key"
description = "live key of the Acme API"
regex = '''(?i)\b(acme_live_[a-z0-9]{24})(?:[\x60'"\s;]|\\[nr]|$)'''
entropy = 3
keywords = ["acme_live_"]
tags = ["acme", "key"]

    [[rules.allowlists]]
    description = "made up for the tests"
    condition = "AND"
    paths = ['''(^|/)testdata/''']
    stopwords = ["0000"]

[[rules]]
id = "initech-password"
description = "password of the Initech portal"
regex = '''initech_(?:user|admin)\s*[:=]\s*(["'])([^"'\n]{8,64})["']'''
secretGroup = 2
keywords = ["initech_"]

[[rules]]
id = "key-store"
description = "Java key store"
path = '''(?i)\.(jks|keystore)$'''

[[rules]]
id = "github-pat"
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''gh-cli-example''']

[[allowlists]]
description = "generated"
paths = ['''(^|/)package-lock\.json$''', '''\.snap$''']

[[allowlists]]
targetRules = ["initech-password"]
commits = ["8bc1e6ab8a7a9cd1cdb1a2a6a1a9f3a5d9f1b2c3"]
`

func TestRealistic(t *testing.T) {
	c, warnings := parse(t, realistic)
	want := []string{
		`c: disabledRules: none of our rules is "generic-api-key"`,
		"c:36: rule github-pat: allowlist: its regexes are for the line, but are tried on the secret alone",
	}
	if !slices.Equal(warnings, want) {
		t.Errorf("warnings %q, want %q", warnings, want)
	}
	key := "acme_live_" + strings.Repeat("a1b2c3d4", 3)
	made := "acme_live_" + strings.Repeat("0000", 5) + "abcd"
	text := "first = \"" + key + "\"\nAKIA" + strings.Repeat("ABCD", 4) + "\n  initech_admin: 'correct horse'\n" + made + "\n"
	want = []string{"acme-live-key " + key, "initech-password correct horse"}
	if got := found(t, c, text); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	decisions := []struct {
		rule, secret, path, commit string
		reason                     string
	}{
		{"acme-live-key", made, "a/testdata/b", "", "made up for the tests"},
		{"acme-live-key", key, "a/testdata/b", "", ""},
		{"acme-live-key", made, "a/b", "", ""},
		{"github-pat", key, "a/package-lock.json", "", "generated"},
		{"initech-password", "x", "a", "8bc1e6ab8a7a9cd1cdb1a2a6a1a9f3a5d9f1b2c3", "c: allowlist 2"},
		{"acme-live-key", key, "a", "8bc1e6ab8a7a9cd1cdb1a2a6a1a9f3a5d9f1b2c3", ""},
	}
	for _, d := range decisions {
		reason, _ := c.Judge(Found{Rule: d.rule, Secret: []byte(d.secret)}).Allows(d.path, []string{d.commit})
		if reason != d.reason {
			t.Errorf("%s at %s: %q, want %q", d.rule, d.path, reason, d.reason)
		}
	}
	line := Found{Rule: "github-pat", Secret: []byte(key), Line: []byte("token: x # gh-cli-example")}
	if _, ok := c.Judge(line).Allows("a", nil); !ok {
		t.Error("allowlist by line does not hold")
	}
	if !c.PathRules[0].Applies("a/prod.JKS") {
		t.Error("rule by path does not apply")
	}
}
