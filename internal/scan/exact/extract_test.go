package exact

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestWorthy(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"", "Tr0ub4dor&3", true},
		{"", "hunter2hunter2", true},
		{"password", "sunshine2024", true},
		{"passphrase", "correct horse battery staple", true},
		{"db_password", "correct-horse-battery-staple", true},
		{"", "correcthorsebatterystaple", true},
		{"", random(r, letters, 20), true},
		{"", random(r, "0123456789abcdef", 32), true},
		{"", "/" + random(r, text64, 43), true},
		{"", random(r, signs[:80], 12), true},
		{"client_secret", "8b2f0a4e-11d3-4c55-9a61-" + "0123a5678f9c", true},
		{"pin_token", "8301947265", true},
		{"value", "p@ssW0rd!", true},
		{"region", "eu-west-1", false},
		{"env", "production", false},
		{"password", "postgres", false},
		{"", "postgres", false},
		{"x", "https://example.com/x", false},
		{"x", "true", false},
		{"x", "10.0.0.12", false},
		{"x", "10.0.0.12:5432", false},
		{"x", "10.0.0.0/16", false},
		{"x", "fe80::1ff:fe23:4567:890a", false},
		{"admin", "admin@" + "example.com", false},
		{"tenant_id", "8b2f0a4e-11d3-4c55-9a61-" + "0123a5678f9c", false},
		{"x", "123456789", false},
		{"x", "3.141592653589793", false},
		{"x", "2024-02-29T12:30:00Z", false},
		{"x", "v1.22.3-beta.1", false},
		{"x", "/var/lib/postgresql/data", false},
		{"x", "./config/settings.yaml", false},
		{"x", "ghcr.io/acme/service:v12", false},
		{"x", "db.internal.acme.io", false},
		{"x", "utf8mb4_unicode_ci", false},
		{"x", "ubuntu-22.04-lts", false},
		{"x", "MyServiceName", false},
		{"x", "(see structcheck)", false},
		{"x", "*modules.*/internal*", false},
		{"secretName", "database-credentials", false},
		{"password", "changeme-please-1", false},
		{"password", "${DB_PASSWORD}", false},
		{"password", "{{ .Values.password }}", false},
		{"password", "xxxxxxxxxxxx", false},
		{"password", "<your password>", false},
		{"password", "aaaaaaaaaaaa1", false},
		{"x", "arn:aws:iam::111122223333:role/deploy", false},
		{"x", "ssh-ed25519 " + random(r, text64, 68), false},
		{"x", "A sentence that tells what this is for", false},
		{"x", "sha256:" + random(r, "0123456789abcdef", 64), false},
	} {
		if got := worthy(test.name, test.value); got != test.want {
			t.Errorf("%s = %q: %v", test.name, test.value, got)
		}
	}
}

// secrets are made anew for each run of the tests.
func secrets(n int) (out []string) {
	r := rand.New(rand.NewPCG(4, 10))
	for range n {
		out = append(out, "q"+random(r, letters, 20)+"7Z")
	}
	return out
}

func TestExtract(t *testing.T) {
	s := secrets(8)
	key := base64.StdEncoding.EncodeToString([]byte(strings.Join(secrets(20), "")))
	block := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(strings.Join(secrets(20), ""))}))
	body := strings.TrimRight(key, "=")
	public := strings.ReplaceAll(block, "PRIVATE", "PUBLIC")
	indent := func(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ") }
	encoded := base64.StdEncoding.EncodeToString([]byte(s[1]))
	for _, test := range []struct {
		path, text string
		want       []string // key=value
	}{
		{"a.yaml", "db:\n  password: " + s[0] + "\n  hosts:\n  - name: production\n    key: '" + s[1] + "'\n---\nx: [a, \"" + s[2] + "\"]\n# old: " + s[3] + "\n",
			[]string{"db.password=" + s[0], "db.hosts[0].key=" + s[1], "x[1]=" + s[2], "old=" + s[3]}},
		{"b.yml", "tls:\n  key: |\n    " + indent(block) + "\n  ca: |\n    " + indent(public) + "\n", []string{"tls.key.private key=" + body}},
		{"c.yaml", "stringData:\n  app.env: |\n    A=" + s[0] + "\n    B=x\ndata:\n  token: " + encoded + "\n",
			[]string{"stringData.app.env.A=" + s[0], "data.token=" + encoded, "data.token=" + s[1]}},
		{"broken.yaml", "{{- if .x }}\npassword: " + s[0] + "\n\ttoken: \"" + s[1] + "\"\n", []string{"password=" + s[0], "token=" + s[1]}},
		{"a.json", `{"db": {"password": "` + s[0] + `", "ports": [1, 2], "keys": ["x", {"k": "` + s[1] + `"}]}, "z": null, "y": "` + s[2] + `"}`,
			[]string{"db.password=" + s[0], "db.keys[1].k=" + s[1], "y=" + s[2]}},
		{"sa.json", `{"private_key": "` + strings.ReplaceAll(block, "\n", `\n`) + `"}`, []string{"private_key.private key=" + body}},
		{".env", "export A='" + s[0] + "'\nB=\"" + s[1] + "\" # note\nC=" + s[2] + " # note\n#D=" + s[3] + "\nHOST=db.acme.io\nURL=postgres://app:" + s[4] + "@db:5432/x\n",
			[]string{"A=" + s[0], "B=" + s[1], "C=" + s[2], "D=" + s[3], "URL=" + s[4]}},
		{"x.tfvars", "db_password = \"" + s[0] + "\"\nkeys = [\"" + s[1] + "\", \"" + s[2] + "\"]\nm = { a = \"" + s[3] + "\" }\n",
			[]string{"db_password=" + s[0], "keys=" + s[1], "keys=" + s[2], "m=" + s[3]}},
		{"x.properties", "spring.datasource.password=" + s[0] + "\n! a comment\nk : " + s[1] + "\n",
			[]string{"spring.datasource.password=" + s[0], "k=" + s[1]}},
		{"x.ini", "[client]\nuser=root\npassword=" + s[0] + "\n[a.b]\nk=\"a b" + s[1] + "\"\n", []string{"client.password=" + s[0]}},
		{"x.xml", "<?xml version=\"1.0\"?><configuration><add key=\"Token\" value=\"" + s[0] + "\"/><x pass=\"" + s[1] + "\">" + s[2] + "</x><add name=\"Db\" connectionString=\"Server=db;Database=x;Password=" + s[3] + "\"/></configuration>",
			[]string{"configuration.add.Token=" + s[0], "configuration.x.pass=" + s[1], "configuration.x=" + s[2], "configuration.add.connectionString.Password=" + s[3]}},
		{"token", s[0] + "\n", []string{"=" + s[0]}},
		{"token64", key + "\n", []string{"=" + key}},
		{".netrc", "machine api.acme.io login bot password " + s[0] + "\n", []string{"password=" + s[0]}},
		{".pgpass", "db.acme.io:5432:app:bot:" + s[0] + "\n", []string{"password=" + s[0]}},
		{"key.pem", block, []string{"private key=" + body}},
		{"cert.pem", public, nil},
		{"README.md", "# The title of this\n\nSome words, and a `code` example. See https://acme.io/docs.\n", nil},
	} {
		var got []string
		for _, v := range Extract(test.path, []byte(test.text)) {
			_, key, _ := strings.Cut(v.Source, ": ")
			got = append(got, key+"="+string(v.secret))
		}
		for _, want := range test.want {
			_, secret, _ := strings.Cut(want, "=")
			if !slices.ContainsFunc(got, func(g string) bool {
				gk, gs, _ := strings.Cut(g, "=")
				wk, _, _ := strings.Cut(want, "=")
				return gs == secret && strings.HasSuffix(gk, wk)
			}) {
				t.Errorf("%s: no %q in %q", test.path, want, got)
			}
		}
		if len(test.want) == 0 && len(got) > 0 {
			t.Errorf("%s: %q", test.path, got)
		}
	}
}

// TestPEM: a key is found however it is wrapped.
func TestPEM(t *testing.T) {
	der := []byte(strings.Join(secrets(40), ""))
	m := New(Extract("key.pem", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der})))
	if m.Len() != 1 {
		t.Fatalf("%v", m)
	}
	one := base64.StdEncoding.EncodeToString(der)
	for _, text := range []string{one, wrap(one, 76, "\r\n"), wrap(one, 64, `\n`), wrap(one, 48, "\n      "), wrap(one, 60, "\" +\n  \"")} {
		if got := find(m, "k = \""+text+"\"\n"); len(got) != 1 {
			t.Errorf("%q: %d findings", text[:80], len(got))
		}
	}
}

// TestBombs: what unfolds or nests without end is read in bounds.
func TestBombs(t *testing.T) {
	bomb := "a0: &a0 [x, " + secrets(1)[0] + "]\n"
	for i := range 30 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	for name, text := range map[string]string{
		"a.yaml": bomb, "b.yaml": strings.Repeat("[", 1<<17), "c.json": strings.Repeat("[", 1<<20), "d.json": strings.Repeat(`{"a":`, 1<<18),
		"e.xml": strings.Repeat("<a>", 1<<18), "f": strings.Repeat("-----BEGIN A-----", 1<<15), "g": strings.Repeat("a=", 1<<18), "h": strings.Repeat("\"", 1<<20),
	} {
		if n := len(Extract(name, []byte(text))); n > 2 {
			t.Errorf("%s: %d values", name, n)
		}
	}
}

// TestSpeakable: a name that is itself a secret is not printed, others are.
func TestSpeakable(t *testing.T) {
	s := secrets(2)
	token := s[0] + s[0] + "7xQ"
	for key, want := range map[string]string{
		"tokens." + token:             "tokens.…",
		token + "[3].owner":           "…[3].owner",
		"a." + token + "." + token:    "a.….…",
		"spring.datasource.password":  "",
		"SPRING_DATASOURCE_PASSWORD":  "",
		"OAUTH2_CLIENT_SECRET":        "",
		"clients[12].refreshToken":    "",
		"private key":                 "",
		"a-rather-long-name-of-a-key": "",
	} {
		if want == "" {
			want = key
		}
		if got := speakable(key); got != want {
			t.Errorf("%d bytes: got %q, want %q", len(key), got, want)
		}
	}
	for _, v := range Extract("x.json", []byte(`{"tokens": {"`+token+`": "`+s[1]+`"}}`)) {
		if strings.Contains(v.Source, token) {
			t.Error("a source names a secret")
		}
	}
}

// TestSilence: no verb prints a secret.
func TestSilence(t *testing.T) {
	secret := secrets(1)[0]
	v := Extract("a.env", []byte("TOKEN="+secret))
	if len(v) != 1 {
		t.Fatal(len(v))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		for _, what := range []any{v[0], &v[0], v, New(v), struct{ V Value }{v[0]}} {
			got := fmt.Sprintf(verb, what)
			for _, written := range []string{secret, hexOf(secret), strings.ToUpper(hexOf(secret)), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
				if strings.Contains(got, written) {
					t.Errorf("%s of %T prints the secret", verb, what)
				}
			}
		}
	}
}

// FuzzExtract: any plaintext has an answer, and what it answers with can be found.
func FuzzExtract(f *testing.F) {
	s := secrets(1)[0]
	for _, seed := range []string{"a.yaml\x00k: " + s, "a.json\x00{\"k\":[\"" + s + "\"]}", "a.xml\x00<a b='" + s + "'>&lt;</a>", ".env\x00K=\"" + s + "\\\"", "x\x00-----BEGIN X-----\n" + s + "\n-----END X-----", "u\x00a://b:" + s + "@c", "c\x00A=b;P=" + s, "y.yaml\x00a: &a [*a, ? x : y, !!binary aGk=]\n--- |\n x\n"} {
		name, text, _ := strings.Cut(seed, "\x00")
		f.Add(name, []byte(text))
	}
	f.Fuzz(func(t *testing.T, path string, text []byte) {
		values := Extract(path, text)
		for _, v := range values {
			if n := len(v.secret); n < MinLength || n > MaxLength {
				t.Errorf("%q: a value of %d bytes", path, n)
			}
		}
		New(values).Find(text, func(start, end int, _ []byte, _, _ string) {
			if start < 0 || end > len(text) || start >= end {
				t.Errorf("%d to %d of %d", start, end, len(text))
			}
		})
	})
}
