package rules

import (
	"hash/crc32"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
)

// generate makes a text that a regular expression matches, the group of it if it
// has one. Alternatives, lengths and characters are drawn at random, letters and
// digits where a class allows them.
func generate(t *testing.T, pattern string, rnd *rand.Rand) string {
	t.Helper()
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	if group := capture(tree); group != nil {
		tree = group
	}
	var b strings.Builder
	write(&b, tree, rnd)
	return b.String()
}

func capture(re *syntax.Regexp) *syntax.Regexp {
	if re.Op == syntax.OpCapture {
		return re.Sub[0]
	}
	for _, s := range re.Sub {
		if c := capture(s); c != nil {
			return c
		}
	}
	return nil
}

func write(b *strings.Builder, re *syntax.Regexp, rnd *rand.Rand) {
	repeat := func(lo, hi int) {
		if hi < 0 {
			hi = lo + 8
		}
		for range lo + rnd.IntN(hi-lo+1) {
			write(b, re.Sub[0], rnd)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(pick(re.Rune, rnd))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(alnum[rnd.IntN(len(alnum))])
	case syntax.OpCapture:
		write(b, re.Sub[0], rnd)
	case syntax.OpConcat:
		for _, s := range re.Sub {
			write(b, s, rnd)
		}
	case syntax.OpAlternate:
		write(b, re.Sub[rnd.IntN(len(re.Sub))], rnd)
	case syntax.OpStar:
		repeat(0, -1)
	case syntax.OpPlus:
		repeat(1, -1)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		repeat(re.Min, re.Max)
	}
}

const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// pick draws from a class given as pairs of first and last.
func pick(class []rune, rnd *rand.Rand) rune {
	var nice, all []rune
	for i := 0; i < len(class); i += 2 {
		for c := max(class[i], ' '); c <= min(class[i+1], '~'); c++ {
			all = append(all, c)
			if strings.ContainsRune(alnum, c) {
				nice = append(nice, c)
			}
		}
	}
	// Now and then a mark, if there are any, so that they are tried too.
	if len(nice) > 0 && rnd.IntN(10) > 0 {
		return nice[rnd.IntN(len(nice))]
	}
	if len(all) == 0 {
		return class[0]
	}
	return all[rnd.IntN(len(all))]
}

func crc(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }
