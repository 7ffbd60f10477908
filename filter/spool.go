package filter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// spoolMemory is how much ciphertext is held in memory before it goes to a
// temporary file.
const spoolMemory = 4 << 20

// spool holds ciphertext (never plaintext) between the end of Git's request and
// our answer. Beyond spoolMemory it lives in a temporary file that is unlinked
// at once, so that nothing is left behind however the process ends.
type spool struct {
	mem   bytes.Buffer
	file  *os.File
	named bool // the file could not be unlinked while open (Windows)
	size  int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(p) > spoolMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	var n int
	var err error
	if s.file != nil {
		n, err = s.file.Write(p)
	} else {
		n, err = s.mem.Write(p)
	}
	s.size += int64(n)
	return n, err
}

func (s *spool) spill() error {
	f, err := os.CreateTemp("", "git-envelope-sealed-*")
	if err != nil {
		return fmt.Errorf("spool sealed content: %w", err)
	}
	s.file = f
	s.named = os.Remove(f.Name()) != nil
	if _, err := f.Write(s.mem.Bytes()); err != nil {
		return fmt.Errorf("spool sealed content: %w", err)
	}
	return nil
}

// head is the beginning of the content, long enough for a header if there is one.
func (s *spool) head() []byte {
	return s.mem.Bytes()[:min(s.mem.Len(), envelope.HeaderSize)]
}

// copyTo writes the whole content to w.
func (s *spool) copyTo(w io.Writer) error {
	if s.file == nil {
		_, err := w.Write(s.mem.Bytes())
		return err
	}
	_, err := io.Copy(w, io.NewSectionReader(s.file, 0, s.size))
	return err
}

// reader gives the content from its start and takes over the spool's file.
func (s *spool) reader() (io.ReadCloser, error) {
	if s.file == nil {
		return io.NopCloser(bytes.NewReader(s.mem.Bytes())), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		s.Close()
		return nil, fmt.Errorf("rewind the sealed spool: %w", err)
	}
	return &spooled{s}, nil
}

type spooled struct{ *spool }

func (s *spooled) Read(p []byte) (int, error) { return s.file.Read(p) }

// Close gives the file back.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

// none is the empty answer.
func none() io.ReadCloser { return io.NopCloser(bytes.NewReader(nil)) }

// inMemory holds content that is not sealed, which must not touch the disk.
func inMemory(r io.Reader) (io.ReadCloser, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}
