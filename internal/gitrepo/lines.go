package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
)

// nameLines reads as the names, one a line, each behind the prefix.
type nameLines struct {
	names  []string
	prefix string
	line   []byte // what of the present line is left
	buf    []byte
}

func (l *nameLines) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(l.line) == 0 {
			if len(l.names) == 0 {
				break
			}
			l.buf = append(append(append(l.buf[:0], l.prefix...), l.names[0]...), '\n')
			l.line = l.buf
			l.names = l.names[1:]
		}
		k := copy(p[n:], l.line)
		n, l.line = n+k, l.line[k:]
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// lines runs a reading command and yields its lines, which a path may make longer
// than anyone wants: they are cut at maxLine. The slice is valid until the next.
func (r *Repo) lines(ctx context.Context, stdin io.Reader, args ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		out, err := r.Stream(ctx, stdin, args...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer out.Close()
		b := bufio.NewReaderSize(out, maxLine)
		for {
			line, err := cutLine(b)
			if err == io.EOF {
				return
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

const maxLine = 64 << 10

// cutLine reads a line and drops what is behind its first maxLine bytes.
func cutLine(b *bufio.Reader) ([]byte, error) {
	line, err := b.ReadSlice('\n')
	switch {
	case err == nil:
		return line[:len(line)-1], nil
	case err == io.EOF && len(line) > 0:
		return nil, errors.New("git's output ends within a line")
	case !errors.Is(err, bufio.ErrBufferFull):
		return nil, err
	}
	head := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = b.ReadSlice('\n')
	}
	return head, cutShort(err)
}
