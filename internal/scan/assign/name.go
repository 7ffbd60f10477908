package assign

import "bytes"

// Kind is what a name says of its value, weakest first.
type Kind uint8

const (
	None     Kind = iota
	Token         // token, auth: opaque strings made by a machine
	Key           // api key, access key, encryption key, salt
	Secret        // secret, credential
	Password      // password, passphrase: may be chosen by a person
)

// Credential tells whether a name is that of a credential.
func Credential(name []byte) bool { return KindOf(name) != None }

// What the words of a name say. A name is read as words, divided by marks, blanks
// and capital letters.
var (
	passwords = [...]string{"password", "passwords", "passwd", "pass", "pwd", "passphrase", "passcode", "passwort", "psw", "pswd", "passwrd", "passw", "pw", "passkey"}
	secrets   = [...]string{"secret", "secrets", "credential", "credentials", "cred", "creds"}
	tokens    = [...]string{"token", "tokens", "auth", "authorization", "bearer", "jwt", "authtoken", "pat"}
	// keyWords make a "key" one that must be kept.
	keyWords = [...]string{"api", "access", "account", "secret", "private", "encryption", "encrypt", "auth", "master", "signing", "sign", "shared",
		"license", "app", "application", "storage", "session", "service", "client", "consumer", "admin", "server", "write", "read", "ingest",
		"subscription", "cookie", "crypt", "crypto", "cipher", "jwt", "webhook", "deploy", "hmac", "security", "integration", "instrumentation",
		"developer", "dev", "aes", "des", "decryption", "decrypt", "symmetric", "host", "function", "functions", "stream", "merchant", "partner", "in", "nonce", "rest", "root", "user"}
	// endings are the ends of words written together: dbpassword, mysecretkey.
	endings = [...]string{"password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "secretkey", "accesskey", "authkey", "privatekey",
		"masterkey", "encryptionkey", "appkey", "signingkey", "accountkey", "sharedkey", "licensekey", "sessionkey", "storagekey", "subscriptionkey"}
	// fronts make a word that ends in "pass" a password: dbpass, requirepass.
	fronts = [...]string{"db", "user", "my", "root", "admin", "smtp", "mail", "ftp", "redis", "require", "mysql", "sql", "pg", "login", "email", "key", "store", "ssh", "vpn", "wifi", "postgres", "mongo", "rabbitmq", "rabbit", "proxy", "ldap"}
	// others make any name one of something else, wherever they stand.
	others = [...]string{"hash", "hashed", "hashes", "digest", "sha", "sha1", "sha256", "sha512", "md5", "checksum", "checksums", "fingerprint", "thumbprint", "etag",
		"integrity", "commit", "revision", "public", "pub", "pubkey", "publickey", "regex", "regexp", "placeholder", "exporter", "resumption", "handshake", "label", "captcha", "sitekey", "publishable"}
	// passing make a token one that opens nothing.
	passing = [...]string{"next", "page", "continuation", "sync", "cancel", "cancellation", "idempotency", "request", "lexer", "pagination", "resume", "start", "starting", "marker", "client", "symbol", "design"}
	// about make a name that of something about a credential, behind its word:
	// password_field, secretName, token.url.
	about = [...]string{"name", "names", "id", "ids", "file", "files", "filename", "path", "paths", "dir", "url", "uri", "urls", "endpoint", "host", "expiry", "expires", "expiration",
		"ttl", "timeout", "version", "algorithm", "algo", "alg", "strength", "enabled", "disabled", "required", "prompt", "index", "prefix", "suffix", "class", "style",
		"selector", "element", "button", "form", "link", "page", "view", "template", "event", "handler", "icon", "type", "types", "format", "field", "fields", "input", "column",
		"help", "hint", "message", "msg", "error", "err", "errors", "text", "title", "description", "desc", "pattern", "policy", "policies", "length", "len", "size", "count",
		"min", "max", "ref", "refs", "reference", "arn", "store", "generator", "validator", "validation", "rotation", "kind", "manager", "service", "provider", "list", "map",
		"reset", "change", "forgot", "confirmation", "manager", "mode", "scope", "scopes", "issuer", "audience", "method", "header", "status", "state", "source", "target",
		"address", "lifetime", "age", "date", "time", "at", "by", "on", "for", "of", "is", "created", "updated", "deleted", "changed", "lastchanged", "schema", "class", "classname",
		"usage", "env", "var", "variable", "variables", "regexp", "rules", "rule", "requirements", "entry", "command", "cmd", "script", "location", "tooltip", "caption", "subject", "body", "last", "used", "signature", "xpath", "css", "locator"}
)

// identifiedBy is SQL's way to give a password.
const identifiedBy = "identified by"

// maxWords of a name are looked at, the last ones.
const maxWords = 16

// KindOf says what a name says of its value.
func KindOf(name []byte) Kind {
	if len(name) > maxName {
		return None
	}
	if !promising(name) {
		return None
	}
	if foldEqual(name, identifiedBy) {
		return Password
	}
	var buf [maxWords][]byte
	words := split(name, buf[:0])
	kind, last := None, -1
	for i, w := range words {
		if oneOf(w, others[:]) {
			return None
		}
		if k := wordKind(words, i, w); k != None {
			if kind == Password && k < Secret {
				kind = k // a password's token is no password
			}
			kind, last = max(kind, k), i
		}
	}
	if kind == None {
		return None
	}
	for _, w := range words[last+1:] {
		if oneOf(w, about[:]) {
			return None
		}
	}
	if kind == Token && forged(words) {
		return None
	}
	if kind == Token && last > 0 && oneOf(words[last-1], passing[:]) {
		return None
	}
	return kind
}

// pairs are two letters of each word that says something, seldom ones: of the names
// in a text most have none, and need not be read.
var pairs = func() (has [32 * 32]bool) {
	for _, p := range []string{
		"pa", "pw", "ps", // password, pat, pw, psw
		"cr", "ke", "au", "be", "jw", "lt", // secret, credential; token, key; auth, bearer, jwt, salt
		"fi", // identified by
	} {
		has[int(p[0]&31)<<5|int(p[1]&31)] = true
	}
	return has
}()

// promising tells whether a name has any of pairs, in any case.
func promising(name []byte) bool {
	last := 0
	for _, c := range name {
		last = last<<5&(1<<10-1) | int(c&31)
		if pairs[last] {
			return true
		}
	}
	return false
}

// forged tells whether a token is one against forged requests, which opens
// nothing; the secret that it is made with is one (WTF_CSRF_SECRET_KEY).
func forged(words [][]byte) bool {
	for _, w := range words {
		if foldEqual(w, "csrf") || foldEqual(w, "xsrf") {
			return true
		}
	}
	return false
}

// wordKind says what one word of a name says.
func wordKind(words [][]byte, i int, w []byte) Kind {
	switch {
	case oneOf(w, passwords[:]):
		return Password
	case oneOf(w, secrets[:]):
		return Secret
	case oneOf(w, tokens[:]):
		return Token
	case (foldEqual(w, "salt") || foldEqual(w, "key") || foldEqual(w, "keys")) && i > 0 && oneOf(words[i-1], keyWords[:]):
		return Key
	case len(w) < 6:
		return None
	}
	for _, e := range endings {
		if len(w) > len(e) && foldEqual(w[len(w)-len(e):], e) || foldEqual(w, e) {
			switch e {
			case "password", "passwd", "passphrase", "pwd":
				return Password
			case "secret", "secretkey":
				return Secret
			case "token":
				return Token
			}
			return Key
		}
	}
	if n := len(w) - 4; foldEqual(w[n:], "pass") && oneOf(w[:n], fronts[:]) {
		return Password
	}
	return None
}

// split divides a name into words, of which it keeps the last ones: at marks and
// blanks, before a capital that follows a small letter or starts a new word.
func split(name []byte, words [][]byte) [][]byte {
	add := func(w []byte) {
		if len(w) == 0 {
			return
		}
		if len(words) == maxWords {
			copy(words, words[1:])
			words = words[:maxWords-1]
		}
		words = append(words, w)
	}
	start := 0
	for i, c := range name {
		k := classes[c]
		switch {
		case k&(upper|lower|digit) == 0:
			add(name[start:i])
			start = i + 1
		case k == upper && i > start && (classes[name[i-1]] == lower ||
			classes[name[i-1]] == upper && i+1 < len(name) && classes[name[i+1]] == lower):
			add(name[start:i])
			start = i
		}
	}
	add(bytes.TrimRight(name[start:], "0123456789"))
	return words
}
