package assign

import (
	"bytes"
	"strings"
	"testing"
)

// In these texts ^ stands before the keyword that Parse is given, and is no part
// of the text.
func TestParse(t *testing.T) {
	tests := []struct {
		text, name, value string
		form              Form
	}{
		{"DB_^PASSWORD=Tr0ub4dor&3\n", "DB_PASSWORD", "Tr0ub4dor&3", Equals},
		{"export DB_^PASSWORD=\"a b c\"\n", "DB_PASSWORD", "a b c", Equals},
		{"^PASSWORD='it''s'\n", "PASSWORD", "it", Equals},
		{"^PASSWORD=abc # comment\n", "PASSWORD", "abc", Equals},
		{"PG^PASSWORD=abc psql -h x\n", "PGPASSWORD", "abc", Equals},
		{"- \"POSTGRES_^PASSWORD=a&b,c\"\n", "POSTGRES_PASSWORD", "a&b,c", Equals},
		{"mysql --^password=abc -h x", "--password", "abc", Equals},
		{"mysql --^password abc -h x", "--password", "abc", Flag},
		{"mysql --^password 'a b' -h x", "--password", "a b", Flag},
		{"  ^password: abc\n", "password", "abc", Colon},
		{"  ^password: \"abc\" # x\n", "password", "abc", Colon},
		{"  ^password: !!str abc\n", "password", "abc", Colon},
		{"  ^password: &pw abc\n", "password", "abc", Colon},
		{"  ^password: |\n    abc\n", "password", "abc", Colon},
		{"  ^password: >-\n    abc\n", "password", "abc", Colon},
		{"  ^password:\n    abc\n", "password", "abc", Colon},
		{"  ^password:\n  other: abc\n", "", "", 0},
		{"  ^password:\n    other: abc\n", "", "", 0},
		{"{\"^password\": \"abc\"}", "password", "abc", JSON},
		{"{\"^password\" : \n \"abc\"}", "password", "abc", JSON},
		{"{\"db.^password\":\"abc\"}", "db.password", "abc", JSON},
		{`{"^password": "a\"bc"}`, "password", `a\"bc`, JSON},
		{`"{\"^password\": \"abc\"}"`, "password", "abc", JSON},
		{`"{\\\"^password\\\": \\\"abc\\\"}"`, "password", "abc", JSON},
		{"&quot;^password&quot;: &quot;abc&quot;", "password", "abc", JSON},
		{`{"client ^secret": "abc"}`, "secret", "abc", JSON},
		{`{"^secret access key": "abc"}`, "secret access key", "abc", JSON},
		{"^Secret access key: abc\n", "Secret access key", "abc", Colon},
		{"^passwords: ['abc', 'def']", "passwords", "abc", Colon},
		{`"db_^password": {"type": "string", "value": "abc"}`, "db_password", "abc", Pair},
		{"variable \"db_^password\" {\n  type    = string\n  default = \"abc\"\n}", "db_password", "abc", Pair},
		{"variable \"db_^password\" {\n  type = string\n}\nx = {\n  default = \"abc\"\n}", "", "", 0},
		{"public string Pass^word { get; set; } = \"abc\";", "Password", "abc", Equals},
		{"public string Pass^word { get; set; }\n", "", "", 0},
		{`mapOf("^password" to "abc")`, "password", "abc", Arrow},
		{"const ^password = 'abc';", "password", "abc", Equals},
		{"^password := \"abc\"", "password", "abc", Equals},
		{"^password := []byte(\"abc\")", "password", "abc", Equals},
		{"const ^password string = \"abc\"", "password", "abc", Equals},
		{"let ^password: &'static str = \"abc\";", "password", "abc", Equals},
		{"val ^password: String? = \"abc\"", "password", "abc", Equals},
		{"^password: str = \"abc\"", "password", "abc", Equals},
		{"^password: string;", "password", "string", Colon},
		{"^password = b'abc'", "password", "abc", Equals},
		{"^password = @\"abc\"", "password", "abc", Equals},
		{"^password =\n    \"abc\"", "password", "abc", Equals},
		{"^password = \\\n    \"abc\"", "password", "abc", Equals},
		{"^password = \"\"\"abc\"\"\"", "password", "abc", Equals},
		{":^password => 'abc',", "password", "abc", Arrow},
		{"'^password' => 'abc',", "password", "abc", Arrow},
		{"$config['^password'] = 'abc';", "password", "abc", Equals},
		{"define('DB_^PASSWORD', 'abc');", "DB_PASSWORD", "abc", Argument},
		{"[\"user\", \"^password\", \"abc\"]", "", "", 0},
		{"os.getenv(\"DB_^PASSWORD\", \"abc\")", "DB_PASSWORD", "abc", Argument},
		{"process.env.DB_^PASSWORD || \"abc\"", "process.env.DB_PASSWORD", "abc", Default},
		{"env['DB_^PASSWORD'] ?? 'abc'", "DB_PASSWORD", "abc", Default},
		{"os.Getenv(\"DB_^PASSWORD\") || 'abc'", "DB_PASSWORD", "abc", Default},
		{"os.environ.get('DB_^PASSWORD') or 'abc'", "DB_PASSWORD", "abc", Default},
		{"os.Getenv(\"DB_^PASSWORD\")\n", "", "", 0},
		{"${DB_^PASSWORD:-abc}", "DB_PASSWORD", "abc", Default},
		{"${DB_^PASSWORD:abc}", "DB_PASSWORD", "abc", Default},
		{"if ^password == \"abc\" {", "password", "abc", Compare},
		{"x.set^Password(\"abc\")", "x.setPassword", "abc", Call},
		{".^password( 'abc' )", ".password", "abc", Call},
		{".set^Password(x)", "", "", 0},
		{"<^password>abc</password>", "password", "abc", Element},
		{"<x:^password type=\"y\">\n abc\n</x:password>", "password", "abc", Element},
		{"<db ^password=\"abc\"/>", "password", "abc", Equals},
		{"<add key=\"^Password\" value=\"abc\"/>", "Password", "abc", Pair},
		{"<add value=\"abc\" key=\"^Password\"/>", "Password", "abc", Pair},
		{"<input name='^password' type='x' value='abc'>", "password", "abc", Pair},
		{"<key>^Password</key>\n\t<string>abc</string>", "Password", "abc", Pair},
		{"<entry key=\"db.^password\">abc</entry>", "db.password", "abc", Pair},
		{"^password <- \"abc\"", "password", "abc", Arrow},
		{"^password = ConvertTo-SecureString 'abc' -AsPlainText", "password", "abc", Equals},
		{"Authorization: Bearer ^abc\n", "", "", 0},
		{"^Authorization: Bearer abc\n", "Authorization", "abc", Colon},
		{"- name: DB_^PASSWORD\n  value: \"abc\"\n", "DB_PASSWORD", "abc", Pair},
		{"- name: DB_^PASSWORD\n  value: abc\n", "DB_PASSWORD", "abc", Pair},
		{"- name: DB_^PASSWORD\n  valueFrom:\n    x: abc\n", "", "", 0},
		{`{"name": "DB_^PASSWORD", "value": "abc"}`, "DB_PASSWORD", "abc", Pair},
		{`{"key": "^password", "type": "string", "value": "abc"}`, "password", "abc", Pair},
		{"{\n \"value\": \"abc\",\n \"key\": \"^password\"\n}", "password", "abc", Pair},
		{"CREATE USER x ^IDENTIFIED BY 'abc';", "IDENTIFIED BY", "abc", Words},
		{"ALTER ROLE x WITH ^PASSWORD 'abc';", "PASSWORD", "abc", Words},
		{"#define ^PASSWORD \"abc\"", "PASSWORD", "abc", Words},
		{"ENV DB_^PASSWORD abc\n", "DB_PASSWORD", "abc", Words},
		{"\"Server=x;^Password=abc;Timeout=3\"", "Password", "abc", Query},
		{"https://x/?^token=abc&y=z", "token", "abc", Query},
		{"X-Api-^Key: abc\r\n", "X-Api-Key", "abc", Colon},
		{"//registry.example/:_auth^Token=abc\n", "_authToken", "abc", Equals},
		{"the ^password.\n", "", "", 0},
		{"^password", "", "", 0},
		{"^password=", "", "", 0},
		{"std::^password::x", "", "", 0},
		{"^password=\"never closed\n", "", "", 0},
		{strings.Repeat("x", 100) + "^password" + strings.Repeat("x", 100) + "=a", "", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			at := strings.IndexByte(tt.text, '^')
			text := []byte(strings.Replace(tt.text, "^", "", 1))
			a, ok := Parse(text, at)
			name, value := string(text[a.Name.Start:a.Name.End]), string(text[a.Value.Start:a.Value.End])
			if ok != (tt.value != "") || name != tt.name || value != tt.value || a.Form != tt.form {
				t.Errorf("name %q, value %q, form %d, %v; want %q, %q, %d", name, value, a.Form, ok, tt.name, tt.value, tt.form)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"password=x", "a password: |\n  x", "<key>password</key><string>x</string>", `\\"password\\":\\"x\\"`,
		"password", "password(", "${password:-", "&quot;password&quot;:&quot;", "name=\"password\" value=\"", "password=\"\"\"", "password: string = ", "password by '", "value=x password", `password: ["x", "y"]`, `"password": {"value": "x"}`, `"password" to "x"`, `Password { get; set; } = "x"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for at := range text {
			a, ok := Parse(text, at)
			if !ok {
				continue
			}
			if a.Name.Start < 0 || a.Name.End <= a.Name.Start || a.Name.End > len(text) || a.Value.Start < 0 || a.Value.End <= a.Value.Start || a.Value.End > len(text) {
				t.Fatalf("at %d: %+v", at, a)
			}
			if a.Value.End-a.Value.Start > maxValue {
				t.Fatalf("at %d: value of %d bytes", at, a.Value.End-a.Value.Start)
			}
			Judge(text, a)
			if b, ok := NextElement(text, a); ok && (b.Value.Start <= a.Value.End || b.Value.End > len(text)) {
				t.Fatalf("at %d: behind %+v came %+v", at, a, b)
			}
			Placeholder(text[a.Value.Start:a.Value.End])
		}
	})
}

// TestBounded: no text makes Parse slower than its size.
func TestBounded(t *testing.T) {
	for _, unit := range []string{"password=", "password=\"", "password:\"'", "\"", "password ", "password", "password=\n", "<password>", "<password ", "key=\"password\"", "password: a", "password\\\"", "&quot;password", "value password="} {
		text := bytes.Repeat([]byte(unit), 1<<20/len(unit))
		for at := 0; at < len(text); at += len(unit) {
			if a, ok := Parse(text, at); ok {
				Judge(text, a)
			}
		}
	}
}

// BenchmarkParse reads what most hits are: words in code and prose.
func BenchmarkParse(b *testing.B) {
	text := []byte("	// the token is read from r; see Token.\n	token := p.next()\n	if tok.Kind != token.IDENT { return errors.New(\"no token\") }\n" +
		"	password = strings.TrimSpace(password)\n	type T struct { Password string `json:\"password\"` }\n")
	var hits []int
	for at := range text {
		if rest := text[at:]; bytes.HasPrefix(rest, []byte("oken")) || bytes.HasPrefix(rest, []byte("assw")) {
			hits = append(hits, at)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, at := range hits {
			if a, ok := Parse(text, at); ok {
				Judge(text, a)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(hits)), "ns/hit")
}

// TestPromising: a word that says something is one that is looked at, as is the
// name that it is in.
func TestPromising(t *testing.T) {
	for _, words := range [][]string{passwords[:], secrets[:], tokens[:], endings[:], {"salt", "key", "keys", "pass", identifiedBy}} {
		for _, w := range words {
			for _, name := range []string{w, strings.ToUpper(w), "my_" + w, w + "2"} {
				if !promising([]byte(name)) {
					t.Errorf("%s: not looked at", name)
				}
			}
		}
	}
	if promising([]byte("ReadCloser")) {
		t.Error("ReadCloser: looked at")
	}
}
