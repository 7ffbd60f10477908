package azurekv_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
)

const version = "0123456789abcdef0123456789abcdef"

func TestCheck(t *testing.T) {
	p := azurekv.New(azurekv.Options{})
	for _, tt := range []struct {
		url  string
		hint string // "ok", or what the spelling should be, or "" for none
	}{
		{vault + "git", "ok"},
		{vault + "git/" + version, "ok"},
		{vault + "Git-2", "ok"},
		{hsm + "git", "ok"},
		{"https://acme.vault.usgovcloudapi.net/keys/git", "ok"},
		{"https://acme.managedhsm.azure.cn/keys/git", "ok"},
		{"https://vault.example/keys/git", "ok"},
		{"https://vault.example:8443/keys/git", "ok"},
		{"https://127.0.0.1:8443/keys/git", "ok"},
		{"https://localhost/keys/" + strings.Repeat("a", 127), "ok"},

		{"HTTPS://acme-prod.vault.azure.net/keys/git", vault + "git"},
		{"https://ACME-prod.vault.azure.net/keys/git", vault + "git"},
		{vault + "git/", vault + "git"},
		{vault + "git/" + version + "/", vault + "git/" + version},
		{"https://acme-prod.vault.azure.net:443/keys/git", vault + "git"},

		{"", ""},
		{"git", ""},
		{"http://acme-prod.vault.azure.net/keys/git", ""},
		{"https:/acme-prod.vault.azure.net/keys/git", ""},
		{"https://acme-prod.vault.azure.net/secrets/git", ""},
		{"https://acme-prod.vault.azure.net/keys", ""},
		{vault, ""},
		{vault + "/git", ""},
		{vault + "git/" + version + "/unwrapkey", ""},
		{vault + "git/" + strings.ToUpper(version), ""},
		{vault + "git/" + version[1:], ""},
		{vault + "git/" + version + "0", ""},
		{vault + "git/../other", ""},
		{vault + "git%2f", ""},
		{vault + "git_2", ""},
		{vault + "git?api-version=7.4", ""},
		{vault + "git#", ""},
		{vault + strings.Repeat("a", 128), ""},
		{"https://user@acme-prod.vault.azure.net/keys/git", ""},
		{"https://acme-prod.vault.azure.net\\@evil.example/keys/git", ""},
		{"https://acme-prod.vault.azure.net:8443/keys/git", ""},
		{"https://acme-prod.vault.azure.net./keys/git", ""},
		{"https://.vault.azure.net/keys/git", ""},
		{"https://-acme.vault.azure.net/keys/git", ""},
		{"https://acme..azure.net/keys/git", ""},
		{"https://" + strings.Repeat("a", 64) + ".vault.azure.net/keys/git", ""},
		{"https://vault.example:0/keys/git", ""},
		{"https://vault.example:08443/keys/git", ""},
		{"https://vault.example:65536/keys/git", ""},
		{"https://vault.example:/keys/git", ""},
		{"https://[::1]/keys/git", ""},
	} {
		err := p.Check(recipient(tt.url))
		if tt.hint == "ok" {
			if err != nil {
				t.Errorf("Check(%q): %v", tt.url, err)
			}
			continue
		}
		var e *keys.Error
		if !errors.As(err, &e) || e.Kind != keys.Unsupported {
			t.Errorf("Check(%q): %v", tt.url, err)
		} else if want := strings.TrimSuffix("write it as: "+tt.hint, "write it as: "); e.Hint != want {
			t.Errorf("Check(%q): hint %q, want %q", tt.url, e.Hint, want)
		}
		got, err := p.Canonical(recipient("\t" + tt.url + " \n"))
		if (err == nil) != (tt.hint != "") || got.URI != tt.hint {
			t.Errorf("Canonical(%q) = %q, %v; want %q", tt.url, got.URI, err, tt.hint)
		}
	}
}

// FuzzCheck: what Check accepts is its own canonical form, and what Canonical
// makes is accepted.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{vault + "git", vault + "git/" + version, " HTTPS://A.vault.azure.net:443/keys/X/ ", "https://127.0.0.1:8443/keys/git", "https://vault.example:443/keys/a/", "https://a@b/keys/c"} {
		f.Add(seed)
	}
	p := azurekv.New(azurekv.Options{})
	f.Fuzz(func(t *testing.T, url string) {
		r := recipient(url)
		c, err := p.Canonical(r)
		if p.Check(r) == nil && (err != nil || c.URI != url) {
			t.Errorf("Check accepts %q, Canonical makes it %q, %v", url, c.URI, err)
		}
		if err == nil && p.Check(c) != nil {
			t.Errorf("Canonical(%q) = %q, which Check refuses", url, c.URI)
		}
	})
}
