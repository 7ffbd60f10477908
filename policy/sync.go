package policy

import (
	"bytes"
	"fmt"
)

// layout is an attributes file cut at the block.
type layout struct {
	before, block, after []byte
	found                bool
}

// Sync returns the attributes file with the policy's block in it, and the block
// last, because in Git the last line that matches decides. Nothing else changes
// by a byte, except that a missing line end is added before the block. Lines end
// as the first line of the rest of the file does. Syncing twice changes nothing.
//
// The error is an *Error: of the policy if it cannot be translated, of the
// attributes file if its markers do not pair up.
func Sync(gitattributes []byte, p *Policy) ([]byte, error) {
	l, err := cut(gitattributes)
	if err != nil {
		return nil, err
	}
	block, err := p.Attributes()
	if err != nil {
		return nil, err
	}
	out := append(bytes.Clone(l.before), l.after...)
	eol := lineEnd(out, l.block)
	if len(bytes.TrimPrefix(out, bom)) > 0 && out[len(out)-1] != '\n' {
		out = append(out, eol...)
	}
	block = bytes.ReplaceAll(block, []byte("\n"), eol)
	return append(out, block...), nil
}

// Unsync returns the attributes file without the block; a file without one is
// returned as it is.
func Unsync(gitattributes []byte) ([]byte, error) {
	l, err := cut(gitattributes)
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(l.before), l.after...), nil
}

// Block returns the marked block of an attributes file, with LF line ends so
// that it compares with Attributes, nil if there is none; and whether no
// attributes follow it, as they must not (blank lines and comments may).
func Block(gitattributes []byte) (block []byte, last bool, err error) {
	l, err := cut(gitattributes)
	if err != nil || !l.found {
		return nil, false, err
	}
	block = bytes.ReplaceAll(l.block, []byte("\r\n"), []byte("\n"))
	if !bytes.HasSuffix(block, []byte("\n")) {
		block = append(block, '\n')
	}
	for line := range bytes.Lines(l.after) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return block, false, nil
		}
	}
	return block, true, nil
}

// bom may begin an attributes file; Git skips it.
var bom = []byte("\xef\xbb\xbf")

// cut finds the block. Half a block or two are an error: what stands between
// the markers could be anybody's.
func cut(data []byte) (layout, error) {
	begin, end := -1, -1 // offsets: of the first marker line, behind the second
	offset, number, beginNumber := 0, 0, 0
	for line := range bytes.Lines(data) {
		number++
		start := offset
		offset += len(line)
		if number == 1 && bytes.HasPrefix(line, bom) {
			line, start = line[len(bom):], start+len(bom)
		}
		switch {
		case isMark(line, beginMark) && begin >= 0:
			return layout{}, markError(number, "a second %q, the first is on line %d: delete one block and run `git envelope sync`", beginMark, beginNumber)
		case isMark(line, beginMark):
			begin, beginNumber = start, number
		case isMark(line, endMark) && (begin < 0 || end >= 0):
			return layout{}, markError(number, "%q without its beginning: delete the line and run `git envelope sync`", endMark)
		case isMark(line, endMark):
			end = offset
		}
	}
	switch {
	case begin < 0:
		return layout{before: data}, nil
	case end < 0:
		return layout{}, markError(beginNumber, "%q without its end: delete this line and what git-envelope generated below it, then run `git envelope sync`", beginMark)
	}
	return layout{data[:begin], data[begin:end], data[end:], true}, nil
}

func markError(line int, format string, args ...any) error {
	return &Error{AttributesFile, line, 1, fmt.Sprintf(format, args...)}
}

// isMark recognises a marker line by its beginning.
func isMark(line []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(mark))
	return ok && (len(rest) == 0 || rest[0] == ' ')
}

// lineEnd is how the first line ends in the first of the texts that has a line
// end. Foreign lines come first, so that a second Sync decides alike.
func lineEnd(texts ...[]byte) []byte {
	for _, t := range texts {
		i := bytes.IndexByte(t, '\n')
		if i > 0 && t[i-1] == '\r' || i < 0 && bytes.HasSuffix(t, []byte("\r")) {
			return []byte("\r\n")
		}
		if i >= 0 {
			break
		}
	}
	return []byte("\n")
}
