package filter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// spoolMemory is how much ciphertext is held in memory before it goes to a
// temporary file. Tests lower it.
var spoolMemory = 4 << 20

// spool holds ciphertext (never plaintext) between the end of Git's request and
// our answer. Beyond spoolMemory it lives in a temporary file that is unlinked
// at once, so that nothing is left behind however the process ends.
type spool struct {
	mem   bytes.Buffer // until there is a file
	start [envelope.HeaderSize]byte
	file  *os.File
	named bool // the file could not be unlinked while open (Windows)
	size  int64
	err   error // of a write: what is held has a gap
}

func (s *spool) Write(p []byte) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.file == nil && s.mem.Len()+len(p) > spoolMemory {
		s.err = s.spill()
	}
	switch {
	case s.err != nil:
		return 0, s.err
	case s.file == nil:
		n, _ = s.mem.Write(p)
	default:
		n, err = s.file.Write(p)
	}
	if err != nil {
		s.err = fmt.Errorf("spool sealed content: %w", err)
	}
	if s.size < int64(len(s.start)) {
		copy(s.start[s.size:], p[:n])
	}
	s.size += int64(n)
	return n, s.err
}

// ReadFrom implements io.ReaderFrom: it spares io.Copy a buffer for each file.
func (s *spool) ReadFrom(r io.Reader) (int64, error) {
	buf := copyBuffers.Get().(*[copySize]byte)
	defer copyBuffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{s}, r, buf[:])
}

const copySize = 32 << 10

// copyBuffers are for what spools take in, never for plaintext.
var copyBuffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// spill moves what is held to a temporary file. On failure it is still in memory.
func (s *spool) spill() error {
	f, err := os.CreateTemp("", "git-envelope-sealed-*")
	if err != nil {
		return fmt.Errorf("spool sealed content: %w", err)
	}
	file := spool{file: f, named: os.Remove(f.Name()) != nil}
	if _, err := f.Write(s.mem.Bytes()); err != nil {
		_ = file.Close()
		return fmt.Errorf("spool sealed content: %w", err)
	}
	s.file, s.named, s.mem = file.file, file.named, bytes.Buffer{}
	return nil
}

// held is how much memory the content takes.
func (s *spool) held() int { return s.mem.Cap() }

// head is the beginning of the content, as much as a header has if there is that much.
func (s *spool) head() []byte { return s.start[:min(s.size, int64(len(s.start)))] }

// copyTo writes the whole content to w.
func (s *spool) copyTo(w io.Writer) error {
	if s.err != nil {
		return s.err
	}
	if s.file == nil {
		_, err := w.Write(s.mem.Bytes())
		return err
	}
	_, err := io.Copy(w, io.NewSectionReader(s.file, 0, s.size))
	return err
}

// reader gives the content from its start and takes over the spool's file.
func (s *spool) reader() (io.ReadCloser, error) {
	if s.err != nil {
		_ = s.Close()
		return nil, s.err
	}
	if s.file == nil {
		return io.NopCloser(bytes.NewReader(s.mem.Bytes())), nil
	}
	return spooled{io.NewSectionReader(s.file, 0, s.size), s}, nil
}

type spooled struct {
	io.Reader
	io.Closer
}

// Close gives the file back. Closing again does nothing.
func (s *spool) Close() error {
	f := s.file
	if f == nil {
		return nil
	}
	s.file, s.err = nil, os.ErrClosed
	err := f.Close()
	if s.named {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
