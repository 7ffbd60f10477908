package policy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// errByHand is what an edit gives up with.
var errByHand = errors.New("the layout of " + Path + " does not allow this change by program: edit it by hand")

// editor is a policy as text and as meaning.
type editor struct {
	text   string
	lines  []string // with their ends
	eol    string
	root   *yaml.Node
	policy *Policy
}

func newEditor(data []byte) (*editor, error) {
	p, err := Parse(data, Path)
	if err != nil {
		return nil, err
	}
	root, err := (&parser{file: Path}).load(data)
	if err != nil {
		return nil, err
	}
	e := &editor{text: string(data), eol: string(lineEnd(data)), root: root, policy: p}
	e.lines = strings.SplitAfter(e.text, "\n")
	return e, nil
}

// intent is a copy of the policy's meaning for the edit to change.
func (e *editor) intent() *Policy {
	p := *e.policy
	p.matcher = nil
	p.Rings = slices.Clone(p.Rings)
	for i := range p.Rings {
		p.Rings[i].Recipients = slices.Clone(p.Rings[i].Recipients)
		p.Rings[i].Formerly = slices.Clone(p.Rings[i].Formerly)
	}
	p.Rules = slices.Clone(p.Rules)
	for i := range p.Rules {
		p.Rules[i].Paths = slices.Clone(p.Rules[i].Paths)
	}
	return &p
}

func (e *editor) ringAt(name string) (int, error) {
	names := make([]string, len(e.policy.Rings))
	for i, r := range e.policy.Rings {
		if r.Name == name {
			return i, nil
		}
		names[i] = r.Name
	}
	message := "unknown ring " + show(name)
	if hint := didYouMean(name, names); hint != "" {
		message += ": " + hint
	}
	return 0, errors.New(message)
}

func (e *editor) ringNode(at int) *yaml.Node { return valueOf(e.root, "rings").Content[2*at+1] }

// finish applies the changes and checks that the result means what was wanted.
func (e *editor) finish(want *Policy, changes []change) ([]byte, error) {
	if changes == nil {
		return nil, errByHand
	}
	slices.SortFunc(changes, func(a, b change) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, c := range changes {
		if c.from < at {
			return nil, errByHand
		}
		b.WriteString(e.text[at:c.from])
		b.WriteString(c.text)
		at = c.to
	}
	b.WriteString(e.text[at:])
	got, err := Parse([]byte(b.String()), Path)
	if err != nil {
		// The wish itself may be at fault: a bad recipient, a pattern listed twice.
		var fault *Error
		if errors.As(err, &fault) && !strings.HasPrefix(fault.Message, "invalid YAML") {
			return nil, fmt.Errorf("the change would make the policy invalid: %s", fault.Message)
		}
		return nil, errByHand
	}
	if !sameMeaning(want, got) {
		return nil, errByHand
	}
	return []byte(b.String()), nil
}

// sameMeaning compares what two policies say.
func sameMeaning(a, b *Policy) bool {
	x, y := *a, *b
	x.matcher, y.matcher = nil, nil
	return reflect.DeepEqual(x, y)
}

func last(nodes []*yaml.Node) *yaml.Node { return nodes[len(nodes)-1] }
