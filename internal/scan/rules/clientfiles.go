package rules

import (
	"bytes"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// clientFiles are the files in which clients keep what they log in with.
var clientFiles = append([]scan.Rule{
	{
		ID: "netrc-password", Title: "password in a .netrc", Severity: scan.High, Source: "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
		Keywords: []string{"machine "}, Whole: true, Inside: true, Generic: true, Detect: detectNetrc,
		Match: []string{"machine git.corp.net login joe password {}\n", "machine git.corp.net\n  login joe\n  password {}\n", "echo \"machine h login u password {}\" > ~/.netrc\n"},
		Miss:  []string{"machine git.corp.net login joe password $PASS\n", "the machine of the password {}\n", "machine h login u password YOUR_PASSWORD\n"},
	},
	{
		ID: "docker-config-auth", Title: "credentials in a Docker configuration", Severity: scan.High, Source: "https://docs.docker.com/reference/cli/docker/login/#credential-stores",
		Keywords: []string{"\"auth\"", "_auth", "\\\"auth\\\""}, Inside: true, Raw: true, Detect: detectAuth,
		Match: []string{"{\"auths\": {\"r.corp.net\": {\"auth\": \"{}\"}}}\n", "//npm.corp.net/:_auth={}\n", "_auth = \"{}\"\n"},
		Miss:  []string{"{\"auth\": \"dXNlcjpwYXNzd29yZA==\"}\n", "{\"auth\": \"${AUTH}\"}\n", "{\"auth\": \"basic\"}\n"},
	},
	{
		ID: "npm-password", Title: "password in a .npmrc, in base64", Severity: scan.High, Source: "https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration",
		Keywords: []string{":_password"}, Inside: true, Raw: true, Detect: detectNpmPassword,
		Match: []string{"//npm.corp.net/:_password={}\n", "//npm.corp.net/:_password=\"{}\"\n"}, Miss: []string{"//npm.corp.net/:_password=${PASS}\n", "//npm.corp.net/:_password=cGFzc3dvcmQ=\n"},
	},
	{
		ID: "pgpass-password", Title: "password in a .pgpass", Severity: scan.High, Source: "https://www.postgresql.org/docs/current/libpq-pgpass.html",
		Keywords: []string{":5432:", ":*:*:", ":6432:", ":5433:"}, Inside: true, Generic: true, Detect: detectPgpass, Path: `(^|/)\.?pgpass(\.conf)?$|` + `\.pgpass$`,
		Match: []string{"db.corp.net:5432:app:joe:{}\n", "*:*:*:joe:{}\n"}, Miss: []string{"# db:5432:app:joe:{}\n", "db:5432:app:joe:$PASS\n"},
	},
	{
		ID: "filezilla-password", Title: "password saved by FileZilla", Severity: scan.High, Source: "https://wiki.filezilla-project.org/Network_Configuration",
		Keywords: []string{"<pass encoding=\"base64\">"}, Inside: true, Raw: true, Detect: detectFileZilla,
		Match: []string{"<Pass encoding=\"base64\">{}</Pass>\n"}, Miss: []string{"<Pass encoding=\"base64\"></Pass>\n", "<Pass encoding=\"base64\">cGFzc3dvcmQ=</Pass>\n"},
	},
	{
		ID: "cisco-type7-password", Title: "Cisco password of type 7, which anyone can read", Severity: scan.High, Source: "https://www.cisco.com/c/en/us/support/docs/security-vpn/remote-authentication-dial-user-service-radius/107614-64.html",
		Keywords: []string{"password 7 ", "key 7 ", "secret 7 "}, Detect: detectType7,
		Match: []string{"username joe password 7 {}\n", " key 7 {}\n"}, Miss: []string{"password 7 times\n", "password 7 00FF\n"},
	},
	{
		ID: "crypt-sha512-hash", Title: "hash of a password (SHA-512 crypt)", Severity: scan.Medium, Source: "https://manpages.debian.org/stable/libcrypt-dev/crypt.5.en.html",
		Keywords: []string{"$6$"}, Pattern: `\$6\$(?:rounds=[0-9]{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}`, Inside: true, Match: []string{"root:{}:19000:0:99999:7:::\n"},
	},
	{
		ID: "crypt-sha256-hash", Title: "hash of a password (SHA-256 crypt)", Severity: scan.Medium, Source: "https://manpages.debian.org/stable/libcrypt-dev/crypt.5.en.html",
		Keywords: []string{"$5$"}, Pattern: `\$5\$(?:rounds=[0-9]{4,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}`, Inside: true, Match: []string{"root:{}:19000:0:99999:7:::\n"},
	},
	{
		ID: "crypt-yescrypt-hash", Title: "hash of a password (yescrypt)", Severity: scan.Medium, Source: "https://manpages.debian.org/stable/libcrypt-dev/crypt.5.en.html",
		Keywords: []string{"$y$"}, Pattern: `\$y\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}`, Inside: true, Match: []string{"root:{}:19000:0:99999:7:::\n"},
	},
	{
		ID: "md5-crypt-hash", Title: "hash of a password (MD5 crypt)", Severity: scan.Medium, Source: "https://httpd.apache.org/docs/current/misc/password_encryptions.html",
		Keywords: []string{"$apr1$", "$1$"}, Pattern: `\$(?:apr1|1)\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}`, Inside: true, Match: []string{"joe:{}\n", "enable secret 5 {}\n"},
	},
	{
		ID: "bcrypt-hash", Title: "hash of a password (bcrypt)", Severity: scan.Low, Source: "https://httpd.apache.org/docs/current/misc/password_encryptions.html",
		Keywords: []string{"$2y$", "$2a$", "$2b$"}, Pattern: `\$2[aby]\$[01][0-9]\$[./0-9A-Za-z]{53}`, Inside: true, Path: `(?i)(^|/)\.?(htpasswd|htusers|passwd|shadow|users?)([._-][^/]*)?$`, Match: []string{"joe:{}\n"},
	},
}, settingRules([]setting{
	{id: "npm-auth-token", title: "token in a .npmrc", severity: scan.Critical, source: "https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration", names: []string{"_authtoken", "npmauthtoken", "npm_token"},
		judge: atLeast(16), generic: true, sample: []string{"//npm.corp.net/:_authToken={}\n", "npmAuthToken: \"{}\"\n"}},
	{id: "nuget-password", title: "password in a NuGet.config", severity: scan.High, source: "https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file#packagesourcecredentials", names: []string{"cleartextpassword"},
		judge: memorable(6), sample: []string{"<add key=\"ClearTextPassword\" value=\"{}\" />\n"}},
	{id: "mail-client-password", title: "password of a mail client", severity: scan.High, source: "https://www.offlineimap.org/doc/conf_examples.html", names: []string{"remotepass", "imap_pass", "smtp_pass", "sasl_password", "ssl_keypassword"},
		judge: memorable(6), sample: []string{"remotepass = {}\n", "set imap_pass = \"{}\"\n", "irc.server.x.sasl_password = \"{}\"\n"}},
	{id: "ldap-bind-password", title: "password by which a service binds to LDAP", severity: scan.High, source: "https://manpages.debian.org/stable/libpam-ldapd/pam_ldap.8.en.html", names: []string{"bindpw", "rootpw", "bind_pw", "ldap_default_authtok", "bind_password", "bindpassword", "bindcredentials"},
		judge: memorable(6), space: true, sample: []string{"bindpw {}\n", "bindpw: {}\n", "ldap_default_authtok = {}\n"}},
	{id: "ansible-password", title: "password in an Ansible inventory", severity: scan.High, source: "https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html", names: []string{"ansible_password", "ansible_ssh_pass", "ansible_become_pass", "ansible_become_password", "ansible_sudo_pass", "ansible_ssh_password", "ansible_winrm_password"},
		judge: memorable(6), generic: true, sample: []string{"h1 ansible_host=10.0.0.1 ansible_password={}\n", "ansible_become_pass: '{}'\n"}},
	{id: "wireless-key", title: "key of a wireless network", severity: scan.High, source: "https://w1.fi/cgit/hostap/plain/wpa_supplicant/wpa_supplicant.conf", names: []string{"psk", "wpa_passphrase", "wpa_psk", "sae_password"},
		judge: memorable(8), sample: []string{"network={\n  psk=\"{}\"\n}\n", "wpa_passphrase={}\n"}},
	{id: "group-policy-password", title: "password in a group policy, whose key is public", severity: scan.Critical, source: "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-gppref/2c15cbf0-f086-4c74-8b70-1f2fa45dd4be", names: []string{"cpassword"},
		judge: inBase64(16, 32, 48, 64), sample: []string{"<Properties userName=\"a\" cpassword=\"{}\" />\n"}},
	{id: "snmp-community", title: "SNMP community", severity: scan.Medium, source: "https://net-snmp.sourceforge.io/docs/man/snmpd.conf.html", names: []string{"rocommunity", "rwcommunity", "snmp-server community"},
		judge: memorable(6), space: true, sample: []string{"rocommunity {}\n", "snmp-server community {} RO\n"}},
})...)

// detectNetrc reads machine, login and password, in one line or in three.
func detectNetrc(text []byte, at int) []scan.Span {
	if at > 0 && isWord(text[at-1]) {
		return nil
	}
	end := min(len(text), at+maxLine)
	if i := bytes.Index(text[at+1:end], []byte("machine ")); i >= 0 {
		end = at + 1 + i
	}
	i, login := at, false
	for range 10 {
		start, stop := plainWord(text, i, end)
		i = stop
		switch string(text[start:stop]) {
		case "login":
			login = true
		case "password":
			start, stop = plainWord(text, i, end)
			v := bytes.Trim(text[start:stop], "\"'")
			if !login || len(v) < 4 || !credible(v) {
				return nil
			}
			start += bytes.Index(text[start:stop], v)
			return []scan.Span{{Start: start, End: start + len(v)}}
		}
	}
	return nil
}

// plainWord reads the next word, whatever is in it.
func plainWord(text []byte, i, end int) (start, stop int) {
	for i < end && isSpace(text[i]) {
		i++
	}
	start = i
	for i < end && !isSpace(text[i]) {
		i++
	}
	return start, i
}

// encoded returns the value at a name if what it encodes is sound.
func encoded(text []byte, end int, sound func([]byte) bool) []scan.Span {
	v, ok := assigned(text, end)
	if !ok {
		return nil
	}
	plain, ok := decoded(v.of(text))
	if !ok || !printable(plain) || !sound(plain) {
		return nil
	}
	return []scan.Span{{Start: v.start, End: v.end, Validity: scan.Plausible, Note: "in base64"}}
}

func detectAuth(text []byte, at int) []scan.Span {
	end := at + strings.Index(strings.ToLower(string(text[at:min(len(text), at+8)])), "auth") + 4
	if end < len(text) && isWord(text[end]) {
		return nil
	}
	return encoded(text, end, soundLogin)
}

func detectNpmPassword(text []byte, at int) []scan.Span {
	return encoded(text, at+len(":_password"), credible)
}

func detectFileZilla(text []byte, at int) []scan.Span {
	return encoded(text, at+len("<pass encoding=\"base64\""), credible)
}

// detectPgpass reads the fifth field of a line.
func detectPgpass(text []byte, at int) []scan.Span {
	start, end := lineAround(text, at)
	fields := bytes.SplitN(bytes.TrimRight(text[start:end], "\r"), []byte(":"), 5)
	if len(fields) < 5 || bytes.HasPrefix(fields[0], []byte("#")) || !credible(fields[4]) {
		return nil
	}
	stop := start + len(bytes.TrimRight(text[start:end], "\r"))
	return []scan.Span{{Start: stop - len(fields[4]), End: stop}}
}

// type7 is the key that every router has.
const type7 = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"

// detectType7 decodes two digits of an offset and a text in hexadecimal.
func detectType7(text []byte, at int) []scan.Span {
	start := at + bytes.IndexByte(text[at:], '7') + 2
	end := start
	for end < len(text) && end-start < 128 && isHex(text[end]) {
		end++
	}
	h := text[start:end]
	if len(h) < 8 || len(h)%2 != 0 || !isDigit(h[0]) || !isDigit(h[1]) {
		return nil
	}
	offset := int(h[0]-'0')*10 + int(h[1]-'0')
	if offset > 52 {
		return nil
	}
	var plain []byte
	for i := 2; i < len(h); i += 2 {
		plain = append(plain, (nibble(h[i])<<4|nibble(h[i+1]))^type7[(offset+i/2-1)%len(type7)])
	}
	if !printable(plain) {
		return nil
	}
	return []scan.Span{{Start: start, End: end, Validity: scan.Verified, Note: "reversible"}}
}

func nibble(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}
