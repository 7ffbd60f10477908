package scan

import "bytes"

// cursor is a place in a window that moves forward only, so that counting lines
// costs no more than one pass.
type cursor struct {
	at        int
	line      int   // from 0
	lineStart int64 // in the content as it is stored
	stored    int64 // at, from the window's beginning, as it is stored
}

func (c *cursor) forward(text []byte, to int, st *stream) {
	if to <= c.at {
		return
	}
	part := text[c.at:to]
	if n := bytes.Count(part, []byte{'\n'}); n > 0 {
		c.line += n
		c.lineStart = st.base + c.stored + st.stored(part[:bytes.LastIndexByte(part, '\n')+1])
	}
	c.stored += st.stored(part)
	c.at = to
}

// match makes what is handed out of a candidate. Candidates come in order.
func (st *stream) match(c *candidate) *Match {
	m := &Match{Rule: c.rule, Secret: c.secret, Validity: c.validity, Note: c.note, Via: c.via, Extent: c.extent}
	if c.end == 0 { // in something that fills the content
		m.Line, m.Column, m.EndLine, m.EndColumn = 1, 1, 1, 1
		return m
	}
	text := st.s.buf[:st.n]
	m.Lines = text[lineStart(text, c.start):lineEnd(text, c.end)]
	st.pos.forward(text, c.start, st)
	m.Offset = st.base + st.pos.stored
	m.Line, m.Column = st.pos.line+1, int(m.Offset-st.pos.lineStart)+1
	end := st.pos
	end.forward(text, c.end-1, st)
	m.EndLine = end.line + 1
	m.EndColumn = int(st.base+end.stored-end.lineStart) + int(st.stored(text[c.end-1:c.end]))
	m.Allowed, m.Note = allowed(text, c, m.Note)
	return m
}
