package check

import (
	"bytes"
	"context"
	"io"
	"iter"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// batch is some small contents in one piece of memory: to hand over each by
// itself would cost more than to search it.
type batch struct {
	memory   []byte
	used     int
	contents []loaded
}

type loaded struct {
	Content
	data []byte
}

// room is where the next content goes: what is larger is none for a batch.
func (b *batch) room() []byte {
	if b.memory == nil {
		b.memory = make([]byte, batchSize+smallContent+1)
	}
	return b.memory[b.used : b.used+smallContent+1]
}

func (b *batch) add(c Content, n int) {
	data := b.memory[b.used : b.used+n : b.used+n]
	c.Read = nil
	b.contents = append(b.contents, loaded{c, data})
	b.used += n
}

// queue takes batches to the workers and back.
type queue struct{ jobs, free chan *batch }

// fill reads the contents and searches the large ones itself.
func (q *queue) fill(ctx context.Context, c *collector, own *scan.Scanner, contents iter.Seq2[Content, error]) {
	b := q.next()
	for content, err := range contents {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			c.fail(content.OID, err)
			continue
		}
		room := b.room()
		n, err := io.ReadFull(content.Read, room)
		switch err {
		case nil:
			content.Read = io.MultiReader(bytes.NewReader(room), content.Read)
			c.large(ctx, own, content)
		case io.EOF, io.ErrUnexpectedEOF:
			b.add(content, n)
		default:
			c.fail(content.OID, err)
		}
		if b.used >= batchSize || len(b.contents) >= batchContents {
			q.jobs <- b
			b = q.next()
		}
	}
	q.jobs <- b
}

// next is an empty batch.
func (q *queue) next() *batch {
	b := <-q.free
	b.used, b.contents = 0, b.contents[:0]
	return b
}
