package decode

import (
	"bytes"
	"encoding/binary"
)

const (
	// minRun is the shortest run of base64 or hexadecimal worth a look: 12 bytes
	// or 8.
	minRun = 16
	// block is how many bytes the search takes at once. Two must fit in a run.
	block = 8
	// chunk is how much is decoded between two looks at whether it is still text.
	chunk = 1024
	// shortLine is a line length that a list of values can have as well: there
	// each line is decoded alone, too.
	shortLine = 48
)

// runs finds the runs of base64 and hexadecimal. One of 16 characters covers one
// of the blocks of 8 that it looks at, and most blocks of source text hold a
// blank, a bracket or a quote: these it passes with one test for 8 bytes.
func (d *Decoder) runs(text []byte, f func(Piece) bool) bool {
	d.joined = 0
	done := 0
	for i := 0; i+block <= len(text); {
		if seldom(binary.LittleEndian.Uint64(text[i:])) || !allRun(text[i:i+block]) {
			i += block
			continue
		}
		start, end := i, i+block
		for start > done && is(text[start-1], isRun) {
			start--
		}
		for end < len(text) && is(text[end], isRun) {
			end++
		}
		var ok bool
		if done, ok = d.runAt(text, start, end, f); !ok {
			return false
		}
		i = done
	}
	return true
}

// runAt decodes what is in the run from start to end, and tells where to go on.
func (d *Decoder) runAt(text []byte, start, end int, f func(Piece) bool) (next int, ok bool) {
	if start > 0 && text[start-1] == '\\' && (text[start] == 'n' || text[start] == 'r' || text[start] == 't') {
		start++ // the letter is an escape's
	}
	for end-start >= minRun {
		if start, ok = d.run(text, start, end, f); !ok {
			return 0, false
		}
	}
	return max(start, end), true
}

// seldom tells whether one of eight bytes is below +, or not ASCII.
func seldom(x uint64) bool {
	const low, high = 0x2b2b2b2b2b2b2b2b, 0x8080808080808080
	return ((x-low)|x)&high != 0
}

func allRun(b []byte) bool {
	for _, c := range b {
		if !is(c, isRun) {
			return false
		}
	}
	return true
}

// run decodes what begins at start, in a run that ends at end, and tells where
// to go on. What does not decode there may have something glued before it, such
// as the sign of a patch or a path: it goes on behind that.
func (d *Decoder) run(text []byte, start, end int, f func(Piece) bool) (next int, ok bool) {
	if next, ok := d.hexRun(text, start+digits(text[start:end]), end, f); next > start || !ok {
		return next, ok
	}
	switch c := judge64(text[start:]); c {
	case nothing:
	case plain:
		return d.base64(text, start, end, f)
	default:
		return d.whole64(text, start, end, c, f)
	}
	i := start + 1
	for i < end && !is(text[i-1], isStd|isURL) {
		i++
	}
	return i, true
}

// digits is where in a run hexadecimal may begin: behind 0x, or x of \x.
func digits(run []byte) int {
	switch {
	case run[0] == '0' && run[1]|0x20 == 'x':
		return 2
	case run[0]|0x20 == 'x':
		return 1
	}
	return 0
}

// judge64 tells what the first 16 characters decode to.
func judge64(run []byte) content {
	var head [headBytes]byte
	decode64(head[:0], run[:minRun])
	return judge(head[:])
}

// decode64 appends what src decodes to, in either alphabet: its caller says that
// all of it is in them. A single character left over is dropped.
func decode64(dst, src []byte) []byte {
	for len(src) >= 4 {
		v := uint(value[src[0]])<<18 | uint(value[src[1]])<<12 | uint(value[src[2]])<<6 | uint(value[src[3]])
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
		src = src[4:]
	}
	switch len(src) {
	case 3:
		v := uint(value[src[0]])<<18 | uint(value[src[1]])<<12 | uint(value[src[2]])<<6
		dst = append(dst, byte(v>>16), byte(v>>8))
	case 2:
		dst = append(dst, value[src[0]]<<2|value[src[1]]>>4)
	}
	return dst
}

// decodeHex appends what src, an even number of digits, decodes to.
func decodeHex(dst, src []byte) []byte {
	for ; len(src) >= 2; src = src[2:] {
		dst = append(dst, nibble[src[0]]<<4|nibble[src[1]])
	}
	return dst
}

// base64 decodes a run that begins with text, as far as it stays text.
func (d *Decoder) base64(text []byte, start, end int, f func(Piece) bool) (next int, ok bool) {
	src, last := d.join(text, start, end, isRun)
	out, used := d.asText(src, 4, decode64)
	return d.emit(Piece{"base64", start, last, out}, src, used, end, f)
}

// whole64 decodes a run that is no text and must not be cut.
func (d *Decoder) whole64(text []byte, start, end int, c content, f func(Piece) bool) (next int, ok bool) {
	src, last := d.join(text, start, end, isRun)
	d.out = decode64(d.out[:0], src)
	if c != container {
		d.out = narrow(d.out, c)
	}
	return d.emit(Piece{"base64", start, last, d.out}, src, len(src), end, f)
}

// hexRun decodes a run of digits. With nothing found it answers 0.
func (d *Decoder) hexRun(text []byte, start, end int, f func(Piece) bool) (next int, ok bool) {
	n := start
	for n < end && is(text[n], isHex) {
		n++
	}
	if n-start < minRun || (n-start)%2 != 0 || n < end && is(text[n], isWord) {
		return 0, true
	}
	var head [headBytes]byte
	c := judge(decodeHex(head[:0], text[start:min(n, start+2*headBytes)]))
	if c == nothing {
		return 0, true
	}
	src, last := d.join(text, start, n, isHex)
	used := len(src)
	if c == plain {
		d.out, used = d.asText(src, 2, decodeHex)
	} else if d.out = decodeHex(d.out[:0], src); c != container {
		d.out = narrow(d.out, c)
	}
	return d.emit(Piece{"hex", start, last, d.out}, src, used, n, f)
}

// asText decodes src chunk by chunk until it is no text any more, and tells how
// much of src it used. unit is how many characters make whole bytes.
func (d *Decoder) asText(src []byte, unit int, decode func(dst, src []byte) []byte) (out []byte, used int) {
	out = d.out[:0]
	for used < len(src) {
		n := min(chunk/unit*unit, len(src)-used)
		have := len(out)
		out = decode(out, src[used:used+n])
		used += n
		most := headFaults + (len(out)-have)/8
		if n, at := faults(out[have:], most); n > most {
			out = out[:have+at]
			if at < 8*n { // no text that something is glued to, but noise
				out = out[:have]
			}
			break
		}
	}
	d.out = out
	return out, used
}

// emit hands a piece to f if it is worth it, and tells where to go on: end is
// where the first line ends, used how much of src was decoded.
func (d *Decoder) emit(p Piece, src []byte, used, end int, f func(Piece) bool) (next int, ok bool) {
	oneLine := p.End == end
	if oneLine {
		p.End = min(p.End, p.Start+used)
	}
	if len(p.Text) >= minRun/2 && !f(p) {
		return 0, false
	}
	switch {
	case oneLine:
		return p.End, true
	case used < len(src) || end-p.Start < shortLine:
		return end, true
	}
	return p.End, true
}

// join is the run from start to end with the lines that carry it on, all as long
// as the first but the last, and where they end. Alone it is not copied.
func (d *Decoder) join(text []byte, start, end int, kind byte) (run []byte, last int) {
	run, last = text[start:end], end
	if start < d.joined {
		return run, last
	}
	width := end - start
	for {
		i := joint(text, last)
		if i < 0 {
			break
		}
		j := i
		for j < len(text) && j-i <= width && is(text[j], kind) {
			j++
		}
		if j == i || j-i > width || j-i < width && !closes(text, j) || bytes.HasPrefix(text[i:j], dashes) {
			break
		}
		if last == end {
			d.lines = append(d.lines[:0], run...)
		}
		d.lines = append(d.lines, text[i:j]...)
		last = j
		if j-i < width {
			break
		}
	}
	if last == end {
		return run, last
	}
	d.joined = last
	return d.lines, last
}

var dashes, slashes = []byte("-----"), []byte("// ")

// joint tells where a run that was cut at i goes on: behind a line break, one in
// the text or one as \n, with what a language or a mail puts around it: quotes,
// an operator, indentation, a comment sign. It is -1 if there is none.
func joint(text []byte, i int) int {
	at := func(c ...byte) bool { return i < len(text) && bytes.IndexByte(c, text[i]) >= 0 }
	skip := func(c ...byte) bool {
		if at(c...) {
			i++
			return true
		}
		return false
	}
	blanks := func() {
		for n := 0; n < 64 && skip(' ', '\t'); n++ {
		}
	}
	broken := false
	for range 2 { // \r\n
		if i+1 < len(text) && text[i] == '\\' && (text[i+1] == 'n' || text[i+1] == 'r') {
			i += 2
			broken = true
		}
	}
	quoted := skip('"', '\'', '`')
	if broken && !quoted && !at('\\', '\r', '\n') {
		return i
	}
	blanks()
	skip('+', '.', ',', '&', '\\')
	blanks()
	skip('\r')
	if !skip('\n') {
		return -1
	}
	blanks()
	switch {
	case quoted:
		skip('+', '.', '&')
		blanks()
	case skip('#', '*', '>'):
		blanks()
	case bytes.HasPrefix(text[i:], slashes): // with a blank: / is a digit of base64
		i += len(slashes)
	}
	if quoted && !skip('"', '\'', '`') {
		return -1
	}
	return i
}

// closes tells whether a shorter last line may end at i.
func closes(text []byte, i int) bool {
	for n := 0; n < 2 && i < len(text) && text[i] == '='; n++ {
		i++
	}
	return i == len(text) || bytes.IndexByte([]byte("\r\n\"'`\\<)], ;"), text[i]) >= 0
}
