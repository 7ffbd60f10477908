package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Prime asks for several specs at once, so that Open need not ask for those that
// lead to nothing, one after the other. They count as missing until Close.
func (b *Blobs) Prime(ctx context.Context, specs ...string) error {
	for _, spec := range specs {
		if err := checkSpec(spec); err != nil {
			return err
		}
	}
	c, err := b.take(&b.stat)
	if err != nil {
		return err
	}
	stop := c.interruptible(ctx)
	defer stop()
	written := c.ask(specs)
	absent := map[string]bool{}
	for _, spec := range specs {
		_, said, err := b.answer(c, spec)
		if err != nil {
			return c.abandon(ctx, err)
		}
		if errors.Is(said, ErrMissing) {
			absent[spec] = true
		}
	}
	if err := <-written; err != nil || !stop() {
		return c.abandon(ctx, err)
	}
	b.give(c, &b.stat)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.absent = absent
	return nil
}

// Several streams objects like Repo.ObjectsOf, in order, by a process that answers
// single questions: for no more than some hundred that is cheaper than to start one.
// An error is that of Open, and the stream goes on.
func (b *Blobs) Several(ctx context.Context, oids []string) iter.Seq2[StoredObject, error] {
	return func(yield func(StoredObject, error) bool) {
		for len(oids) > 0 {
			s := several{blobs: b, yield: yield}
			err := s.run(ctx, oids)
			if s.stopped {
				return
			}
			if oids = oids[s.answered:]; err == nil || len(oids) == 0 {
				continue
			}
			// Git has gone, most likely of this one: it tells more when asked for it alone.
			if !s.alone(ctx, oids[0]) || ctx.Err() != nil {
				return
			}
			oids = oids[1:]
		}
	}
}

// several is what one process answers.
type several struct {
	blobs    *Blobs
	yield    func(StoredObject, error) bool
	answered int
	stopped  bool // the consumer wants no more
}

// alone gives an object, or why there is none, by a question of its own.
func (s *several) alone(ctx context.Context, oid string) bool {
	o, err := s.blobs.Open(ctx, oid)
	if err != nil {
		return s.yield(StoredObject{OID: oid}, err)
	}
	defer o.Close()
	return s.yield(StoredObject{OID: o.OID, Type: o.Type, Size: o.Size, Reader: o}, nil)
}

// run asks one process for all. Its error is about what is not answered.
func (s *several) run(ctx context.Context, oids []string) error {
	for _, oid := range oids {
		if err := checkSpec(oid); err != nil {
			return err
		}
	}
	c, err := s.blobs.take(&s.blobs.idle)
	if err != nil {
		return err
	}
	stop := c.interruptible(ctx)
	defer stop()
	written := c.ask(oids)
	for _, oid := range oids {
		more, err := s.next(ctx, c, oid)
		if err != nil {
			return c.abandon(ctx, err)
		}
		s.answered++
		if !more {
			_ = c.cmd.Process.Kill()
			_ = c.end()
			return nil
		}
	}
	if err := <-written; err != nil || !stop() {
		return c.abandon(ctx, err)
	}
	s.blobs.give(c, &s.blobs.idle)
	return nil
}

// next reads one answer. There are more if the consumer wants them and the process
// is at the next.
func (s *several) next(ctx context.Context, c *coproc, oid string) (more bool, err error) {
	line, err := c.out.ReadString('\n')
	if err != nil {
		return false, err
	}
	o, ok := parseObject(strings.TrimSuffix(line, "\n"), s.blobs.repo.HashSize())
	switch {
	case !ok && !absent(line, oid):
		return false, fmt.Errorf("unexpected answer %q", line)
	case !ok:
		s.stopped = !s.alone(ctx, oid)
		return !s.stopped, nil
	}
	body := &io.LimitedReader{R: c.out, N: o.Size}
	var content io.Reader = body
	if o.Size <= inMemory { // then git can't die while it is looked at
		data := make([]byte, o.Size)
		if _, err := io.ReadFull(body, data); err != nil {
			return false, err
		}
		content = bytes.NewReader(data)
	}
	s.stopped = !s.yield(StoredObject{OID: o.OID, Type: o.Type, Size: o.Size, Reader: &whole{content, o.Size}}, nil)
	if s.stopped || body.N > drainable {
		return false, nil
	}
	_, err = io.Copy(io.Discard, body)
	end, err2 := c.out.ReadByte()
	if err == nil && err2 == nil && (body.N > 0 || end != '\n') {
		err = fmt.Errorf("unexpected byte %#x behind the content", end)
	}
	if err = errors.Join(err, err2); err != nil && o.Size > inMemory {
		return false, nil // the reader was told
	}
	return err == nil, err
}

// whole reads size bytes: an end before is none.
type whole struct {
	r    io.Reader
	left int64
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if w.left -= int64(n); err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
