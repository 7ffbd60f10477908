package gitleaks

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
)

// file is a configuration as it is written.
type file struct {
	Title       string
	Description string
	MinVersion  string
	Extend      struct {
		UseDefault    bool
		Path          string
		URL           string
		DisabledRules []string
	}
	Rules      []*tomlRule
	Allowlist  *tomlList
	Allowlists []*tomlList
}

type tomlRule struct {
	ID          string
	Description string
	Regex       string
	SecretGroup int
	Entropy     float64
	Path        string
	Keywords    []string
	Tags        []string
	SkipReport  bool
	Required    []struct {
		ID            string
		WithinLines   int
		WithinColumns int
	}
	Allowlist  *tomlList
	Allowlists []*tomlList

	at string // file:line
}

type tomlList struct {
	Description string
	Condition   string
	Commits     []string
	Paths       []string
	RegexTarget string
	Regexes     []string
	StopWords   []string
	TargetRules []string

	at string
}

// settings is what a file and those it extends say together.
type settings struct {
	name       string
	useDefault bool
	disabled   []string
	removed    map[string]bool // rules of files it extends that it disabled
	rules      []*tomlRule
	lists      []*tomlList
}

var errNothing = errors.New("neither regex nor path")

// resolve reads a file and what it extends.
func (p *parser) resolve(name string, text []byte, depth int) (*settings, error) {
	f, err := p.decode(name, text)
	if err != nil {
		return nil, err
	}
	s := &settings{name: name, useDefault: f.Extend.UseDefault, disabled: f.Extend.DisabledRules, rules: f.Rules, lists: f.Allowlists, removed: map[string]bool{}}
	if f.Extend.URL != "" {
		p.warn("%s: extend: url is not supported: nothing is fetched", name)
	}
	switch {
	case f.Extend.Path == "":
	case p.o.Read == nil:
		p.warn("%s: extend: path is ignored", name)
	case depth == maxExtends:
		p.warn("%s: extend: path is ignored: more than %d files deep", name, maxExtends)
	default:
		err = p.extend(s, clean(f.Extend.Path), f.Extend.Path, depth)
	}
	if err == nil && len(s.rules) > maxRules {
		err = fmt.Errorf("%s: more than %d rules", name, maxRules)
	}
	return s, err
}

// extend adds what a file says that is extended. What s says of the same rule wins.
func (p *parser) extend(s *settings, name, path string, depth int) error {
	text, err := p.o.Read(path)
	if err != nil {
		return fmt.Errorf("%s: extend: %w", s.name, err)
	}
	base, err := p.resolve(name, text, depth+1)
	if err != nil {
		return err
	}
	rules := make([]*tomlRule, 0, len(base.rules)+len(s.rules))
	known := map[string]*tomlRule{}
	for _, r := range base.rules {
		if slices.Contains(s.disabled, r.ID) {
			s.removed[r.ID] = true
			continue
		}
		known[r.ID] = r
		rules = append(rules, r)
	}
	for _, r := range s.rules {
		if known[r.ID] != nil {
			known[r.ID].override(r)
			continue
		}
		rules = append(rules, r)
	}
	s.useDefault = s.useDefault || base.useDefault
	s.disabled = append(s.disabled, base.disabled...)
	s.lists = append(base.lists, s.lists...)
	s.rules = rules
	for id := range base.removed {
		s.removed[id] = true
	}
	return nil
}

// override changes a rule as another file says: fields are replaced, lists grow.
func (r *tomlRule) override(by *tomlRule) {
	set := func(field *string, by string) {
		if by != "" {
			*field = by
		}
	}
	set(&r.Description, by.Description)
	set(&r.Regex, by.Regex)
	set(&r.Path, by.Path)
	if by.SecretGroup != 0 {
		r.SecretGroup = by.SecretGroup
	}
	if by.Entropy != 0 {
		r.Entropy = by.Entropy
	}
	r.SkipReport = r.SkipReport || by.SkipReport
	r.Keywords = append(r.Keywords, by.Keywords...)
	r.Required = append(r.Required, by.Required...)
	r.Allowlists = append(r.Allowlists, by.Allowlists...)
	r.at = by.at
}

// decode reads one file, and tidies what has two spellings.
func (p *parser) decode(name string, text []byte) (*file, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d KiB", name, maxFile>>10)
	}
	if line := nested(text); line > 0 {
		return nil, fmt.Errorf("%s:%d: nested too deeply", name, line)
	}
	var f file
	meta, err := toml.Decode(string(bytes.TrimPrefix(text, []byte("\ufeff"))), &f)
	if err != nil {
		return nil, syntaxError(name, err)
	}
	for _, key := range meta.Undecoded() {
		p.unknownKey(name, key)
	}
	if len(f.Rules) > maxRules {
		return nil, fmt.Errorf("%s: more than %d rules", name, maxRules)
	}
	if f.Allowlists, err = lists(name, f.Allowlist, f.Allowlists); err != nil {
		return nil, err
	}
	return &f, p.tidyRules(name, text, &f)
}

func (p *parser) tidyRules(name string, text []byte, f *file) (err error) {
	lines := idLines(text)
	seen := map[string]bool{}
	for i, r := range f.Rules {
		r.at = name
		if line := lines[r.ID]; line > 0 {
			r.at = fmt.Sprintf("%s:%d", name, line)
		}
		switch {
		case r.ID == "":
			return fmt.Errorf("%s: rule %d has no id", name, i+1)
		case clean(r.ID) != r.ID:
			return fmt.Errorf("%s: rule %d: its id is no line of at most 200 printable bytes", name, i+1)
		case seen[r.ID]:
			return fmt.Errorf("%s: two rules %q", r.at, r.ID)
		}
		seen[r.ID] = true
		if r.Allowlists, err = lists(r.at+": rule "+r.ID, r.Allowlist, r.Allowlists); err != nil {
			return err
		}
	}
	return nil
}

// lists joins the old spelling of allowlists and the new, which gitleaks refuses
// beside each other.
func lists(at string, old *tomlList, lists []*tomlList) ([]*tomlList, error) {
	if old != nil && len(lists) > 0 {
		return nil, fmt.Errorf("%s: [allowlist] and [[allowlists]] beside each other", at)
	}
	if old != nil {
		lists = []*tomlList{old}
	}
	for i, l := range lists {
		l.at = at + ": allowlist"
		if len(lists) > 1 {
			l.at = fmt.Sprintf("%s %d", l.at, i+1)
		}
	}
	return lists, nil
}

func (p *parser) unknownKey(name string, key toml.Key) {
	k := clean(strings.Join(key, "."))
	if !p.unknown[k] {
		p.unknown[k] = true
		p.warn("%s: unknown key %q", name, k)
	}
}

// typeErrorPlace is how the TOML library begins the text of errors about types,
// which have no fields.
var typeErrorPlace = regexp.MustCompile(`^toml: (?:line (\d+) )?\(last key "([^"]*)"\): `)

// syntaxError keeps the place of an error, but not its text, which quotes the file.
func syntaxError(name string, err error) error {
	var parse toml.ParseError
	switch place := typeErrorPlace.FindStringSubmatch(err.Error()); {
	case errors.As(err, &parse):
		return fmt.Errorf("%s:%d: no TOML", name, parse.Position.Line)
	case place == nil:
		return fmt.Errorf("%s: a value of another type than gitleaks takes", name)
	case place[1] == "":
		return fmt.Errorf("%s: %q has a value of another type than gitleaks takes", name, clean(place[2]))
	default:
		return fmt.Errorf("%s:%s: %q has a value of another type than gitleaks takes", name, place[1], clean(place[2]))
	}
}

// idLines finds the lines on which ids stand, as far as they are written as usual.
func idLines(text []byte) map[string]int {
	lines := map[string]int{}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		key, value, ok := bytes.Cut(line, []byte("="))
		if !ok || !strings.EqualFold(string(bytes.TrimSpace(key)), "id") {
			continue
		}
		if value = bytes.TrimLeft(value, " \t"); len(value) == 0 || value[0] != '"' && value[0] != '\'' {
			continue
		}
		id, _, ok := bytes.Cut(bytes.TrimLeft(value, string(value[:1])), value[:1])
		if _, have := lines[string(id)]; ok && !have {
			lines[string(id)] = n
		}
	}
	return lines
}

// maxDepth bounds how deep tables and arrays nest, and the parts of a key: 4 do,
// and with some thousands the TOML library takes minutes.
const maxDepth = 16

// nested is the line on which a text nests too deeply, 0 if it does not. It knows
// of TOML only what strings, comments, brackets and dots are.
func nested(text []byte) int {
	line, depth, dots := 1, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line++
			dots = 0
		case '#':
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			end := stringEnd(text, i)
			line += bytes.Count(text[i:end], []byte("\n"))
			i = end - 1
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth = max(0, depth-1)
		case ',', '=':
			dots = 0
		case '.':
			dots++
		}
		if depth > maxDepth || dots > maxDepth {
			return line
		}
	}
	return 0
}

// stringEnd is where the string ends that begins at i. One on a single line that
// does not end there ends at the line's end: it is no TOML.
func stringEnd(text []byte, i int) int {
	quote := text[i]
	long := bytes.HasPrefix(text[i:], bytes.Repeat([]byte{quote}, 3))
	i++
	if long {
		i += 2
	}
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == '\n' && !long:
			return i
		case text[i] != quote:
		case !long:
			return i + 1
		case bytes.HasPrefix(text[i:], bytes.Repeat([]byte{quote}, 3)):
			for i += 3; i < len(text) && text[i] == quote; i++ {
			}
			return i
		}
	}
	return len(text)
}

func isPrint(r rune) bool { return unicode.IsPrint(r) && r != unicode.ReplacementChar }
