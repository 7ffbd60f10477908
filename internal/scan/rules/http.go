package rules

import (
	"bytes"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// headers are credentials in requests of HTTP, as logs, scripts, documents and
// sources write them.
var headers = []scan.Rule{
	{
		ID: "http-basic-credentials", Title: "user and password for HTTP", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc7617",
		Keywords: []string{"basic "}, Inside: true, Raw: true, Detect: detectBasic,
		Match: []string{"Authorization: Basic {}\n", "curl -H 'authorization: basic {}' https://x\n", "\"Authorization\": \"Basic {}\",\n", "Proxy-Authorization: Basic {}\r\n"},
		Miss:  []string{"Authorization: Basic dXNlcjpwYXNzd29yZA==\n", "Authorization: Basic ${AUTH}\n", "a basic introduction\n", "Basic realm=\"x\"\n", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n"},
	},
	{
		ID: "http-bearer-token", Title: "bearer token", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
		Keywords: []string{"bearer "}, Inside: true, Generic: true,
		Detect: func(text []byte, at int) []scan.Span { return opaque(text, at+len("bearer "), 20) },
		Match:  []string{"Authorization: Bearer {}\n", "-H \"Authorization: Bearer {}\"\n", "headers = {'Authorization': 'Bearer {}'}\n"},
		Miss:   []string{"Authorization: Bearer $TOKEN\n", "Authorization: Bearer <token>\n", "Authorization: Bearer YOUR_ACCESS_TOKEN\n", "bearer authentication-middleware\n", "Bearer mF_9.B5f-4.1JqM\n"},
	},
	{
		ID: "http-token-header", Title: "token in a header of HTTP", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2",
		Keywords: tokenHeaders, Inside: true, Generic: true, Detect: detectTokenHeader,
		Match: []string{"X-Api-Key: {}\n", "curl -H 'X-Auth-Token: {}' https://x\n", "'x-api-key': '{}',\n", "Authorization: Token {}\n", "req.Header.Set(\"X-Api-Key\", \"{}\")\n"},
		Miss:  []string{"X-Api-Key: ${KEY}\n", "X-Api-Key: your-api-key-here\n", "req.headers['x-api-key'] = config.apiKey\n"},
	},
}

// detectBasic decodes user:password.
func detectBasic(text []byte, at int) []scan.Span {
	start := skip(text, at+len("basic "), isBlank)
	end := start
	for end < len(text) && end-start < 512 && (isBase64(text[end]) || text[end] == '=') {
		end++
	}
	if end-start < 8 {
		return nil
	}
	plain, ok := decoded(text[start:end])
	if !ok || !soundLogin(plain) {
		return nil
	}
	return []scan.Span{{Start: start, End: end, Validity: scan.Plausible, Note: "user and password in base64"}}
}

// soundLogin judges what basic authentication sends.
func soundLogin(plain []byte) bool {
	user, pass, found := bytes.Cut(plain, []byte(":"))
	if !found || !printable(plain) || bytes.Equal(user, pass) || string(pass) == "open sesame" {
		return false
	}
	if len(pass) == 0 || string(pass) == "x-oauth-basic" || string(pass) == "X" {
		return random(user) && credible(user)
	}
	return credible(pass)
}

// opaque reads a token that looks drawn at random.
func opaque(text []byte, i, least int) []scan.Span {
	i = skip(text, i, isBlank)
	end := i
	for end < len(text) && end-i < maxValue && (isBase64(text[end]) || strings.IndexByte("-._~=", text[end]) >= 0) {
		end++
	}
	v := bytes.TrimRight(text[i:end], ".")
	if len(v) < least || !random(v) || !credible(v) || end < len(text) && (text[end] == '(' || text[end] == '{' || text[end] == '$' || text[end] == '<') {
		return nil
	}
	return []scan.Span{{Start: i, End: i + len(v)}}
}

var tokenHeaders = []string{"x-api-key", "x-auth-token", "x-access-token", "x-auth-key", "x-api-token", "x-token", "x-secret-key", "x-admin-token", "x-api-secret", "x-apikey", "authorization: token ", "authorization: apikey "}

func detectTokenHeader(text []byte, at int) []scan.Span {
	name := longest(text, at, tokenHeaders)
	end := at + len(name)
	if strings.HasSuffix(name, " ") {
		return opaque(text, end, 16)
	}
	v, ok := assigned(text, end)
	if !ok || v.end-v.start < 16 {
		return nil
	}
	return opaque(text[:v.end], v.start, 16)
}
