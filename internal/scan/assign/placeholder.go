package assign

import (
	"bytes"
	"strings"
)

// stand are pieces of values that stand for a secret, in lower case. A random
// value must not hold one of them by chance: four letters in any case happen once
// in 60,000 keys of 40.
var stand = [...]string{"example", "sample", "placeholder", "changeme", "change_me", "change-me", "changethis", "changeit", "replace", "dummy",
	"redacted", "xxxx", "****", "....", "your_", "your-", "yourpass", "yoursecret", "yourtoken", "yourkey", "yourapi", "insert_", "insert-", "enter_", "enter-", "goes_here", "goes-here",
	"_here", "-here", "notreal", "not-real", "not_real", "invalid", "deadbeef", "cafebabe", "12345678", "23456789", "01234567", "87654321", "abcdefg", "abcd1234", "1234abcd", "lorem", "foobar", "fixme", "todo_", "masked", "censored", "removed", "<secret", "some-", "some_", "____", "----"}

// nothing are whole values that say that there is none.
var nothing = [...]string{"null", "none", "nil", "undefined", "true", "false", "yes", "no", "empty", "n/a", "na", "tbd", "todo", "unset", "unknown", "hidden", "optional", "required", "default",
	"123456", "1234567", "1234", "12345", "foo", "bar", "baz", "string", "password", "secret", "token"}

// Placeholder tells whether a value only stands where a secret would: EXAMPLE,
// xxxx, <…>, ${…}, {{…}}, %…%, changeme, 1234…, a few characters repeated.
func Placeholder(v []byte) bool {
	v = bytes.TrimSpace(v)
	if len(v) == 0 || oneOf(v, nothing[:]) {
		return true
	}
	if len(v) > 512 {
		return false
	}
	return template(v) || repeated(v) || counting(v) || holds(v)
}

// holds looks for the pieces. Their first two letters are looked up before they
// are compared.
func holds(v []byte) bool {
	for i := 0; i+4 <= len(v); i++ {
		c := fold(v[i])
		if !standFirst[c] {
			continue
		}
		for _, s := range stand {
			if s[0] == c && i+len(s) <= len(v) && foldEqual(v[i:i+len(s)], s) {
				return true
			}
		}
	}
	return false
}

var standFirst = func() (f [256]bool) {
	for _, s := range stand {
		f[s[0]] = true
	}
	return f
}()

func fold(c byte) byte {
	if classes[c] == upper {
		return c | 32
	}
	return c
}

// template tells whether a value is, or holds, something to be filled in.
func template(v []byte) bool {
	first, last := v[0], v[len(v)-1]
	switch {
	case first == '<' && last == '>', first == '[' && last == ']', first == '{' && last == '}', first == '%' && last == '%' && len(v) > 2,
		first == '(' && last == ')', first == '_' && last == '_', first == '@' && last == '@' && len(v) > 2:
		return true
	case first == '$' && len(v) > 1 && (isLetter(v[1]) && identifier(v[1:]) || v[1] == '{' || v[1] == '('):
		return true
	}
	for i := 0; i+1 < len(v); i++ {
		switch v[i] {
		case '$', '#', '@', '%', '!':
			if v[i+1] == '{' && (v[i] != '!' && v[i] != '@' || bytes.IndexByte(v[i:], '}') > 0) || v[i+1] == '(' && v[i] == '$' || v[i] == '%' && v[i+1] == '(' {
				return true
			}
			if v[i] == '%' && formats(v, i) {
				return true
			}
		case '{':
			if v[i+1] == '{' || v[i+1] == '%' || v[i+1] == '}' {
				return true
			}
		case '<':
			if v[i+1] == '%' || v[i+1] == '?' {
				return true
			}
		}
	}
	return false
}

// formats tells whether a verb of printf begins at the percent sign at i: one that
// pads to a width (%016x) anywhere; of the others a password can have one in its
// middle, so they must be its end or a good part of it.
func formats(v []byte, i int) bool {
	skip := func(p int, set string) int {
		for p < len(v) && strings.IndexByte(set, v[p]) >= 0 {
			p++
		}
		return p
	}
	flags := skip(i+1, "-+ #0")
	width := skip(flags, "0123456789.*")
	end := skip(width, "hljztL") // C has sizes before the verb
	if end == len(v) || strings.IndexByte("sdvqxXuUiopcfeEgGTt", v[end]) < 0 {
		return false
	}
	switch {
	case width > flags: // %40s can also be an address's way to write @s
		return bytes.ContainsAny(v[i+1:flags], "0-")
	case strings.IndexByte("svq", v[end]) >= 0:
		return len(v) < 12 || end+1 == len(v)
	}
	return len(v) < 12 && end+1 == len(v)
}

// identifier tells whether a value could name a variable.
func identifier(v []byte) bool {
	for _, c := range v {
		if classes[c]&(upper|lower|digit) == 0 && c != '_' {
			return false
		}
	}
	return true
}

// counting tells whether hexadecimal digits count up byte by byte: 000102….
func counting(v []byte) bool {
	steps := 0
	for i := 3; i < len(v); i += 2 {
		if v[i-1] == v[i-3] && v[i] == v[i-2]+1 {
			steps++
		}
	}
	return len(v) >= 12 && steps*3 >= len(v)
}

// repeated tells whether a value is of very few characters, or counts up.
func repeated(v []byte) bool {
	var count [256]uint16
	distinct, most, steps := 0, uint16(0), 0
	for i, c := range v {
		if count[c] == 0 {
			distinct++
		}
		count[c]++
		most = max(most, count[c])
		if i > 0 && (c == v[i-1]+1 || c == v[i-1]) {
			steps++
		}
	}
	n := len(v)
	return n >= 4 && (distinct <= 2 || int(most)*5 >= n*3 || n >= 8 && distinct <= 3 || n >= 6 && steps*4 >= (n-1)*3)
}
