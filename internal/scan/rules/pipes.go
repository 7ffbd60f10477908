package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// pipes are passwords that commands read from their standard input, where a
// script writes them.
var pipes = []scan.Rule{
	{
		ID: "piped-password", Title: "password piped into a command", Severity: scan.High, Source: "https://docs.docker.com/reference/cli/docker/login/#password-stdin",
		Keywords: []string{"-stdin", "sudo -s", "chpasswd", "passwd --", "smbpasswd", "cryptsetup"}, Inside: true, Generic: true, Detect: detectPiped,
		Match: []string{"echo {} | docker login -u ci --password-stdin\n", "echo '{}' | sudo -S apt-get update\n", "RUN echo \"root:{}\" | chpasswd\n", "printf '{}' | gh auth login --with-token-stdin\n"},
		Miss:  []string{"echo $PASS | docker login --password-stdin\n", "cat {} | docker login --password-stdin\n", "echo \"root:${PASS}\" | chpasswd\n", "echo {} > f; docker login --password-stdin\n"},
	},
	{
		ID: "chpasswd-password", Title: "password of an account, for chpasswd", Severity: scan.High, Source: "https://cloudinit.readthedocs.io/en/latest/reference/modules.html#set-passwords",
		Keywords: []string{"chpasswd"}, Inside: true, Generic: true, Detect: detectChpasswd, Reach: 1024,
		Match: []string{"chpasswd:\n  list: |\n    root:{}\n    joe:other\n", "chpasswd <<EOF\nroot:{}\nEOF\n"},
		Miss:  []string{"chpasswd:\n  list: |\n    root:$PASS\n", "chpasswd:\n  expire: false\nx:\n  joe: {}\n", "chpasswd:\n  list:\n    - root:RANDOM\n"},
	},
}

// detectPiped reads what echo or printf writes into the command at a keyword.
func detectPiped(text []byte, at int) []scan.Span {
	start, _ := lineAround(text, at)
	pipe := bytes.LastIndexByte(text[start:at], '|')
	if pipe < 0 {
		return nil
	}
	pipe += start
	from, writer := -1, 0
	for _, w := range []string{"echo ", "printf "} {
		if i := bytes.LastIndex(text[start:pipe], []byte(w)); i > from {
			from, writer = i, len(w)
		}
	}
	if from < 0 {
		return nil
	}
	i := start + from + writer
	for n := 0; n < 2; n++ { // options, and printf's format
		s, e, next := shellWord(text, i, pipe)
		if e-s > 1 && (text[s] == '-' || text[s] == '%' || isQuote(text[s]) && text[s+1] == '%') {
			i = next
		}
	}
	s, e, next := shellWord(text, i, pipe)
	if len(bytes.TrimSpace(text[min(next, pipe):pipe])) > 0 {
		return nil // more words: a sentence, or another command
	}
	for s < e && isQuote(text[s]) && isQuote(text[e-1]) {
		s, e = s+1, e-1
	}
	if n := bytes.IndexByte(text[s:max(s, e)], ':'); n > 0 && hasFold(text, at, "chpasswd") {
		s += n + 1
	}
	if e-s < 5 || !plainPassword(text[s:e]) {
		return nil
	}
	return []scan.Span{{Start: s, End: e}}
}

// detectChpasswd reads the lines user:password below the word.
func detectChpasswd(text []byte, at int) (out []scan.Span) {
	_, end := lineAround(text, at)
	for n := 0; n < 12 && end < len(text) && end < at+1024; n++ {
		start := end + 1
		if start >= len(text) {
			break
		}
		_, end = lineAround(text, start)
		line := bytes.TrimRight(text[start:end], " \t\r'\"")
		stop := start + len(line)
		start = skip(text, start, func(c byte) bool { return isBlank(c) || c == '-' || isQuote(c) })
		i := bytes.IndexByte(text[start:max(start, stop)], ':')
		switch {
		case i == 0:
			return out
		case i < 0 || start+i+1 >= stop:
			if n > 2 || i < 0 {
				return out
			}
			continue // list:
		case isBlank(text[start+i+1]):
			continue // a member of the same object
		case !all(text[start:start+i], func(c byte) bool { return isWord(c) || c == '-' || c == '.' }):
			return out
		}
		if v := text[start+i+1 : stop]; len(v) >= 5 && plainPassword(v) {
			out = append(out, scan.Span{Start: start + i + 1, End: stop})
		}
	}
	return out
}

// plainPassword says whether a whole word could be a password that somebody made
// up: no reference, no hash, more than one kind of character.
func plainPassword(v []byte) bool {
	return credible(v) && v[0] != '$' && !bytes.ContainsAny(v, " \t(){}<>`$") && (mixed(v) || random(v))
}
