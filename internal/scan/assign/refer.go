package assign

import "bytes"

// refers tells whether a value is code, or names the place where the secret is.
func refers(v []byte, a Assignment) bool {
	if a.Quote == 0 && a.Form != Element {
		return code(v, a)
	}
	return place(v)
}

// code tells whether a value without quotes is an expression.
func code(v []byte, a Assignment) bool {
	if bytes.IndexByte([]byte("$%{[(<@*&#\\~,.?/!|>"), v[0]) >= 0 {
		if v[0] == '$' || !a.First || bytes.IndexByte([]byte("{[(<*&\\"), v[0]) >= 0 {
			return true
		}
	}
	for i, c := range v {
		switch c {
		case '(', '[', '{':
			// name(… and name[…
			if i > 0 && (isLetter(v[i-1]) || isDigit(v[i-1])) && (bytes.IndexByte([]byte("),]}"), a.Next) >= 0 || bytes.IndexAny(v[i:], ")]}") >= 0 || i == len(v)-1) {
				return true
			}
		case '"', '\'', '`':
			return true
		case '-', ':':
			if i+1 < len(v) && (c == '-' && v[i+1] == '>' || c == ':' && v[i+1] == ':') {
				return true
			}
		}
	}
	return a.Next == '(' || a.Next == '[' || place(v) || dotted(v) || number(v)
}

// number tells whether v is a number in hexadecimal, as source code writes it.
func number(v []byte) bool {
	return len(v) <= 18 && v[0] == '0' && v[1]|32 == 'x' && identifier(v)
}

// dotted tells whether a value is names joined by dots: config.password.
func dotted(v []byte) bool {
	if bytes.IndexByte(v, '.') < 0 {
		return false
	}
	for part := range bytes.SplitSeq(v, []byte{'.'}) {
		if len(part) == 0 || isDigit(part[0]) || !identifier(part) {
			return false
		}
		if s := shapeOf(part); s.random() {
			return false
		}
	}
	return true
}

// schemes begin values that tell where a secret is kept.
var schemes = [...]string{"arn:", "vault:", "ssm:", "env:", "file:", "op://", "ref+", "secretref:", "keyvault:", "projects/", "secrets.", "process.env", "os.environ", "!vault", "enc[", "enc(", "{cipher}",
	"$ansible_vault", "urn:", "data:", "http:", "https:", "ssh-", "ecdsa-", "-----begin", "age1", "aqicah", "var.", "local.", "module.", "resolve:", "base64,"}

// place tells whether a value is a path, an address, or names a place.
func place(v []byte) bool {
	for _, s := range schemes {
		if len(v) >= len(s) && foldEqual(v[:len(s)], s) {
			return true
		}
	}
	if bytes.Contains(v, []byte("://")) || mailAddress(v) {
		return true
	}
	s := shapeOf(v)
	if n := bytes.IndexByte(v, '/'); n >= 0 || bytes.IndexByte(v, '\\') >= 0 {
		if s.words*2 >= s.uppers+s.lowers && s.words > 3 && s.other == 0 || bytes.HasPrefix(v, []byte("./")) || bytes.HasPrefix(v, []byte("../")) || bytes.HasPrefix(v, []byte("~/")) {
			return true
		}
	}
	return fileName(v)
}

// extensions of files that names of credentials point to.
var extensions = [...]string{"pem", "key", "json", "txt", "yaml", "yml", "crt", "cer", "p12", "pfx", "jks", "js", "ts", "go", "py", "html", "xml", "php", "java", "png", "svg", "css", "conf", "cfg", "ini", "env", "com", "org", "net", "io", "gpg", "age", "md", "sh"}

func fileName(v []byte) bool {
	n := bytes.LastIndexByte(v, '.')
	return n > 0 && oneOf(v[n+1:], extensions[:])
}

func mailAddress(v []byte) bool {
	at := bytes.IndexByte(v, '@')
	dot := bytes.LastIndexByte(v, '.')
	return at > 0 && dot > at+1 && len(v)-dot > 2 && isLetter(v[dot+1]) && bytes.IndexByte(v[at+1:], '@') < 0 && identifierOf(v[at+1:dot], "-.")
}

// identifierOf tells whether v is of letters, digits and some marks.
func identifierOf(v []byte, marks string) bool {
	for _, c := range v {
		if !isLetter(c) && !isDigit(c) && bytes.IndexByte([]byte(marks), c) < 0 {
			return false
		}
	}
	return true
}

// known tells whether a value is of a known kind that is no credential: a hash
// with its method, a date, a number, a version, an address, a UUID.
func known(v []byte, kind Kind) bool {
	switch {
	case v[0] == '$' && len(v) > 8 && bytes.Count(v, []byte{'$'}) >= 3,
		v[0] == '{' && bytes.IndexByte(v, '}') > 0,
		bytes.HasPrefix(v, []byte("sha256")), bytes.HasPrefix(v, []byte("sha512-")), bytes.HasPrefix(v, []byte("sha1-")), bytes.HasPrefix(v, []byte("sha384-")):
		return true
	case len(v) >= 10 && v[4] == '-' && v[7] == '-' && isDigit(v[0]) && isDigit(v[3]) && isDigit(v[9]), bytes.HasSuffix(v, []byte("/aws4_request")),
		bytes.Contains(v, []byte("\\x")), bytes.Count(v, []byte("\\u")) > 1:
		return true // a date, the scope of a signature, bytes and runes
	case identifierOf(v, ".-:+/") && !hasLetter(v):
		return kind != Password || len(v) < 6 || bytes.IndexAny(v, ".-:/") >= 0
	}
	return kind == Token && uuid(v)
}

func hasLetter(v []byte) bool {
	for _, c := range v {
		if isLetter(c) {
			return true
		}
	}
	return false
}

// uuid tells whether v is 8-4-4-4-12 hexadecimal digits.
func uuid(v []byte) bool {
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !isDigit(c) && (c|32 < 'a' || c|32 > 'f') {
				return false
			}
		}
	}
	return true
}
