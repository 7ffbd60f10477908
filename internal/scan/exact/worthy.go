package exact

import (
	"bytes"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// worthy says whether a value is looked for. name is the last word of its key,
// "" if it has none.
//
// A finding says "this is the secret of that file", so what may stand elsewhere by
// right must stay out: names, words, places, times, versions, public things. In
// must be what a person or a program chose as a secret, weak passwords too:
//
//   - under MinLength bytes nothing: it would be found by chance;
//   - what has a well-known shape that is no secret never ([public]);
//   - what looks random is in: three kinds of bytes, or digits among letters,
//     with 2.5 bits of entropy a byte, or 2 from 12 bytes on, where length
//     makes up for it;
//   - words with or without a number behind them (sunshine2024, a passphrase)
//     only when the key says that they are secret, and then if they have a digit
//     or are 12 bytes and longer.
func worthy(name, value string) bool {
	if len(value) < MinLength || public(value) {
		return false
	}
	secret := secretName(name)
	least := 2.5
	if len(value) >= 12 {
		least = 2
	}
	if distinct([]byte(value)) < 5 || entropy([]byte(value)) < least {
		return false
	}
	if uuid().MatchString(value) || strings.ContainsAny(value, " \t") || digits(value) {
		return secret
	}
	if identifierName(name) && len(value) < 20 || wordlike(value) {
		return secret && (len(value) >= 12 || strings.ContainsAny(value, "0123456789"))
	}
	return true
}

var (
	uuid = lazy(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

	// shapes are what is never a secret by itself.
	shapes = []func() *regexp.Regexp{
		lazy(`^[+-]?(\d[\d_,]{0,8}|\d*\.\d+([eE][+-]?\d+)?|0x[0-9a-fA-F]{1,10})$`), // numbers
		lazy(`^(1\d{9}|1\d{12})$`), // Unix times
		lazy(`^\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?$`), // dates
		lazy(`^[~^>=<v ]*\d+(\.\d+)+([-+.][0-9A-Za-z.+-]*)?$`),                                  // versions
		lazy(`^[a-zA-Z][a-zA-Z0-9+.-]*://`),                                                     // URLs; their passwords are taken before
		lazy(`^[\w.+%-]+@[\w-]+(\.[\w-]+)+$`),                                                   // e-mail
		lazy(`^(\*\.|\.)?([a-zA-Z0-9_-]+\.)+[a-zA-Z]{2,24}\.?(:\d+)?(/[\w./-]*)?$`),             // hosts, files, images
		lazy(`^(localhost|[\w-]+):\d{2,5}$`),                                                    // host:port
		lazy(`^(\.{0,2}|~|[A-Za-z]:|\$\w+)[/\\][\w.\-/\\ @{}$*]*$`),                             // paths
		lazy(`^([a-z][\w.-]*/)+[\w.:@-]*$`),                                                     // paths without a root, images
		lazy(`^(arn|urn|spiffe|sha1|sha224|sha256|sha384|sha512|md5|docker|oci|refs/\w+)[:/-]`), // names, digests
		lazy(`^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\w+|sk-\w+@openssh\.com) `),                    // public keys
		lazy(`^(age1|AGE1)[0-9a-zA-Z]{20,}$`),                                                   // recipients
		lazy(`^([0-9a-fA-F]{2}[:-]){5,}[0-9a-fA-F]{2}$`),                                        // MACs, fingerprints
		lazy(`^\d+(ns|us|ms|s|m|h|d|w|[KMGT]i?B?|%)+$`),                                         // durations, sizes
	}

	placeholder = lazy(`(?i)change[-_ ]?me|replace[-_ ]?(me|this)|placeholder|example|your[-_ ]|insert[-_ ]|^<.*>$|^\$?\{.*\}$|\$\{|\$\(|\{\{|^%.*%$|^\$[A-Z_][A-Z0-9_]*$|x{6}|\*{4}|\.{4}|^(todo|fixme|dummy|redacted|sample)|^ENC\[|!vault|^(ref\+|vault:|op://|secret://)|0123456789|1234567890|abcdefgh`)
)

// lazy is an expression that is compiled when first used: most runs of the program
// meet no sealed value.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// public says that a value has the shape of what is no secret.
func public(s string) bool {
	if placeholder().MatchString(head(s)) {
		return true
	}
	for _, re := range shapes {
		if re().MatchString(head(s)) {
			return !mixed(s)
		}
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(s)
	_, err2 := netip.ParseAddrPort(s)
	return err == nil || err2 == nil
}

// head bounds what a shape is looked for in.
func head(s string) string { return s[:min(len(s), 512)] }

// mixed says that a value of a harmless shape is random all the same, as base64
// that begins with a slash is: a part of it has 20 bytes of three kinds.
func mixed(s string) bool {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("/\\.:@ -", r) }) {
		if len(part) >= 20 && kinds(part) >= 3 && !strings.Contains(s, "://") {
			return !strings.HasPrefix(s, "age1") && !strings.HasPrefix(s, "ssh-") && !strings.HasPrefix(s, "ecdsa-")
		}
	}
	return false
}

var secretWords = []string{"passw", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "private", "credential", "auth", "salt", "signing", "encryption", "master", "accesskey", "access_key", "access-key", "pepper", "cookie", "psk"}

// secretName says that a key names a secret.
func secretName(name string) bool {
	if identifierName(name) {
		return false
	}
	name = strings.ToLower(name)
	return name == "pass" || name == "key" || strings.HasSuffix(name, "_key") || strings.HasSuffix(name, "_pass") ||
		slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) })
}

var identifiers = []string{"name", "id", "ids", "ref", "path", "file", "url", "uri", "host", "type", "user", "username", "email", "region", "zone", "version", "arn", "algorithm", "issuer", "endpoint", "bucket", "tag", "image", "method", "scope", "scopes", "kind", "description"}

// identifierName says that a key names a name: secretName, token_url.
func identifierName(name string) bool {
	words := strings.FieldsFunc(split(name), func(r rune) bool { return strings.ContainsRune("_-. ", r) })
	return len(words) > 0 && slices.Contains(identifiers, strings.ToLower(words[len(words)-1]))
}

// split sets apart the words of camelCase.
func split(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && s[i] >= 'A' && s[i] <= 'Z' && s[i-1] >= 'a' && s[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// wordlike says that a value is made of words and numbers as names are:
// eu-west-1, utf8mb4_unicode_ci, MyServiceName. Without a digit any sign may stand
// between words.
func wordlike(s string) bool {
	signs := !strings.ContainsAny(s, "0123456789")
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool {
		return strings.ContainsRune("-_./: ,+|=", r) || signs && r < 128 && !alnum(byte(r))
	}) {
		if !word(part) {
			return false
		}
	}
	return true
}

// word says that a part is too short to say anything, a number, or letters that
// can be spoken with a few digits at its ends: in camelCase, if its words have
// four letters on average.
func word(s string) bool {
	core := strings.Trim(s, "0123456789")
	if strings.ContainsFunc(core, func(r rune) bool { return !alnum(byte(r)) || r > 127 }) {
		return false
	}
	if len(s) < 8 || core == "" {
		return true
	}
	if len(s)-len(core) > 4 || len(core) > 20 || len(core) < 4*(1+humps(core)) {
		return false
	}
	return spoken(strings.ToLower(core))
}

// humps is how often a capital follows a small letter.
func humps(s string) (n int) {
	for i := 1; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' && s[i-1] >= 'a' {
			n++
		}
	}
	return n
}

// spoken says that s is letters only, a sixth of them vowels, and no more than
// five consonants in a row.
func spoken(s string) bool {
	vowels, run, longest := 0, 0, 0
	for _, c := range []byte(s) {
		run++
		if c < 'a' || c > 'z' {
			return false
		}
		if strings.IndexByte("aeiouy", c) >= 0 {
			vowels++
			run = 0
		}
		longest = max(longest, run)
	}
	return longest <= 5 && vowels*6 >= len(s)
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// kinds is how many of lower case, upper case, digits and signs a value has.
func kinds(s string) (n int) {
	var has [4]bool
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z':
			has[0] = true
		case c >= 'A' && c <= 'Z':
			has[1] = true
		case c >= '0' && c <= '9':
			has[2] = true
		default:
			has[3] = true
		}
	}
	for _, h := range has {
		if h {
			n++
		}
	}
	return n
}

func distinct(b []byte) (n int) {
	var seen [256]bool
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// entropy is Shannon's, in bits a byte.
func entropy(b []byte) (sum float64) {
	for c := range 256 {
		if n := bytes.Count(b, []byte{byte(c)}); n > 0 {
			p := float64(n) / float64(len(b))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}
