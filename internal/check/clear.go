package check

import (
	"bufio"
	"errors"
	"io"

	"github.com/git-envelope/git-envelope/internal/envelope"
)

// InClear reads a content to its end and tells whether it holds anything in clear:
// it is neither empty nor a sound sealed blob.
func InClear(content io.Reader) (bool, error) {
	text := &watcher{r: content}
	r := bufio.NewReader(text)
	head, err := r.Peek(envelope.HeaderSize)
	if err != nil && err != io.EOF {
		return false, err
	}
	if len(head) == 0 {
		return false, nil
	}
	if envelope.IsSealed(head) {
		if _, err = envelope.Inspect(r); err != nil && !errors.Is(err, envelope.ErrDamaged) {
			return false, err
		}
		sound := err == nil
		_, err = io.Copy(io.Discard, r)
		return !sound || text.legible, err
	}
	_, err = io.Copy(io.Discard, r)
	return true, err
}
