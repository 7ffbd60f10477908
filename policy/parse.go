package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Parse reads a policy. name is what messages call the file. The error is an
// *Error. An unknown field, ring or kind, a duplicate, a glob that cannot match
// and YAML that says a thing twice (aliases, tags, several documents) are errors.
func Parse(data []byte, name string) (*Policy, error) {
	p := &parser{file: name, budget: maxExpanded}
	root, err := p.load(data)
	if err != nil {
		return nil, err
	}
	if err := p.document(root); err != nil {
		return nil, err
	}
	p.policy.matcher = newMatcher(name, p.policy.Rules, p.rules, p.forbid)
	return &p.policy, nil
}

// parser walks the YAML tree once, in the order of the file.
type parser struct {
	file   string
	policy Policy

	rules    [][]pattern // compiled, beside policy.Rules
	former   []formerName
	forbid   []pattern
	patterns int             // how many so far
	budget   int             // see parseGlob
	first    map[string]used // positive patterns of all rules by canonical text
}

// used remembers where a pattern was first listed.
type used struct {
	line int
	ring string
}

// fail makes an error at a node.
func (p *parser) fail(n *yaml.Node, format string, args ...any) error {
	return &Error{p.file, n.Line, n.Column, fmt.Sprintf(format, args...)}
}

// load turns bytes into the one tree they may hold.
func (p *parser) load(data []byte) (*yaml.Node, error) {
	if len(data) > MaxSize {
		return nil, &Error{p.file, 0, 0, fmt.Sprintf("the file is longer than %d bytes", MaxSize)}
	}
	if i := invalidUTF8(data); i >= 0 {
		line, column := position(data, i)
		return nil, &Error{p.file, line, column, "not valid UTF-8"}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, p.syntax(data, err)
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); err == io.EOF {
		return nil, &Error{p.file, 1, 1, "the file is empty: it needs at least version, repository and rings"}
	} else if err != nil {
		return nil, p.syntax(data, err)
	}
	if err := loader.Load(&more); err == nil {
		return nil, p.fail(&more, "a second YAML document: a policy is one document")
	} else if err != io.EOF {
		return nil, p.syntax(data, err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, &Error{p.file, 1, 1, "the file holds no YAML document"}
	}
	root := doc.Content[0]
	return root, p.plain(root, 0)
}

// syntax gives the YAML library's complaint our form.
func (p *parser) syntax(data []byte, err error) error {
	out := &Error{File: p.file, Message: "invalid YAML: " + err.Error()}
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return out
	}
	out.Line, out.Column, out.Message = le.Mark.Line, le.Mark.Column, "invalid YAML: "+le.Message
	if le.ContextMsg != "" {
		out.Message += " (" + le.ContextMsg + ")"
	}
	if line := lineAt(data, out.Line); strings.ContainsAny(line, "*!{[@`%") && !strings.ContainsAny(line, `"'`) {
		out.Message += ": a pattern must be quoted"
	}
	return out
}

// plain refuses the YAML features that let one text mean another, anywhere in
// the tree, and bounds its depth.
func (p *parser) plain(n *yaml.Node, depth int) error {
	switch {
	case depth > maxDepth:
		return p.fail(n, "nested more than %d deep", maxDepth)
	case n.Kind == yaml.AliasNode:
		return p.fail(n, "aliases are not allowed; a pattern that begins with * must be quoted")
	case n.Anchor != "":
		return p.fail(n, "anchors (&%s) are not allowed; a value that begins with & must be quoted", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		return p.fail(n, "tags are not allowed; a pattern that begins with ! must be quoted")
	case n.Tag == "!!merge":
		return p.fail(n, "merge keys are not allowed")
	}
	if n.Kind == yaml.MappingNode {
		if err := p.uniqueKeys(n); err != nil {
			return err
		}
	}
	for _, c := range n.Content {
		if err := p.plain(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// uniqueKeys checks that each key of a mapping is a plain string given once.
func (p *parser) uniqueKeys(n *yaml.Node) error {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 || key.Tag == "!!merge" {
			continue // plain says it better, when it comes here
		}
		if key.Kind != yaml.ScalarNode || key.Tag != "!!str" {
			return p.fail(key, "a key must be a string: quote it")
		}
		if line, dup := seen[key.Value]; dup {
			if key.Value == "ring" {
				return p.fail(key, "two rings sealing one path in one rule: `ring` is already given on line %d, a sealed file belongs to one ring", line)
			}
			return p.fail(key, "duplicate key %s, first on line %d", show(key.Value), line)
		}
		seen[key.Value] = key.Line
	}
	return nil
}

// A field is what a mapping may hold under one key.
type field struct {
	name string
	read func(*yaml.Node) error
}

// fields reads a mapping whose keys are all known.
func (p *parser) fields(n *yaml.Node, what string, fields ...field) error {
	if n.Kind != yaml.MappingNode {
		return p.fail(n, "%s must be a mapping, not %s", what, describe(n))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if at < 0 {
			return p.unknown(key, "field", what, fields)
		}
		if err := fields[at].read(value); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) unknown(key *yaml.Node, noun, what string, fields []field) error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	message := fmt.Sprintf("unknown %s %s in %s", noun, show(key.Value), what)
	if hint := didYouMean(key.Value, names); hint != "" {
		message += ": " + hint
	}
	return p.fail(key, "%s", message)
}

// has reports whether a mapping holds a key.
func has(n *yaml.Node, key string) bool { return valueOf(n, key) != nil }

// valueOf returns the value of a key of a mapping, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// text reads a string that is not empty.
func (p *parser) text(n *yaml.Node, what string) (string, error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", p.fail(n, "%s must be a string, not %s", what, describe(n))
	case n.Tag == "!!null" || n.Value == "":
		return "", p.fail(n, "%s is empty", what)
	case n.Tag != "!!str":
		return "", p.fail(n, "%s must be a string, not %s: quote it", what, describe(n))
	}
	return n.Value, nil
}

// list checks for a sequence that is not empty.
func (p *parser) list(n *yaml.Node, what string) ([]*yaml.Node, error) {
	switch {
	case n.Tag == "!!null":
		return nil, p.fail(n, "%s is empty: leave it out or fill it", what)
	case n.Kind != yaml.SequenceNode:
		return nil, p.fail(n, "%s must be a list, not %s", what, describe(n))
	case len(n.Content) == 0:
		return nil, p.fail(n, "%s is an empty list: leave it out or fill it", what)
	}
	return n.Content, nil
}

// describe names a node's type for a message.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "a boolean"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	}
	return "a string"
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// position turns an offset into line and column, in characters.
func position(data []byte, offset int) (line, column int) {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	return bytes.Count(data[:offset], []byte("\n")) + 1, utf8.RuneCount(data[start:offset]) + 1
}

// lineAt returns a line by number, "" if there is none.
func lineAt(data []byte, number int) string {
	for i := 1; i < number; i++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return ""
		}
		data = data[end+1:]
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return string(line)
}
