package rules

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const (
	rfc3986 = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"
	maxURL  = 512 // how far behind :// the user's part may end
)

// urls are credentials in addresses.
var urls = []scan.Rule{
	{
		ID: "url-password", Title: "password in a URL", Severity: scan.High, Source: rfc3986,
		Keywords: []string{"://"}, Inside: true, Generic: true,
		Detect: func(text []byte, at int) []scan.Span { return userinfo(text, at, true) },
		Match: []string{
			"postgres://app:{}@db.internal:5432/app\n", "url = \"mongodb+srv://app:{}@cluster0.mongodb.net/\"\n", "redis://:{}@cache:6379/0\n",
			"jdbc:postgresql://app:{}@db.corp/x\n", "https://deploy:{}@git.corp.net/a/b.git\n", "amqps://svc%40corp:{}@mq/vhost\n", "ftp://joe:{}@ftp.corp.net\n",
		},
		Miss: []string{
			"postgres://user:password@host/db\n", "postgres://user:${PASS}@host/db\n", "postgres://user:%s@host/db\n", "https://user:pass@example.com\n",
			"git@github.com:a/b.git\n", "https://registry.npmjs.org/@scope/name\n", "http://host:8080/@x\n", "postgres://postgres:postgres@localhost/db\n",
			"http://host/{}@x\n", "https://<user>:<pass>@host\n", "https://user:@host\n", "redis://:{{ password }}@h\n",
		},
	},
	{
		ID: "url-token", Title: "token as the user of a URL", Severity: scan.High, Source: rfc3986,
		Keywords: []string{"https://", "http://"}, Inside: true, Generic: true,
		Detect: func(text []byte, at int) []scan.Span {
			return userinfo(text, at+bytes.IndexByte(text[at:], ':'), false)
		},
		Match: []string{"https://{}@git.corp.net/a/b.git\n", "https://{}:x-oauth-basic@git.corp.net/a\n", "https://{}:@api.corp.net/\n"},
		Miss:  []string{"https://someone-with-a-long-name@git.corp.net/\n", "https://{}.corp.net/a@b\n", "https://${TOKEN}@git.corp.net/\n"},
	},
	{
		ID: "url-query-secret", Title: "secret in the query of a URL", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc6750#section-2.3",
		Keywords: queryNames, Inside: true, Generic: true, Detect: detectQuery,
		Match: []string{"https://api.corp.net/v1?a=1&access_token={}&b=2\n", "curl 'https://api.corp.net/?api_key={}'\n", "jdbc:mysql://db/x?user=app&password={}\n"},
		Miss:  []string{"https://api.corp.net/?access_token=${TOKEN}\n", "access_token={}\n", "https://api.corp.net/?access_token=YOUR_TOKEN\n"},
	},
}

// userinfo reads user:password@ behind the :// at at.
func userinfo(text []byte, at int, password bool) []scan.Span {
	if at < 1 || !isWord(text[at-1]) {
		return nil
	}
	start := at + len("://")
	end := start
	for end < len(text) && end-start < maxURL && text[end] != '@' {
		if c := text[end]; c <= ' ' || c >= 0x7f || strings.IndexByte("/?#\"'`<>\\|^,", c) >= 0 {
			if c != '/' && c != '?' && c != '#' && c != '^' && c != ',' || !slashInPassword(text, start, end) {
				return nil
			}
		}
		end++
	}
	if end >= len(text) || end-start >= maxURL || end+1 >= len(text) || !isWord(text[end+1]) && text[end+1] != '[' && text[end+1] != '$' && text[end+1] != '{' {
		return nil
	}
	user, pass, found := bytes.Cut(text[start:end], []byte(":"))
	if password {
		if !found || !passwordInURL(user, pass, text[end+1:min(len(text), end+64)]) {
			return nil
		}
		return []scan.Span{{Start: end - len(pass), End: end}}
	}
	if found && len(pass) > 0 && string(pass) != "x-oauth-basic" || len(user) < 20 || !random(user) || reference(user) || !credible(user) || bytes.IndexByte(user, '%') >= 0 {
		return nil
	}
	return []scan.Span{{Start: start, End: start + len(user)}}
}

// slashInPassword says whether a mark that should have been escaped can be a part
// of a password: there is a user before it, and no port.
func slashInPassword(text []byte, start, i int) bool {
	_, pass, found := bytes.Cut(text[start:i], []byte(":"))
	return found && len(pass) > 2 && !all(pass, isDigit)
}

// passwordInURL judges a password by itself, its user and its host.
func passwordInURL(user, pass, host []byte) bool {
	if len(pass) > 0 && pass[0] == '$' && all(pass[1:], isWord) || !credible(pass) || reference(pass) {
		return false
	}
	if plain, err := url.PathUnescape(string(pass)); err == nil && !credible([]byte(plain)) {
		return false
	}
	if strings.EqualFold(string(user), string(pass)) || len(user) > 0 && reference(user) && !mixed(pass) {
		return false
	}
	for _, h := range []string{"example.", "host", "localhost", "127.0.0.1", "server", "hostname", "0.0.0.0", "[::1]"} {
		if bytes.HasPrefix(host, []byte(h)) && (len(pass) < 8 || !mixed(pass)) {
			return false
		}
	}
	return true
}

// queryNames are the parameters that carry secrets.
var queryNames = []string{
	"access_token=", "api_key=", "apikey=", "api-key=", "auth_token=", "client_secret=", "password=", "passwd=", "secret=", "private_token=", "refresh_token=", "id_token=", "app_secret=", "appsecret=",
}

// detectQuery reads a parameter of an address.
func detectQuery(text []byte, at int) []scan.Span {
	name := longest(text, at, queryNames)
	if at < 1 || name == "" || text[at-1] != '?' && text[at-1] != '&' && text[at-1] != ';' || !inURL(text, at) {
		return nil
	}
	start := at + len(name)
	end := start
	for end < len(text) && end-start < maxValue && text[end] > ' ' && strings.IndexByte("&\"'`<>\\|;#)", text[end]) < 0 {
		end++
	}
	v := text[start:end]
	if len(v) < 6 || !credible(v) || code(v) && !mixed(v) || v[0] == '{' || v[0] == ':' {
		return nil
	}
	if !mixed(v) && !slices.Contains([]string{"password=", "passwd="}, name) {
		return nil
	}
	return []scan.Span{{Start: start, End: end}}
}

// inURL looks back for the beginning of an address.
func inURL(text []byte, at int) bool {
	for i := at - 1; i >= 2 && at-i < maxURL; i-- {
		switch c := text[i]; {
		case c <= ' ', isQuote(c), c == '<', c == '>':
			return false
		case c == '/' && text[i-1] == '/' && text[i-2] == ':':
			return true
		}
	}
	return false
}
