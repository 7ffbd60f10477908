package assign

import "bytes"

// Verdict is how sure it is that a value is a credential.
type Verdict uint8

const (
	No   Verdict = iota
	Weak         // so in a file of settings: a password somebody made of a word
	Sure         // so anywhere
)

// Judge tells whether the value of an assignment is a credential. Source code
// decides what is not: references, calls, names and texts are not, nor are words
// that tests and examples use for passwords. What only a path can tell, that a
// plain word is somebody's password since it stands in a file of settings, is
// Weak.
//
// Hashes of passwords ($2b$…, $argon2id$…) are none: they open nothing as they
// are, and the names they have in fixtures and dumps are the same everywhere.
func Judge(text []byte, a Assignment) (Kind, Verdict) {
	name, v := text[a.Name.Start:a.Name.End], text[a.Value.Start:a.Value.End]
	if len(v) < 5 || len(v) > 1024 {
		return None, No
	}
	kind := KindOf(name)
	if kind == None || !a.gives(name) || kind == Key && keyID(v) {
		return kind, No
	}
	s := Bare(text, a)
	v = text[s.Start:s.End]
	if len(v) < 5 || Placeholder(v) || refers(v, a) || known(v, kind) {
		return kind, No
	}
	return kind, a.grade(v, name, kind)
}

// Grade judges a value of which the place says what it is, and no name: an
// argument of a call.
func Grade(v []byte, kind Kind) Verdict {
	a := Assignment{Form: Argument, Quote: '"'}
	if len(v) < 5 || len(v) > 1024 || Placeholder(v) || refers(v, a) || known(v, kind) {
		return No
	}
	return a.grade(v, nil, kind)
}

// gives tells whether the notation gives the name a value at all.
func (a Assignment) gives(name []byte) bool {
	switch a.Form {
	case Argument, Flag:
		return true
	case Call:
		return setter(name)
	case Words:
		// Prose has words in quotes behind such a name, too: the password "x". In
		// SQL, #define and Dockerfiles the name is in capitals; SQL has ' only; a
		// server's directive has marks in its name. Without quotes (netrc, redis.conf)
		// the value must end the line, and grade is strict.
		if shouted(name) {
			return a.Quote != 0 || a.First && !a.More
		}
		if a.Quote == 0 {
			return !a.More
		}
		return a.Quote == '\'' || a.Quote == '"' && bytes.ContainsAny(name, "-_.")
	}
	if a.Form == Colon && a.Quote == 0 && string(name) == "PASS" {
		return false // a test's result
	}
	return !a.More || a.Tight
}

// keyID tells whether a key is the ID of one, as OpenPGP has it: a signing key is
// often given by it.
func keyID(v []byte) bool {
	if len(v) != 8 && len(v) != 16 {
		return false
	}
	for _, c := range v {
		if !isDigit(c) && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// setter tells whether a call of this name takes the value it is named after.
func setter(name []byte) bool {
	var buf [maxWords][]byte
	words := split(name, buf[:0])
	if n := bytes.LastIndexByte(name, '.'); n >= 0 {
		words = split(name[n+1:], buf[:0])
	}
	if len(words) == 0 {
		return false
	}
	return len(words) == 1 || oneOf(words[0], []string{"set", "with", "and", "use", "put"})
}

// Bare is the value without a scheme before it: Bearer, Basic, token.
func Bare(text []byte, a Assignment) Span {
	v := text[a.Value.Start:a.Value.End]
	for _, s := range [...]string{"bearer ", "basic ", "token ", "apikey ", "base64:"} {
		// Without quotes the value is only the word behind a scheme (see bare).
		if len(v) > len(s) && foldEqual(v[:len(s)], s) {
			start := a.Value.Start + len(s)
			for start < a.Value.End && isBlank(text[start]) {
				start++
			}
			return Span{start, a.Value.End}
		}
	}
	return a.Value
}

// grade judges what could be a credential by how it looks.
func (a Assignment) grade(v, name []byte, kind Kind) Verdict {
	s := shapeOf(v)
	if bytes.IndexByte(v, ' ') >= 0 || s.n > s.uppers+s.lowers+s.digits+s.marks+s.other {
		return No
	}
	if len(name) > 4 && identifierOf(v, "_-.") && holdsFold(v, name) {
		return No // NAME = C.NAME
	}
	random := s.random()
	if a.Form == Words && a.Quote == 0 && !shouted(name) {
		if kind == Password && s.n >= 8 && (random && s.digits > 0 || s.varied()) {
			return Sure
		}
		return No
	}
	switch kind {
	case Password:
		if s.n > 160 {
			return No // what a password was sealed or hashed to
		}
		switch {
		case random && (s.digits > 0 || s.other > 0 || s.n >= 20 || s.n >= 12 && s.words*4 <= s.n && s.changes > 2), s.varied(), s.mixed() && s.other > 0:
			return Sure
		case s.n >= 8 && s.mixed(), s.digits > 0 && s.uppers+s.lowers > 0, s.other > 0:
			return a.weak(name)
		}
	case Secret:
		switch {
		case random && s.n >= 12, s.mixed() && s.other > 0 && s.n >= 10:
			return Sure
		case random, s.mixed(), s.digits > 0 && s.uppers+s.lowers > 0 && s.n >= 8:
			return a.weak(name)
		}
	default:
		if random && s.n >= 16 && (s.digits > 0 || s.n >= 24) {
			return Sure
		}
		if random && s.n >= 12 {
			return a.weak(name)
		}
	}
	return No
}

// weak is Sure where the notation itself is that of a file of settings:
// DB_PASSWORD=… at the beginning of a line.
func (a Assignment) weak(name []byte) Verdict {
	if a.Form == Equals && a.First && a.Tight && a.Quote == 0 && !a.More && a.Next != ';' && a.Next != ',' && shouted(name) {
		return Sure
	}
	return Weak
}

// shouted tells whether a name is in capitals.
func shouted(name []byte) bool {
	for _, c := range name {
		if classes[c]&lower != 0 {
			return false
		}
	}
	return true
}

// holdsFold tells whether v holds a name, in any case.
func holdsFold(v, name []byte) bool {
	for i := 0; i+len(name) <= len(v) && i < maxName; i++ {
		if bytes.EqualFold(v[i:i+len(name)], name) {
			return true
		}
	}
	return false
}
