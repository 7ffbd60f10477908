package exact

import (
	"strconv"
	"strings"
)

// lines takes the values of a text that is one setting a line, in any notation:
// dotenv and shells, properties, INI, TOML, HCL, or no notation at all.
func (e *extractor) lines(key, text string) {
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) > 1<<20 {
			line = line[:1<<20]
		}
		line = strings.TrimSpace(strings.TrimLeft(line, "#;"))
		line = strings.TrimSpace(strings.TrimPrefix(line, "//"))
		if s, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(s, "]") && !strings.ContainsAny(s, "\"',") {
			section = strings.Trim(s, "[] \"")
			continue
		}
		e.line(key, section, line)
	}
}

func (e *extractor) line(key, section, line string) {
	name, value, ok := setting(line)
	if pgpass := strings.Count(line, ":") == 4 && !strings.ContainsAny(line, " =/"); pgpass {
		name, value = "password", line[strings.LastIndexByte(line, ':')+1:]
	}
	if !ok || value == "" {
		e.words(key, line)
		return
	}
	key = join(join(key, section), name)
	if !e.assignments(key, value) {
		e.right(key, value)
	}
}

// setting splits name = value or name: value. A name is one word, behind words
// such as export that are not a part of it.
func setting(line string) (name, value string, ok bool) {
	i := strings.IndexAny(line, "=:")
	if i < 1 || strings.HasPrefix(line[i:], "://") {
		return "", "", false
	}
	name, value = line[:i], line[i+1:]
	value = strings.TrimSpace(strings.TrimLeft(value, "=>"))
	name = strings.TrimRight(name, " \t+?:")
	name = name[strings.LastIndexAny(name, " \t")+1:]
	name = strings.Trim(name, "\"'`{},$")
	if name == "" || len(name) > 128 || strings.ContainsAny(name, "\"'()<>/@") {
		return "", "", false
	}
	return name, value, true
}

// right takes the right side of a setting: one value in quotes or without, or
// several in quotes.
func (e *extractor) right(key, s string) {
	if !isQuote(s[0]) {
		if strings.ContainsAny(s[:1], "[{(") || strings.ContainsAny(s, "\"'") && strings.ContainsAny(s, "({[") {
			e.quoted(key, s)
			return
		}
		if i := strings.Index(s, " #"); i >= 0 {
			s = s[:i]
		}
		s = strings.TrimRight(s, " \t,;")
		if unescaped := strings.NewReplacer(`\:`, ":", `\=`, "=", `\#`, "#", `\!`, "!", `\\`, `\`).Replace(s); unescaped != s {
			e.value(key, unescaped)
		}
		e.value(key, s)
		return
	}
	e.quoted(key, s)
}

// quoted takes each literal of s. One that is not closed ends with the line.
func (e *extractor) quoted(key, s string) {
	for {
		i := strings.IndexAny(s, "\"'`")
		if i < 0 {
			return
		}
		q := s[i]
		s = s[i+1:]
		end := 0
		for end < len(s) && s[end] != q {
			if s[end] == '\\' && q == '"' {
				end++
			}
			end++
		}
		end = min(end, len(s))
		literal := s[:end]
		if q == '"' {
			if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(literal, `\/`, "/") + `"`); err == nil {
				literal = plain
			} else {
				e.value(key, strings.NewReplacer(`\$`, "$", "\\`", "`", `\"`, `"`, `\\`, `\`).Replace(literal))
			}
		}
		e.value(key, literal)
		s = s[min(end+1, len(s)):]
	}
}

// assignments takes the values of a connection string: Name=value;Name=value.
func (e *extractor) assignments(key, s string) bool {
	s = strings.Trim(s, "\"'`, ")
	if strings.Count(s, "=") < 2 || !strings.Contains(s, ";") {
		return false
	}
	found := false
	for part := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(part, "=")
		if ok && len(name) < 64 {
			found = true
			e.value(join(key, strings.TrimSpace(name)), value)
		}
	}
	return found
}

// words takes from a line without a setting what is no word: the fields of
// netrc, pgpass, CSV files. Without a name, what has no digit is prose.
func (e *extractor) words(key, line string) {
	name := key
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
		w := strings.Trim(word, "\"'`;")
		if strings.Contains(w, "://") {
			e.url(key, w)
			continue
		}
		if strings.ContainsAny(w, "0123456789") || name != key {
			e.value(name, w)
		}
		if i := strings.LastIndexByte(w, ':'); i > 0 {
			e.value(join(key, "password"), w[i+1:])
		}
		name = join(key, bounded(w))
		if !secretName(last(name)) {
			name = key // a word before a secret names it in netrc; others may be secrets
		}
	}
}
