// Package decode finds encoded runs in text and gives what they decode to:
// base64, hexadecimal, percent encoding, and the escapes of JSON, C, shells,
// property files, XML and quoted-printable mail.
//
// It is made for text in which nothing is encoded: each kind first looks for
// what it cannot do without (a word of 16 characters, a percent sign, a
// backslash) and looks closer only there. What does not decode to text is
// dropped, since most long words are names and hashes; what decodes to the
// beginning of a compressed file or archive is kept.
//
// It undoes one layer. Who wants more calls it again with a Piece's text, to a
// depth of his choice. Work is linear in the input, a piece is never longer than
// what it was decoded from, and all pieces of one call together are at most five
// times the input. It judges no secret, and it does not decode base32, lists of
// decimal numbers, nor dumps with addresses and columns.
package decode

// Piece is one run that was decoded.
type Piece struct {
	Kind       string // "base64", "hex", "percent", "escape"
	Start, End int    // where the encoded form is: text[Start:End]
	// Text is what it decodes to, UTF-16 made UTF-8. It is valid during the call only.
	Text []byte
}

// Decoder keeps its scratch memory from call to call. The zero value is ready.
// It is not safe for concurrent use, and Each must not be called from within f:
// a nested call needs its own Decoder.
type Decoder struct {
	out   []byte // the piece at hand
	lines []byte // the lines of a wrapped run, joined
	// joined is the end of the last run of several lines: its lines are not
	// starting points of further runs of several lines.
	joined int
}

// Each calls f for each piece of text, until f answers false. They come form by
// form: those of base64 and of percent in the order of Start, but hexadecimal runs
// before byte lists, and escapes before lines of mail. They may overlap.
func (d *Decoder) Each(text []byte, f func(Piece) bool) {
	_ = d.runs(text, f) && d.lists(text, f) && d.pairs(text, f) &&
		d.percent(text, f) && d.escapes(text, f) && d.quotedPrintable(text, f)
}

// Each is Decoder.Each with a Decoder of its own.
func Each(text []byte, f func(Piece) bool) { new(Decoder).Each(text, f) }

// What a byte can be, as bits of class.
const (
	isDigit = 1 << iota
	isHexLetter
	isLetter
	isStd // + and /
	isURL // - and _
	isBlank
	isQuote

	isHex  = isDigit | isHexLetter
	isWord = isDigit | isLetter
	isRun  = isWord | isStd | isURL
)

// class tells what a byte is, value what it counts in both alphabets of base64,
// nibble in hexadecimal.
var class, value, nibble = tables()

func tables() (class, value, nibble [256]byte) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i, c := range []byte(alphabet) {
		value[c] = byte(i)
		class[c] = isLetter
	}
	value['-'], value['_'] = 62, 63
	for i := range byte(10) {
		class['0'+i], nibble['0'+i] = isDigit, i
	}
	for i := range byte(6) {
		class['a'+i], nibble['a'+i] = isLetter|isHexLetter, 10+i
		class['A'+i], nibble['A'+i] = isLetter|isHexLetter, 10+i
	}
	class['+'], class['/'], class['-'], class['_'] = isStd, isStd, isURL, isURL
	class[' '], class['\t'] = isBlank, isBlank
	class['"'], class['\''], class['`'] = isQuote, isQuote, isQuote
	return class, value, nibble
}

func is(c byte, kind byte) bool { return class[c]&kind != 0 }
