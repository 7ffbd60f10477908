package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/assign"
)

// keyNames are the names of files that hold a key and nothing else: what a
// framework calls it (master.key of Rails, .vault_pass of Ansible, id_… of ssh),
// a name that ends with what it is, and all in a folder of secrets, as Docker
// mounts them.
const keyNames = `(?i)(^|/)([^/]*\.(key|secret|token|passwd|password|passphrase|pwd|pass)|[^/]*(secret_key_base|[_.-]vault[_.-]?pass|vault[_-]pass)(\.txt)?|` +
	`[^/]*(password|passwd|passphrase|secret|token|(api|secret|private|access|encryption|signing|master|auth|account)[_.-]?key)(\.(txt|dat))?|id_[0-9a-z]+)$|` +
	`(^|/)\.?secrets?/.+$`

// otherNames are those of what goes with a key and is public, or has a form of
// its own.
const otherNames = `(?i)\.(pub|crt|cer|csr|sha\d*|sha\d*sum|md5|sum|sig|asc|lock|enc|age|gpg|sops|version|ya?ml|json|md|html?)$|(^|[/._-])public[_.-]|fingerprint|[_-]id$`

// alone is the file that is its secret: nothing in it tells what it is.
var alone = []scan.Rule{{
	ID: "key-file", Title: "key or password in a file of its own", Severity: scan.High,
	Source: "https://guides.rubyonrails.org/security.html#custom-credentials",
	Alone:  true, Path: keyNames, NotPath: otherNames + "|" + noise, Inside: true, Generic: true, Detect: detectAlone,
	Match: []string{"{}", "{}\n", "\xef\xbb\xbf{}\r\n", " {}\n\n"},
	Miss: []string{"key {}\n", "{}\n{}\n", "# {}\n", "{} x\n", "https://example.org/{}\n", "", "\n", "changeme-please\n", "correct horse battery\n",
		"00000000000000000000000000000000\n", "0123456789abcdef0123456789abcdef\n", "${SECRET_KEY_BASE}\n", "../shared/config/master.key\n",
		"6f1c2d3e-07aa-4b1b-8c3c-92b4a5cd5e6f\n", "ProductionDatabasePassword\n", "application.production.name\n", "v1.22.333-beta4\n"},
}}

// Bounds of a secret that is alone in its file.
const (
	aloneHex      = 32
	aloneBase64   = 24
	alonePassword = 12
	maxLone       = 256
)

// detectAlone finds a value that is all there is on the one line of a content.
func detectAlone(text []byte, _ int) []scan.Span {
	body := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	v := bytes.TrimSpace(body)
	if len(v) < alonePassword || len(v) > maxLone || !all(v, func(c byte) bool { return c > ' ' && c <= '~' }) || !loneValue(v) {
		return nil
	}
	start := len(text) - len(bytes.TrimLeft(body, " \t\r\n\v\f"))
	return []scan.Span{{Start: start, End: start + len(v)}}
}

// loneValue tells what was drawn from what is a name, a path or a word.
func loneValue(v []byte) bool {
	switch {
	case !credible(v) || uuidShape(v):
		return false
	case all(v, isHex):
		return len(v) >= aloneHex && bits(v) >= 3
	case all(bytes.TrimRight(v, "="), func(c byte) bool { return isBase64(c) || c == '-' || c == '_' }):
		if len(v) >= aloneBase64 && random(v) && bits(v) >= 3.5 {
			return true
		}
	}
	return assign.Grade(v, assign.Password) == assign.Sure && mixed(v) && bits(v) >= 3
}

// uuidShape tells an id as RFC 9562 writes it: most are no secret.
func uuidShape(v []byte) bool {
	return len(v) == 36 && v[8] == '-' && v[13] == '-' && v[18] == '-' && v[23] == '-' && all(v, func(c byte) bool { return c == '-' || isHex(c) })
}
