package check

import (
	"errors"
	"strings"
	"testing"
)

const wrappedFile = `{
  "version": 1,
  "repository": "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11",
  "ring": "prod",
  "key_id": "00112233445566778899aabbccddeeff",
  "created": "2026-01-31T12:00:00Z",
  "recipient": {
    "kind": "aws-kms",
    "uri": "arn:aws:kms:eu-west-1:111122223333:alias/prod"
  },
  "wrapped": {
    "key": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "algorithm": "SYMMETRIC_DEFAULT",
    "ciphertext": "bm90IHJlYWxseSBhbiBhZ2UgZmlsZQ=="
  },
  "mac": "UbG/oR9Mn3eoLjkj4vVJshpi5ATK21RGfUMyy8rlinc="
}
`

// TestRewrapped: the three values of "wrapped" may change, and nothing else, nor
// may anything hide in them.
func TestRewrapped(t *testing.T) {
	p := parse(t, base)
	const key, algorithm, ciphertext = "1234abcd-12ab-34cd-56ef-1234567890ab", "SYMMETRIC_DEFAULT", "bm90IHJlYWxseSBhbiBhZ2UgZmlsZQ=="
	for _, tt := range []struct{ name, old, with, want string }{
		{"key", key, "0000abcd-12ab-34cd-56ef-1234567890ab", ""},
		{"algorithm", algorithm, "A256KW", ""},
		{"ciphertext", ciphertext, "AAAA", ""},
		{"longest ciphertext", ciphertext, strings.Repeat("AAAA", 2730) + "AAA=", ""},
		{"repository", "0d6b3c1e", "0d6b3c1f", KeyFileChanged},
		{"ring", `"prod"`, `"dev"`, KeyFileChanged},
		{"key id", "0011", "0012", KeyFileChanged},
		{"created", "2026", "2025", KeyFileChanged},
		{"kind", "aws-kms", "age", KeyFileChanged},
		{"uri", "alias/prod", "alias/dev", KeyFileChanged},
		{"mac", "UbG/", "VbG/", KeyFileChanged},
		{"version", "1,", "2,", KeyFileChanged},
		{"a member more", "  \"mac\"", "  \"more\": 1,\n  \"mac\"", KeyFileChanged},
		{"a member more inside", "    \"ciphertext\"", "    \"more\": \"1\",\n    \"ciphertext\"", KeyFileChanged},
		{"a member less", "    \"algorithm\": \"SYMMETRIC_DEFAULT\",\n", "", KeyFileChanged},
		{"a quote", algorithm, `a", "created": "2025`, KeyFileChanged},
		{"an escape", algorithm, `a\u0041`, KeyFileChanged},
		{"a line end", algorithm, "a\nb", KeyFileChanged},
		{"no key", "arn:aws:kms:eu-west-1:111122223333:key/" + key, "", KeyFileChanged},
		{"no algorithm", algorithm, "", KeyFileChanged},
		{"too long an algorithm", algorithm, strings.Repeat("a", 65), KeyFileChanged},
		{"no ciphertext", ciphertext, "", KeyFileChanged},
		{"not base64", ciphertext, "AAA", KeyFileChanged},
		{"stray bits", ciphertext, "AAB=", KeyFileChanged},
		{"too long a ciphertext", ciphertext, strings.Repeat("AAAA", 2731), KeyFileChanged},
		{"cut", "  \"mac\"", "", KeyFileChanged},
		{"two of them", "  \"wrapped\": {\n", "  \"wrapped\": {\n  },\n  \"wrapped\": {\n", KeyFileChanged},
		{"CRLF", "\n", "\r\n", KeyFileChanged},
		{"trailing", "}\n", "}\n\n", KeyFileChanged},
		{"too large", "  \"mac\"", strings.Repeat(" ", maxKeyFile) + "  \"mac\"", KeyFileChanged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, changed := text(wrappedFile), text(strings.ReplaceAll(wrappedFile, tt.old, tt.with))
			old.OID, changed.OID = "1", "2"
			for _, ch := range []Change{{".envelope/keys/prod/00/a.json", old, changed}, {".envelope/keys/prod/00/a.json", changed, old}} {
				found, err := checker(p, p).Change(t.Context(), ch)
				if got := rules(found); err != nil || got != tt.want {
					t.Errorf("%q, %v, want %q", got, err, tt.want)
				}
			}
		})
	}
	both := text(strings.Repeat(" ", maxKeyFile) + wrappedFile)
	renewed := text(strings.Repeat(" ", maxKeyFile) + strings.Replace(wrappedFile, ciphertext, "AAAA", 1))
	found, err := checker(p, p).Change(t.Context(), Change{".envelope/keys/prod/00/a.json", both, renewed})
	if got := rules(found); err != nil || got != KeyFileChanged {
		t.Errorf("too large on both sides: %q, %v", got, err)
	}
	gone := missing()
	if _, err := checker(p, p).Change(t.Context(), Change{".envelope/keys/prod/00/a.json", text(wrappedFile), gone}); !errors.Is(err, errGone) {
		t.Errorf("an unreadable one: %v", err)
	}
}

func FuzzWithoutWrapped(f *testing.F) {
	f.Add([]byte(wrappedFile))
	f.Add([]byte("  },\n  \"wrapped\": {\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rest, ok := withoutWrapped(data)
		if !ok {
			return
		}
		again, ok := withoutWrapped([]byte(strings.Replace(string(data), "    \"ciphertext\": \"", "    \"ciphertext\": \"AAAA", 1)))
		if len(rest) >= len(data) || ok && string(again) != string(rest) {
			t.Errorf("%q has the rest %q", data, rest)
		}
	})
}
