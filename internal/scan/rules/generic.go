package rules

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

const (
	cwePassword = "https://cwe.mitre.org/data/definitions/798.html"
	cweConfig   = "https://cwe.mitre.org/data/definitions/260.html"
)

// noise are the paths of files that programs write and that are full of names
// like token and key beside checksums: lock files, minified and generated code.
// Only the generic rules leave them out; all others look into them.
const noise = `(?i)(^|/)(go\.(sum|mod|work\.sum)|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|deno\.lock|cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|composer\.lock|gemfile\.lock|mix\.lock|pubspec\.lock|podfile\.lock|packages\.lock\.json|flake\.lock|chart\.lock|gradle\.lockfile|cartfile\.resolved|package\.resolved|\.terraform\.lock\.hcl|modules\.txt)$` +
	`|\.(min\.(js|css|mjs)|map|svg|po|pot|xliff?|resx|arb|ipynb_checkpoints|pb\.go|snap)$|(^|/)(locales?|i18n|l10n|lang|translations)/`

// settings are the paths of files that hold settings: a plain word for a password
// is somebody's password there.
const settings = `(?i)(^|/)(\.?env(\.[\w.-]+)?|[\w.-]*\.env|docker-compose[\w.-]*|dockerfile[\w.-]*|\.?(my|pg_service|pgpass|netrc|npmrc|pypirc)[\w.-]*|credentials|config)$` +
	`|\.(ya?ml|json|toml|ini|cfg|conf|cnf|config|properties|props|tfvars|tf|hcl|xml|env|envrc|plist|ps1|sh|bash|zsh|sql|http|rest)$`

// programs are the paths of source code.
const programs = `(?i)\.(py|rb|php|js|mjs|cjs|ts|jsx|tsx|vue|java|kt|kts|scala|groovy|cs|fs|vb|go|rs|swift|m|mm|dart|ex|exs|erl|c|cc|cpp|h|hpp|ino|pl|pm|lua|r|jl|clj|hs|gradle|sbt|ps1|psm1|ipynb)$`

var generic = []scan.Rule{
	{
		ID: "generic-password", Title: "password", Severity: scan.High, Source: cwePassword,
		Keywords: []string{"pass", "pwd", "psw", "pw:", "pw=", "pw\"", "identified by"}, NotPath: noise, Generic: true, Inside: true,
		Detect: detect(assign.Sure, assign.Password),
		Match:  []string{"DB_PASSWORD={}\n", "password: \"{}\"\n", "<password>{}</password>", "{\"dbPassword\": \"{}\"}", "x.setPassword('{}')", "IDENTIFIED BY '{}'"},
		Miss:   []string{"password = getPassword({})", "password_hash: \"{}\"", "password: ${{}}", "the password {} is\n", "password.{}"},
	},
	{
		ID: "generic-secret", Title: "secret, key or token", Severity: scan.High, Source: cwePassword,
		Keywords: []string{"secret", "credential", "creds", "token", "bearer", "_auth", "-auth", "jwt", "auth=", "auth:", "auth\"", "authorization", "salt", "_key", "-key", ".key", "api key", "access key", "master key", "licen",
			"apikey", "accesskey", "authkey", "privatekey", "masterkey", "ptionkey", "cryptkey", "appkey", "signingkey", "accountkey", "sharedkey", "sessionkey", "storagekey", "subscriptionkey", "securitykey", "clientkey", "servicekey", "hmackey", "aeskey"},
		NotPath: noise, Generic: true, Inside: true,
		Detect: detect(assign.Sure, assign.Token, assign.Key, assign.Secret),
		Match:  []string{"API_KEY={}\n", "secret: \"{}\"\n", "<add key=\"ClientSecret\" value=\"{}\"/>", "{\"accessToken\": \"{}\"}", "- name: SESSION_SECRET\n  value: {}\n"},
		Miss:   []string{"secret = secrets.{}", "token_hash: \"{}\"", "next_page_token: \"{}\"", "public_key: \"{}\"", "secretName: \"{}\""},
	},
	{
		ID: "config-password", Title: "password in a file of settings", Severity: scan.Medium, Source: cweConfig,
		Keywords: []string{"pass", "pwd", "psw", "pw:", "pw=", "pw\"", "identified by"}, Path: settings, NotPath: noise, Generic: true, Inside: true,
		Detect: detect(assign.Weak, assign.Password),
		Match:  []string{"password: {}\n", "db.password = {}\n"},
		Miss:   []string{"password: {}()", "password_field: {}"},
	},
	{
		ID: "config-secret", Title: "secret in a file of settings", Severity: scan.Medium, Source: cweConfig,
		Keywords: []string{"secret", "credential", "creds"}, Path: settings, NotPath: noise, Generic: true, Inside: true,
		Detect: detect(assign.Weak, assign.Secret),
		Match:  []string{"secret: {}\n"},
		Miss:   []string{"secretRef: {}\n"},
	},
	{
		ID: "code-password", Title: "plain password in source code", Severity: scan.Medium, Source: cwePassword,
		Keywords: []string{"pass", "pwd"}, Path: programs, NotPath: noise + "|" + trials, Generic: true, Inside: true,
		Detect: detectLiteral,
		Match:  []string{"final dbPassword = \"{}\";\n", "password: process.env.DB_PASSWORD || '{}',\n"},
		Miss:   []string{"password = {}\n", "passwordField = \"{}\"\n"},
	},
}

var passwordEnd = regexp.MustCompile(`(?i)(pass(word|wd|phrase|code)?|pwd|psw)[0-9]?$`)

// detectLiteral finds passwords that somebody made of words and digits, given as
// a literal.
func detectLiteral(text []byte, at int) []scan.Span {
	a, ok := assign.Parse(text, at)
	if !ok || a.Quote == 0 || a.Form == assign.Compare || a.Form == assign.Words || noisy(text, a) {
		return nil
	}
	// Of a name such as PASSWORD_KEY the last word says what the value is.
	if name := text[a.Name.Start:a.Name.End]; !passwordEnd.Match(name) {
		return nil
	}
	v := text[a.Value.Start:a.Value.End]
	if kind, verdict := assign.Judge(text, a); verdict != assign.Weak || kind != assign.Password || len(v) < 8 || !mixed(v) || !slices.ContainsFunc(v, isDigit) {
		return nil
	}
	return []scan.Span{{Start: a.Value.Start, End: a.Value.End}}
}

// maxElements is how many elements of a list are looked at.
const maxElements = 16

// detect finds assignments whose value is as sure a credential as want, no surer
// and no less, to a name of one of the kinds. So rules for what is sure anywhere
// and for what is so in settings only find different ones.
func detect(want assign.Verdict, kinds ...assign.Kind) func([]byte, int) []scan.Span {
	return func(text []byte, at int) (out []scan.Span) {
		a, ok := assign.Parse(text, at)
		if !ok || noisy(text, a) {
			return nil
		}
		kind, verdict := assign.Judge(text, a)
		if verdict == want && slices.Contains(kinds, kind) {
			s := assign.Bare(text, a)
			out = append(out, scan.Span{Start: s.Start, End: s.End})
		}
		for n, first := 0, a.Value.Start; n < maxElements && a.Value.End-first < maxValue; n++ {
			if a, ok = assign.NextElement(text, a); !ok {
				break
			}
			if kind, verdict = assign.Judge(text, a); verdict == want && slices.Contains(kinds, kind) {
				out = append(out, scan.Span{Start: a.Value.Start, End: a.Value.End})
			}
		}
		return out
	}
}

// noisy tells what looks like an assignment in bytes that are no text: among
// random ones "pw=" comes up every 16 MiB.
func noisy(text []byte, a assign.Assignment) bool {
	const around = 24
	bad := 0
	for near := text[max(0, a.Name.Start-around):min(len(text), a.Value.End+around)]; len(near) > 0; {
		r, n := utf8.DecodeRune(near)
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != 0 && r != 0x1b {
			bad++
		}
		near = near[n:]
	}
	return bad > 4
}
