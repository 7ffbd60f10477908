package rules

import (
	"bytes"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// A command takes a secret on its command line: scripts, documents and shell
// histories are full of them.
type command struct {
	id, title string
	source    string
	words     []string // the command with what tells it from others, the keywords
	flags     []string // whose next word, or whose rest, is the secret
	attached  bool     // the secret may follow a flag of one letter directly
	user      bool     // the value is user:password, or user%password
	second    bool     // the value is the second word behind the flag
	sample    []string
}

var commands = commandRules([]command{
	{id: "curl-user-password", title: "password for curl", source: "https://curl.se/docs/manpage.html#-u", words: []string{"curl "},
		flags: []string{"-u", "--user", "-U", "--proxy-user"}, attached: true, user: true,
		sample: []string{"curl -u joe:{} https://api.corp.net\n", "curl -s --user 'joe:{}' \\\n  https://api.corp.net\n", "curl -sS -X POST --user=joe:{} https://x\n"}},
	{id: "wget-password", title: "password for wget", source: "https://www.gnu.org/software/wget/manual/wget.html", words: []string{"wget "},
		flags: []string{"--password", "--http-password", "--ftp-password", "--proxy-password"}, sample: []string{"wget --user=joe --password='{}' https://x\n"}},
	{id: "registry-login-password", title: "password for a container registry", source: "https://docs.docker.com/reference/cli/docker/login/",
		words: []string{"docker login", "podman login", "buildah login", "registry login", "skopeo login", "crane auth login", "nerdctl login"}, flags: []string{"-p", "--password"}, attached: true,
		sample: []string{"docker login -u joe -p {} registry.corp.net\n", "helm registry login r.corp.net --username joe --password {}\n"}},
	{id: "sshpass-password", title: "password for sshpass", source: "https://manpages.debian.org/stable/sshpass/sshpass.1.en.html", words: []string{"sshpass "},
		flags: []string{"-p"}, attached: true, sample: []string{"sshpass -p '{}' ssh root@10.0.0.1\n", "sshpass -p{} scp a b:\n"}},
	{id: "mysql-password", title: "password for a MySQL client", source: "https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html",
		words: []string{"mysql ", "mysqldump ", "mysqladmin ", "mariadb ", "mysqlimport ", "mariadb-dump "}, flags: []string{"-p", "--password"}, attached: true,
		sample: []string{"mysql -h db -u root -p{} app\n", "mysqldump --user=root --password={} app > x.sql\n"}},
	{id: "redis-cli-password", title: "password for redis-cli", source: "https://redis.io/docs/latest/develop/tools/cli/", words: []string{"redis-cli "},
		flags: []string{"-a", "--pass"}, sample: []string{"redis-cli -h cache -a {} ping\n"}},
	{id: "mongo-password", title: "password for a MongoDB client", source: "https://www.mongodb.com/docs/mongodb-shell/reference/options/", words: []string{"mongo ", "mongosh ", "mongodump ", "mongorestore "},
		flags: []string{"-p", "--password"}, attached: true, sample: []string{"mongodump -u joe -p {} --db app\n"}},
	{id: "ldap-client-password", title: "password for an LDAP client", source: "https://www.openldap.org/software/man.cgi?query=ldapsearch", words: []string{"ldapsearch ", "ldapadd ", "ldapmodify ", "ldapwhoami ", "ldapdelete "},
		flags: []string{"-w"}, attached: true, sample: []string{"ldapsearch -x -D cn=admin,dc=corp -w {} -b dc=corp\n"}},
	{id: "smbclient-password", title: "password for smbclient", source: "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html", words: []string{"smbclient ", "rpcclient "},
		flags: []string{"-U", "--user"}, attached: true, user: true, sample: []string{"smbclient //srv/x -U 'joe%{}'\n"}},
	{id: "az-login-password", title: "secret of a service principal for az", source: "https://learn.microsoft.com/en-us/cli/azure/authenticate-azure-cli-service-principal", words: []string{"az login"},
		flags: []string{"-p", "--password"}, sample: []string{"az login --service-principal -u 0 -p {} --tenant t\n"}},
	{id: "keytool-password", title: "password of a key store", source: "https://docs.oracle.com/en/java/javase/21/docs/specs/man/keytool.html", words: []string{"keytool ", "jarsigner ", "apksigner "},
		flags: []string{"-storepass", "-keypass", "-srcstorepass", "-deststorepass", "--ks-pass"}, sample: []string{"keytool -list -keystore k.jks -storepass {}\n"}},
	{id: "openssl-password", title: "password for openssl", source: "https://docs.openssl.org/master/man1/openssl-passphrase-options/", words: []string{"openssl "},
		flags: []string{"-passin", "-passout", "-pass", "-k"}, sample: []string{"openssl rsa -in a.pem -passin pass:{} -out b.pem\n", "openssl enc -aes-256-cbc -k {} -in a\n"}},
	{id: "gpg-passphrase", title: "passphrase for gpg", source: "https://www.gnupg.org/documentation/manuals/gnupg/GPG-Esoteric-Options.html", words: []string{"gpg ", "gpg2 "},
		flags: []string{"--passphrase"}, sample: []string{"gpg --batch --yes --passphrase {} -c a\n"}},
	{id: "archive-password", title: "password of an archive", source: "https://infozip.sourceforge.net/Zip.html", words: []string{"zip ", "unzip ", "7z a", "7z x", "7za a", "7za x"},
		flags: []string{"-P", "-p"}, attached: true, sample: []string{"unzip -P {} a.zip\n", "7z x -p{} a.7z\n"}},
	{id: "htpasswd-password", title: "password for htpasswd", source: "https://httpd.apache.org/docs/current/programs/htpasswd.html", words: []string{"htpasswd -"},
		flags: []string{"-nb", "-bn", "-nbB", "-Bbn", "-b", "-bc", "-cb", "-nbm", "-cbB"}, second: true, sample: []string{"htpasswd -nb joe {}\n"}},
	{id: "kubectl-literal-secret", title: "literal of a Kubernetes secret", source: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_create/kubectl_create_secret_generic/", words: []string{"create secret "},
		flags: []string{"--from-literal", "--docker-password"}, user: true, sample: []string{"kubectl create secret generic db --from-literal=password={}\n", "kubectl create secret docker-registry r --docker-password={}\n"}},
	{id: "helm-set-password", title: "password set for a Helm chart", source: "https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set", words: []string{"helm install", "helm upgrade", "helm template"},
		flags: []string{"--set", "--set-string"}, user: true, sample: []string{"helm upgrade -i db bitnami/postgresql --set auth.postgresPassword={}\n"}},
	{id: "rabbitmqctl-password", title: "password of a RabbitMQ user", source: "https://www.rabbitmq.com/docs/access-control#user-management", words: []string{"rabbitmqctl add_user", "rabbitmqctl change_password"},
		flags: []string{"add_user", "change_password"}, second: true, sample: []string{"rabbitmqctl add_user joe {}\n"}},
	{id: "nuget-push-key", title: "API key for nuget push", source: "https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-nuget-push", words: []string{"nuget setapikey", "dotnet nuget push", "nuget push"},
		flags: []string{"-k", "--api-key", "setapikey", "-ApiKey"}, sample: []string{"dotnet nuget push a.nupkg -k {} -s https://x\n"}},
	{id: "sqlcmd-password", title: "password for sqlcmd", source: "https://learn.microsoft.com/en-us/sql/tools/sqlcmd/sqlcmd-utility", words: []string{"sqlcmd ", "bcp "},
		flags: []string{"-P"}, attached: true, sample: []string{"sqlcmd -S db -U sa -P {} -Q 'select 1'\n"}},
	{id: "command-password", title: "password on a command line", source: "https://cwe.mitre.org/data/definitions/214.html", words: []string{" --password=", " --password ", " --passphrase=", " --db-password", " --token="},
		flags: []string{"--password", "--passphrase", "--db-password", "--token"}, sample: []string{"app serve --password={}\n", "app serve --db-password {} --x\n"}},
})

func commandRules(list []command) (out []scan.Rule) {
	for _, c := range list {
		out = append(out, scan.Rule{
			ID: c.id, Title: c.title, Severity: scan.High, Source: c.source, Keywords: c.words, Inside: true, Generic: true, Match: c.sample, Detect: c.detect,
			Miss: []string{c.words[0] + c.flags[0] + " $PASS x\n", c.words[0] + c.flags[0] + " \"${PASS}\"\n", c.words[0] + "x\n{}\n", c.words[0] + c.flags[0] + " <password>\n", c.words[0] + c.flags[0] + " user:password\n"},
		})
	}
	return out
}

// detect reads the words behind a command.
func (c command) detect(text []byte, at int) (out []scan.Span) {
	word := longest(text, at, c.words)
	if word == "" || at > 0 && isWord(text[at-1]) && isWord(text[at]) {
		return nil
	}
	end := commandEnd(text, at)
	flag, skipped := "", false
	for i, n := at, 0; n < 48; n++ {
		start, stop, next := shellWord(text, i, end)
		if start >= stop && next >= end {
			return out
		}
		i = next
		w := text[start:stop]
		if flag != "" && skipped {
			skipped = false
			continue
		}
		if flag != "" {
			out = append(out, c.judge(text, start, stop, flag)...)
			flag = ""
			continue
		}
		for _, f := range c.flags {
			rest, ok := bytes.CutPrefix(w, []byte(f))
			switch {
			case !ok:
			case len(rest) == 0:
				flag, skipped = f, c.second
			case rest[0] == '=' || rest[0] == ':' && len(f) > 3:
				out = append(out, c.judge(text, stop-len(rest)+1, stop, f)...)
			case c.attached && len(f) == 2:
				out = append(out, c.judge(text, stop-len(rest), stop, f)...)
			}
		}
	}
	return out
}

// judge takes a word as a secret, or the password in it.
func (c command) judge(text []byte, start, stop int, flag string) []scan.Span {
	for start < stop && isQuote(text[start]) {
		start++
	}
	for start < stop && isQuote(text[stop-1]) {
		stop--
	}
	for _, kind := range []string{"pass:", "env:", "file:", "stdin", "fd:"} {
		if hasFold(text[:stop], start, kind) {
			if kind != "pass:" {
				return nil
			}
			start += len(kind)
		}
	}
	if c.user && flag != "--docker-password" {
		i := bytes.IndexAny(text[start:stop], ":%=")
		if i < 0 {
			return nil
		}
		if text[start+i] == '=' && !secretName(text[start:start+i]) {
			return nil
		}
		start += i + 1
	}
	v := text[start:stop]
	if len(v) < 5 || v[0] == '-' || v[0] == '/' || !credible(v) || !mixed(v) && (len(v) < 12 || bits(v) < 3.3) || code(v) && !mixed(v) {
		return nil
	}
	return []scan.Span{{Start: start, End: stop}}
}

// secretName says whether a name is one of a secret.
func secretName(name []byte) bool {
	low := strings.ToLower(string(name))
	for _, w := range []string{"pass", "secret", "token", "key", "pwd", "cred"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// commandEnd is where a command ends: at the line's end that no backslash escapes,
// or at a bar.
func commandEnd(text []byte, at int) int {
	limit := min(len(text), at+512)
	for i := at; i < limit; i++ {
		if text[i] == '\n' && text[i-1] != '\\' && !(text[i-1] == '\r' && i > 1 && text[i-2] == '\\') {
			return i
		}
	}
	return limit
}

// shellWord reads the next word of a command.
func shellWord(text []byte, i, end int) (start, stop, next int) {
	for i < end && (isSpace(text[i]) || text[i] == '\\') {
		i++
	}
	start = i
	var quote byte
	for ; i < end; i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case isSpace(c) || c == '|' || c == ';' || c == '`' || c == '<' || c == '>':
			return start, i, max(i, start+1)
		}
	}
	return start, i, end
}
