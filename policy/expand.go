package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// count says how many alternatives a sequence expands to; beyond the limit the
// exact number does not matter.
func count(elems []elem) int {
	n := 1
	for _, e := range elems {
		if e.kind != brace {
			continue
		}
		sum := 0
		for _, alt := range e.alts {
			sum = min(sum+count(alt), MaxAlternatives+1)
		}
		n = min(n*sum, MaxAlternatives+1)
	}
	return n
}

// expand multiplies the braces out. The caller has looked at count.
func expand(elems []elem) [][]elem {
	out := [][]elem{nil}
	for _, e := range elems {
		tails := [][]elem{{e}}
		if e.kind == brace {
			tails = nil
			for _, alt := range e.alts {
				tails = append(tails, expand(alt)...)
			}
		}
		if len(tails) == 1 {
			for i := range out {
				out[i] = append(out[i], tails[0]...)
			}
			continue
		}
		next := make([][]elem, 0, len(out)*len(tails))
		for _, head := range out {
			for _, tail := range tails {
				next = append(next, slices.Concat(head, tail))
			}
		}
		out = next
	}
	return out
}

// newGlob splits flat tokens into components and checks that they can match.
func newGlob(elems []elem) (glob, error) {
	var comps []component
	wild := 0
	for {
		cut := slices.IndexFunc(elems, func(e elem) bool { return e.kind == slash })
		last := cut < 0
		if last {
			cut = len(elems)
		}
		c, err := newComponent(elems[:cut])
		if err != nil {
			return glob{}, err
		}
		wild += c.wildcards()
		if n := len(comps); !c.deep || n == 0 || !comps[n-1].deep { // **/** says no more than **
			comps = append(comps, c)
		}
		if last {
			break
		}
		elems = elems[cut+1:]
	}
	if wild > MaxWildcards {
		return glob{}, fmt.Errorf("more than %d wildcards in one pattern", MaxWildcards)
	}
	return finishGlob(comps), nil
}

// finishGlob closes a trailing ** and notes the literal ends.
func finishGlob(comps []component) glob {
	if n := len(comps); n > 0 && comps[n-1].deep {
		comps = append(comps, component{elems: []elem{{kind: star}}})
	}
	g := glob{comps: comps}
	g.prefix, g.suffix = ends(comps)
	return g
}

func newComponent(elems []elem) (component, error) {
	if len(elems) == 0 {
		return component{}, errors.New("two slashes in a row, or a slash at an end, can match no path")
	}
	var out []elem
	for _, e := range elems {
		n := len(out)
		switch {
		case e.kind == deep && len(elems) > 1:
			return component{}, errors.New("** must stand alone between slashes (it would mean no more than *): write dir/**/*.ext, not dir/**.ext")
		case e.kind == deep:
			return component{deep: true}, nil
		case e.kind == star && n > 0 && out[n-1].kind == star:
			return component{}, errors.New("braces put two * side by side: write the alternatives out")
		case e.kind == literal && n > 0 && out[n-1].kind == literal:
			out[n-1].text += e.text
		default:
			out = append(out, e)
		}
	}
	if len(out) == 1 && (out[0].text == "." || out[0].text == "..") {
		return component{}, fmt.Errorf("%q is no part of a path in Git: patterns are relative to the top of the repository", out[0].text)
	}
	return component{elems: out}, nil
}

func (c component) wildcards() int {
	if c.deep {
		return 1
	}
	n := 0
	for _, e := range c.elems {
		if e.kind != literal {
			n++
		}
	}
	return n
}

// ends finds the literal text that every match begins and ends with.
func ends(comps []component) (prefix, suffix string) {
	var b strings.Builder
scan:
	for i, c := range comps {
		if c.deep {
			break
		}
		for _, e := range c.elems {
			if e.kind != literal {
				break scan
			}
			b.WriteString(e.text)
		}
		if i < len(comps)-1 {
			b.WriteByte('/')
		}
	}
	if last := comps[len(comps)-1].elems; len(last) > 0 {
		if e := last[len(last)-1]; e.kind == literal {
			suffix = e.text
		}
	}
	return b.String(), suffix
}
