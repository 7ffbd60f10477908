package assign

import (
	"strings"
	"testing"
)

// TestJudge: ^ stands before the keyword, @ stands for a made-up secret.
func TestJudge(t *testing.T) {
	const drawn = "q7Rw2" + "Zk9vT4x" + "LmB8sHd3fGy"
	tests := []struct {
		text string
		want Verdict
	}{
		{"DB_^PASSWORD=Tr0ub4dor&3", Sure},
		{"^password: \"hunter2!\"\n", Sure},
		{"^password = \"hunter2\"\n", Weak},
		{"POSTGRES_^PASSWORD=hunter2\n", Sure},
		{"api_^key = \"@\"", Sure},
		{"x.api^Key = '@';", Sure},
		{"client^Secret: @\n", Sure},
		{"auth_^token=@", Sure},
		{"Authorization: Bearer ^x\n", No},
		{"^Authorization: Bearer @\n", Sure},
		{"set^Secret(\"@\")", Sure},
		{"get^Secret(\"@\")", No},
		{"private_^key: @\n", Sure},
		{"^secret: 6f1c2d3e-07aa-4b1b-8c3c-92b4a5cd5e6f\n", Sure},
		{"^token: 6f1c2d3e-07aa-4b1b-8c3c-92b4a5cd5e6f\n", No},
		{"machine x login y ^password @\n", Sure}, {"require^pass @\n", Sure}, {"the ^password format2\n", No}, {"^password: Option<String2>,", No},
		{"^password: /^[A-Z0-9]+$/,", No},
		// Names of something else.
		{"^password_hash: @", No}, {"secret_^name = \"@\"", No}, {"^key = \"@\"", No}, {"public_^key = \"@\"", No},
		{"WTF_CSRF_SECRET_^KEY = '@'", Sure}, {"signing^key = 24875D73A1B2C3D4\n", No}, {"^password: " + strings.Repeat("q7Rw2Zk9", 25), No},
		{"primary_^key = \"@\"", No}, {"next_page_^token: @", No}, {"^token_type = \"@\"", No}, {"cache_^key: @", No},
		{"^keyboard = \"@\"", No}, {"^author = \"@\"", No}, {"^tokenizer = \"@\"", No}, {"csrf_^token: \"@\"", No},
		{"^passed = \"@\"", No}, {"com^pass = \"@\"", No}, {"by^pass: \"@\"", No}, {"^monkey = \"@\"", No}, {"^Secretary: @\n", No},
		{"^secretmanager_version = \"@\"", No}, {"^password_updated_at: \"@\"", No},
		// Code.
		{"^password = getPassword()", No}, {"^password = config.password1;", No}, {"^password: string2;", Weak},
		{"^password := os.Args[1]", No}, {"^token = tokens[0]", No}, {"^password = self._password2", No},
		{"^password = $1", No}, {"^password=$DB_PASS1", No}, {"^password=${X1}", No}, {"^password=%PASS1%", No}, {"^password={{ x1 }}", No},
		{"^password: !vault x1", No}, {"^password: *anchor1", No}, {"^password = <%= x1 %>", No}, {"^password = new Password1(x)", No},
		{"^password = a1 + b1", No}, {"^password = input1 || ''", No}, {"^token = await fetch1(x)", No}, {"^secret = secrets.x1", No},
		{"^password = process.env.X1", No}, {"^password = @params1", No}, {"^password = params[:x1]", No}, {"^password = &x1", No},
		{"^password = \"#{x1}\"", No}, {"^password = f\"{x1}\"", No}, {"^password = \"$(x1)\"", No}, {"^password = \"%s\"", No},
		{"^secret = 0x1234abcd", No}, {"^password->x1 = 3", No},
		// Texts and words.
		{"^password: \"Enter your password 1\"", No}, {"^password = \"password\"", No}, {"^secret = \"mySecretValue\"", No},
		{"^token = \"user-token-name\"", No}, {"api_^key = \"API_KEY_HEADER_V1\"", No}, {"^password = \"changeme123\"", No},
		{"api_^key = \"your_api_key_1234\"", No}, {"api_^key = \"XXXXXXXXXXXXXXXXXXXX\"", No}, {"^token = \"0123456789abcdef0123\"", No},
		{"api_^key = \"sk-example-1234567890\"", No}, {"^secret = \"000102030405060708090a0b0c0d0e0f\"", No},
		{"access_^key = \"<your-key-1>\"", No}, {"^password = \"abc\"", No}, {"access_^token = \"aaaaaaaaaaaaaaaaaaaa\"", No},
		// Places and kinds.
		{"^password: /run/secrets/db1\n", No}, {"^secret = \"https://x.example.org/a1\"", No}, {"^secret: arn:aws:x:1\n", No},
		{"^password = \"bob1@example.org\"", No}, {"api_^key = \"keys/prod1.pem\"", No}, {"^password: 2024-01-02T03:04:05Z\n", No},
		{"^password: \"$2b$12$abcdefghijklmnopqrstuv\"", No}, {"^token: \"1.2.3-beta4\"", No}, {"^secret: \"sha256:@\"", No},
		{"^password: op://vault1/x/y\n", No}, {"^secret = \"ENC[AES256_GCM,data:x1]\"", No}, {"^password: 12px\n", No},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			at := strings.IndexByte(tt.text, '^')
			text := []byte(strings.Replace(strings.Replace(tt.text, "^", "", 1), "@", drawn, 1))
			if strings.Contains(tt.text, "@params") || strings.Contains(tt.text, "bob1@") {
				text = []byte(strings.Replace(tt.text, "^", "", 1))
			}
			a, ok := Parse(text, at)
			got := No
			if ok {
				_, got = Judge(text, a)
			}
			if got != tt.want {
				t.Errorf("%d (form %d, value %q), want %d", got, a.Form, text[a.Value.Start:a.Value.End], tt.want)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	tests := []struct {
		name string
		want Kind
	}{
		{"password", Password}, {"DB_PASS", Password}, {"dbpass", Password}, {"mysqlPwd", Password}, {"PGPASSWORD", Password}, {"MYSQL_PWD", Password},
		{"spring.datasource.password", Password}, {"--password", Password}, {"passphrase", Password}, {"userPassword2", Password}, {"IDENTIFIED BY", Password},
		{"secret", Secret}, {"clientSecret", Secret}, {"AWS_SECRET_ACCESS_KEY", Secret}, {"credentials", Secret}, {"secretkey", Secret},
		{"apiKey", Key}, {"X-Api-Key", Key}, {"APIKey", Key}, {"apikey", Key}, {"encryption.key", Key}, {"AUTH_SALT", Key}, {"accountkey", Key},
		{"token", Token}, {"authToken", Token}, {"id_token", Token}, {"password_reset_token", Token}, {"_auth", Token},
		{"key", None}, {"salt", None}, {"publicKey", None}, {"secretName", None}, {"tokenUrl", None}, {"passwordHash", None}, {"sha256_password", None},
		{"nextPageToken", None}, {"compass", None}, {"author", None}, {"monkey", None}, {"tokenizer", None}, {"passenger", None}, {"", None}, {"___", None},
	}
	for _, tt := range tests {
		if got := KindOf([]byte(tt.name)); got != tt.want {
			t.Errorf("KindOf(%q) = %d, want %d", tt.name, got, tt.want)
		}
		if got := Credential([]byte(tt.name)); got != (tt.want != None) {
			t.Errorf("Credential(%q) = %v", tt.name, got)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	yes := []string{"EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "xxxxxxxx", "abcxxxxdef", "********", "<password>", "${PASSWORD}", "$PASSWORD", "{{ password }}", "%PASSWORD%",
		"changeme", "CHANGE_ME", "your-password-here", "dummy", "1234567890", "abcdefghij", "aaaaaaaa", "null", "None", "true", "redacted", "[REDACTED]", "", "00000000-0000-0000-0000-000000000000", "%s", "#{x}", "@x@"}
	for _, v := range yes {
		if !Placeholder([]byte(v)) {
			t.Errorf("%q is no placeholder", v)
		}
	}
	no := []string{"Tr0ub4dor&3", "hunter2", "q7Rw2Zk9vT4xLmB8sHd3fGy", "9f86d081884c7d659a2feaa0c55ad015", "p%40ss$word", "ab12", "1q2w3e4r5t"}
	for _, v := range no {
		if Placeholder([]byte(v)) {
			t.Errorf("%q is a placeholder", v)
		}
	}
}

func TestPlaceholderFormats(t *testing.T) {
	tests := map[string]bool{
		"%016x": true, "%08lx": true, "sess-%016x-%016x": true, "0x%02X:%02X": true, "%-020s|": true, "id%032llu": true,
		"%s": true, "token-%s": true, "%v:%v": true, "user-%d": true, "%-12dx": true, "p%40s": false, "pass%12d": false, "prefix_of_a_token_%x": false,
		"kX9#%5dmQ2$vL": false, "Tr0ub4dor%ab": false, "q7%Rw2Zk9vT%4xLmB8": false, "100%": false, "%": false, "ab%0": false,
	}
	for v, want := range tests {
		if got := Placeholder([]byte(v)); got != want {
			t.Errorf("Placeholder(%q) = %v", v, got)
		}
	}
}
