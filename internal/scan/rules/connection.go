package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// connections are strings of keywords and values that open a database.
var connections = []scan.Rule{
	{
		ID: "connection-string-password", Title: "password in a connection string", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax",
		Keywords: []string{"password=", "pwd=", "password =", "pwd ="}, Inside: true, Generic: true, Detect: detectConnection,
		Match: []string{
			"\"Server=db.corp;Database=app;User Id=app;Password={};\"\n", "cs = Driver={ODBC Driver 18};Server=db;Uid=app;Pwd={};Encrypt=yes\n",
			"dsn = \"host=db.corp port=5432 user=app password={} dbname=app\"\n", "jdbc:sqlserver://db:1433;databaseName=app;user=app;password={}\n",
			"Data Source=db;Initial Catalog=app;Persist Security Info=True;User ID=app;Password='{}'\n",
		},
		Miss: []string{
			"Server=db;User Id=app;Password=${PASS};\n", "Server=db;User Id=app;Password=;\n", "password={}\n", "Server=db;User Id=app;Password=%s;\n",
			"host=localhost user=postgres password=postgres dbname=x\n", "Server=db;Uid=app;Pwd=<password>;\n",
		},
	},
	{
		ID: "go-mysql-dsn", Title: "password in a data source name of MySQL", Severity: scan.High, Source: "https://github.com/go-sql-driver/mysql#dsn-data-source-name",
		Keywords: []string{"@tcp(", "@unix("}, Inside: true, Generic: true, Detect: detectDSN,
		Match: []string{"db, err := sql.Open(\"mysql\", \"app:{}@tcp(db.corp:3306)/app\")\n", "DSN=app:{}@unix(/run/mysqld.sock)/app\n"},
		Miss:  []string{"\"user:password@tcp(localhost:3306)/db\"\n", "\"root:root@tcp(localhost)/x\"\n", "\"user:%s@tcp(%s)/db\"\n", "@tcp(db)\n"},
	},
	{
		ID: "oracle-connect-password", Title: "password in an Oracle connect string", Severity: scan.High,
		Source:   "https://docs.oracle.com/en/database/oracle/oracle-database/19/jjdbc/data-sources-and-URLs.html",
		Keywords: []string{"jdbc:oracle:thin:", "jdbc:oracle:oci:", "sqlplus "}, Inside: true, Generic: true, Detect: detectOracle,
		Match: []string{"jdbc:oracle:thin:app/{}@//db.corp:1521/app\n", "sqlplus app/{}@db.corp\n"},
		Miss:  []string{"jdbc:oracle:thin:@//db.corp:1521/app\n", "sqlplus scott/tiger@db\n", "sqlplus app/$PASS@db\n", "sqlplus / as sysdba\n"},
	},
}

// companions are the keywords of which a connection string has one or more.
var companions = []string{"server", "data source", "datasource", "host", "hostname", "address", "addr", "user", "uid", "user id", "userid", "username", "database", "dbname",
	"initial catalog", "driver", "dsn", "provider", "databasename", "endpoint", "service"}

// detectConnection reads the password of a string in which also a server, a user
// or a database is named.
func detectConnection(text []byte, at int) []scan.Span {
	if at > 0 && isWord(text[at-1]) && text[at-1] != ';' {
		return nil
	}
	eq := bytes.IndexByte(text[at:min(len(text), at+16)], '=')
	start := skip(text, at+eq+1, isBlank)
	first, last := lineAround(text, at)
	first, last = max(first, at-384), min(last, at+384) // each keyword pays for it
	if q := bytes.LastIndexAny(text[first:at], "\"`"); q >= 0 {
		first += q + 1
	}
	others, mark := keywordsOf(text[first:at])
	if mark == 0 {
		others, mark = keywordsOf(text[at:last])
		others = max(0, others-1)
	}
	if others < 1 || start >= last {
		return nil
	}
	v, ok := value{start: start, end: start}, true
	if q := text[start]; q == '\'' || q == '{' || q == '"' {
		if q == '{' {
			q = '}'
		}
		v, ok = upTo(text, start+1, q)
	} else {
		for v.end < last && text[v.end] != mark && strings.IndexByte("\"`;\\<\r", text[v.end]) < 0 && (mark == ';' || text[v.end] != '\'') {
			v.end++
		}
	}
	p := bytes.TrimSpace(v.of(text))
	if !ok || len(p) < 4 || bytes.ContainsAny(p, " ") && mark == ' ' || !credible(p) {
		return nil
	}
	return []scan.Span{{Start: v.start, End: v.start + len(p)}}
}

// keywordsOf counts the parts "companion=value" and tells by what they are parted.
func keywordsOf(s []byte) (n int, mark byte) {
	mark = ' '
	if bytes.IndexByte(s, ';') >= 0 {
		mark = ';'
	}
	for part := range bytes.SplitSeq(s, []byte{mark}) {
		name, v, ok := bytes.Cut(part, []byte("="))
		if !ok || len(v) == 0 {
			continue
		}
		word := strings.ToLower(string(bytes.TrimSpace(name)))
		if i := strings.LastIndexAny(word, "\"'=: \t"); i >= 0 && mark == ' ' {
			word = word[i+1:]
		}
		if i := strings.LastIndexAny(word, "\"'=:"); i >= 0 {
			word = strings.TrimSpace(word[i+1:])
		}
		if slices.Contains(companions, word) {
			n++
		}
	}
	if n == 0 {
		mark = 0
	}
	return n, mark
}

// detectDSN reads user:password before @tcp(.
func detectDSN(text []byte, at int) []scan.Span {
	start := at
	for start > 0 && at-start < 256 && text[start-1] > ' ' && !isQuote(text[start-1]) && text[start-1] != '=' {
		start--
	}
	user, pass, ok := bytes.Cut(text[start:at], []byte(":"))
	if !ok || len(user) == 0 || !credible(pass) || bytes.Equal(user, pass) {
		return nil
	}
	return []scan.Span{{Start: at - len(pass), End: at}}
}

// detectOracle reads user/password@ behind a keyword.
func detectOracle(text []byte, at int) []scan.Span {
	_, last := lineAround(text, at)
	i := at + len(longest(text, at, []string{"jdbc:oracle:thin:", "jdbc:oracle:oci:", "sqlplus "}))
	for i < last && text[i] == '-' { // options
		i = skip(text, i, func(c byte) bool { return c != ' ' && c != '\n' })
		i = skip(text, i, isBlank)
	}
	slash := bytes.IndexByte(text[i:last], '/')
	if slash < 1 || !all(text[i:i+slash], isWord) {
		return nil
	}
	start := i + slash + 1
	n := bytes.IndexByte(text[start:last], '@')
	if n < 4 || bytes.ContainsAny(text[start:start+n], " \"'/") || !credible(text[start:start+n]) || string(text[start:start+n]) == "tiger" {
		return nil
	}
	return []scan.Span{{Start: start, End: start + n}}
}
