package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// A call is a function of a well-known library that takes a secret by its place:
// no name stands beside it, so the generic rules cannot know.
type call struct {
	names []string // lower case, with the parenthesis or blank before the first argument
	arg   int      // which argument is the secret, from 1
	kind  assign.Kind
	login bool // the argument is user:password
	given bool // the arguments before it must be literals, too: the name alone says little
}

var callList = []call{
	// Users and passwords for HTTP.
	{names: []string{"httpbasicauth(", "httpdigestauth(", "setbasicauth(", "basic_auth(", "basicauth(", "networkcredential(", "passwordauthentication(", "usernamepasswordcredentials(", "auth=("},
		arg: 2, kind: assign.Password, given: true},
	{names: []string{"curlopt_userpwd,", "curlopt_proxyuserpwd,"}, arg: 1, kind: assign.Password, login: true},
	// Databases, mail and file servers.
	{names: []string{"drivermanager.getconnection(", "new pdo(", "mysqli_connect(", "new mysqli(", "mysql_connect(", "dbi->connect(", "oci_connect("}, arg: 3, kind: assign.Password},
	{names: []string{"oci_connect(", "cx_oracle.connect(", "oracledb.connect(", "ftp_login(", "ssh2_auth_password("}, arg: 2, kind: assign.Password, given: true},
	{names: []string{"ftp_login(", "ssh2_auth_password("}, arg: 3, kind: assign.Password},
	{names: []string{".login("}, arg: 2, kind: assign.Password, given: true},
	{names: []string{"db.auth("}, arg: 2, kind: assign.Password, given: true},
	{names: []string{"red:auth(", "redis:auth(", "redis.auth(", "redis->auth(", "requirepass("}, arg: 1, kind: assign.Password},
	{names: []string{"pscredential(", "convertto-securestring ", "convertto-securestring -string ", "securestring("}, arg: 1, kind: assign.Password},
	{names: []string{"+= credentials(", "plainauth("}, arg: 4, kind: assign.Password},
	{names: []string{"plainauth("}, arg: 3, kind: assign.Password},
	// Keys that sign and encrypt.
	{names: []string{"jwt.sign(", "jwt.encode(", "jwt.verify(", "jwt.decode(", "jsonwebtoken.sign("}, arg: 2, kind: assign.Secret},
	{names: []string{"createhmac("}, arg: 2, kind: assign.Secret, given: true},
	{names: []string{"signedstring(", "secretkeyspec(", "hmac.new(", "fernet(", "hmacshakeyfor(", "symmetricsecuritykey(", "securecookie.new("}, arg: 1, kind: assign.Secret},
	// Tokens.
	{names: []string{"bearer_auth(", "bearerauth(", "setauthtoken(", "withbearertoken(", "withauthtoken(", "setbearertoken("}, arg: 1, kind: assign.Token},
	{names: []string{"buildconfigfield ", "buildconfigfield(", "resvalue ", "resvalue("}, arg: 3, kind: assign.Key},
}

var calls = []scan.Rule{
	{
		ID: "call-secret", Title: "secret as an argument of a call", Severity: scan.High, Source: cwePassword,
		Keywords: callNames(), Inside: true, Generic: true, NotPath: noise, Detect: detectCall(assign.Sure),
		Match: []string{"HTTPBasicAuth('ci', '{}')\n", "DriverManager.getConnection(url, \"app\", \"{}\");\n", "jwt.sign({ id: user.id }, '{}')\n", "new SecretKeySpec(\"{}\".getBytes(), \"AES\")\n", "new PDO('mysql:host=db', 'app', '{}');\n"},
		Miss:  []string{"HTTPBasicAuth(user, {})\n", "jwt.sign(payload, config.{})\n", "x.login(\"joe\")\n", "new PDO($dsn, $user, '${PASS}')\n"},
	},
	{
		ID: "call-password", Title: "plain password as an argument of a call", Severity: scan.Medium, Source: cwePassword,
		Keywords: callNames(), Inside: true, Generic: true, Path: programs, NotPath: noise + "|" + trials, Detect: detectCall(assign.Weak),
		Match: []string{"new NetworkCredential(\"mailer\", \"{}\")\n", "mysqli_connect(\"db\", \"root\", \"{}\")\n"}, Miss: []string{"NetworkCredential(user, {})\n"},
	},
}

// trials are the paths of tests, examples and documents, whose passwords are
// made up.
const trials = `(?i)(^|/)[^/]*(tests?|spec|e2e|mocks?|fakes?|fixtures?|testdata|examples?|samples?|demos?|docs?|tutorials?|benchmarks?)[^/]*(/|$)|(^|/|[._-])(test|tests|spec|example|sample)[^/]*$|tests?\.[a-z]+$`

func callNames() (out []string) {
	for _, c := range callList {
		for _, n := range c.names {
			known := false
			for _, o := range out {
				known = known || o == n
			}
			if !known {
				out = append(out, n)
			}
		}
	}
	return out
}

func detectCall(want assign.Verdict) func([]byte, int) []scan.Span {
	return func(text []byte, at int) (out []scan.Span) {
		for _, c := range callList {
			if name := longest(text, at, c.names); name != "" {
				if s, ok := c.find(text, at+len(name), want); ok {
					return append(out, s)
				}
			}
		}
		return nil
	}
}

// find reads the secret of a call whose arguments begin at i.
func (c call) find(text []byte, i int, want assign.Verdict) (scan.Span, bool) {
	end := min(len(text), i+512)
	for n := 1; n < c.arg; n++ {
		literal := isQuote(text[min(skip(text, i, isSpace), end-1)])
		i = argumentEnd(text, i, end)
		if i >= end || text[i] != ',' || c.given && !literal {
			return scan.Span{}, false
		}
		i++
	}
	v, ok := literalAt(text, i, end)
	if !ok {
		return scan.Span{}, false
	}
	if c.login {
		n := bytes.IndexByte(v.of(text), ':')
		if n < 0 {
			return scan.Span{}, false
		}
		v.start += n + 1
	}
	if !credible(v.of(text)) || assign.Grade(v.of(text), c.kind) != want {
		return scan.Span{}, false
	}
	return scan.Span{Start: v.start, End: v.end}, true
}

// literalAt reads a string at i, also in a conversion to bytes.
func literalAt(text []byte, i, end int) (value, bool) {
	i = skip(text, i, isSpace)
	for _, w := range []string{"[]byte(", "encoding.utf8.getbytes(", "encoding.ascii.getbytes(", "buffer.from(", "string(", "new networkcredential(", "("} {
		if hasFold(text, i, w) {
			i = skip(text, i+len(w), isSpace)
			break
		}
	}
	for n := 0; n < 2 && i < end && (text[i] == 'b' || text[i] == 'r' || text[i] == '@'); n++ {
		i++
	}
	if i >= end || !isQuote(text[i]) && text[i] != '\\' {
		return value{}, false
	}
	if hasFold(text, i, "\"\\\"") {
		i++ // a string of the code that is made
	}
	v, ok := readValue(text, i)
	return v, ok && v.quoted && v.end <= end
}

// argumentEnd finds the comma or parenthesis that ends the argument at i, end if
// there is none.
func argumentEnd(text []byte, i, end int) int {
	depth := 0
	var quote byte
	for ; i < end; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote || c == '\n' {
				quote = 0
			}
		case isQuote(c):
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			if depth--; depth < 0 {
				return i
			}
		case c == ',' && depth == 0:
			return i
		}
	}
	return end
}
