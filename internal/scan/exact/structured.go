package exact

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// yaml takes the scalars of all documents. Aliases are not followed: what they
// stand for is taken where it is written, so that no bomb goes off.
func (e *extractor) yaml(text []byte) bool {
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return true
		} else if err != nil {
			return false
		}
		e.node("", &n, 0)
	}
}

func (e *extractor) node(key string, n *yaml.Node, depth int) {
	if depth > maxDepth {
		return
	}
	e.comments(key, n.HeadComment, n.LineComment, n.FootComment)
	switch n.Kind {
	case yaml.ScalarNode:
		e.value(key, n.Value)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			e.comments(key, k.HeadComment, k.LineComment, k.FootComment)
			e.node(join(key, k.Value), n.Content[i+1], depth+1)
		}
	case yaml.SequenceNode:
		for i, child := range n.Content {
			e.node(index(key, i), child, depth+1)
		}
	case yaml.DocumentNode:
		for _, child := range n.Content {
			e.node(key, child, depth+1)
		}
	}
}

// comments takes values that were commented out: they may be in force elsewhere.
func (e *extractor) comments(key string, texts ...string) {
	for _, s := range texts {
		if strings.Contains(s, "-----BEGIN ") {
			e.value(key, s)
		} else if s != "" {
			e.within(key, s, e.lines)
		}
	}
}

// json takes the strings and numbers of one or more documents, token by token, so
// that no depth costs a stack.
func (e *extractor) json(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var levels []level
	for {
		t, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && len(levels) == 0
		}
		top := &level{}
		if len(levels) > 0 {
			top = &levels[len(levels)-1]
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '}' || t == ']' {
				levels = levels[:len(levels)-1]
				continue
			}
			if len(levels) >= maxDepth {
				return false
			}
			levels = append(levels, level{path: top.next(), object: t == '{', name: t == '{'})
		case string:
			if top.object && top.name {
				top.key, top.name = t, false
				continue
			}
			e.value(top.next(), t)
		case json.Number:
			e.value(top.next(), t.String())
		default:
			top.next()
		}
	}
}

// level is an object or a list that is being read.
type level struct {
	path, key string
	object    bool
	name      bool // a key comes next
	n         int
}

// next is the key path of the value that comes now.
func (l *level) next() string {
	if l.object {
		l.name = true
		return join(l.path, l.key)
	}
	l.n++
	if l.path == "" {
		return ""
	}
	return index(l.path, l.n-1)
}

// xml takes attributes and texts. The pairs of settings files (key and value,
// name and value; key and string in property lists) are named by the key.
func (e *extractor) xml(text []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var names []string
	named, found := "", false
	for {
		t, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && found
		}
		key := strings.Join(names, ".")
		switch t := t.(type) {
		case xml.StartElement:
			found = true
			if len(names) >= maxDepth {
				return false
			}
			names = append(names, bounded(t.Name.Local))
			e.attributes(join(key, t.Name.Local), t.Attr)
		case xml.EndElement:
			names = names[:max(0, len(names)-1)]
		case xml.CharData:
			s := strings.TrimSpace(string(t))
			if s != "" && named != "" && !strings.HasSuffix(key, "key") {
				key = join(key, named)
				named = ""
			}
			if strings.HasSuffix(key, ".key") && len(s) < 128 {
				named = s
			}
			e.value(bounded(key), s)
		case xml.Comment:
			e.comments(key, string(t))
		}
	}
}

func (e *extractor) attributes(key string, attrs []xml.Attr) {
	name := ""
	for _, a := range attrs {
		if n := strings.ToLower(a.Name.Local); n == "key" || n == "name" {
			name = a.Value
		}
	}
	for _, a := range attrs {
		if n := strings.ToLower(a.Name.Local); n == "value" && name != "" {
			e.value(join(key, name), a.Value)
		} else if n != "key" && n != "name" {
			e.value(join(key, a.Name.Local), a.Value)
		}
	}
}
