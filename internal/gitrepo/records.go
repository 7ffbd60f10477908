package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// maxRecord bounds one NUL-terminated record of git's output. Paths are at most
// a few KiB on every system; configuration values may be longer.
const maxRecord = 1 << 20

// records runs a reading command and yields its NUL-terminated records. The
// slice is valid until the next one.
func (r *Repo) records(ctx context.Context, stdin io.Reader, args ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		out, err := r.Stream(ctx, stdin, args...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer out.Close()
		s := bufio.NewScanner(out)
		s.Buffer(make([]byte, 64<<10), maxRecord)
		s.Split(splitNUL)
		for s.Scan() {
			if !yield(s.Bytes(), nil) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func splitNUL(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errors.New("git's output ends within a record")
	}
	return 0, nil, nil
}

// badRecord is for output of git that is not as its manual says.
func badRecord(op string, record []byte) error {
	return fmt.Errorf("git %s: unexpected output %.200q", op, record)
}

// parseMode reads the six octal digits of a file mode.
func parseMode(s string) (uint32, bool) {
	if len(s) != 6 || strings.ContainsAny(s, "+-_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 8, 32)
	return uint32(n), err == nil
}

// parseSize reads a decimal number written as git writes it.
func parseSize(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// Modes of index and tree entries.
const (
	ModeFile       = 0o100644
	ModeExecutable = 0o100755
	ModeSymlink    = 0o120000
	ModeGitlink    = 0o160000
	ModeTree       = 0o040000
)

// IsFile reports whether an entry of this mode is a regular file, the only kind
// git runs filters on.
func IsFile(mode uint32) bool { return mode&0o170000 == 0o100000 }
