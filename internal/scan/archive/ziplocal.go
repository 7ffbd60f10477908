package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// counter reads bytes and knows how many.
type counter struct {
	*bufio.Reader
	n int64
}

func newCounter(r io.Reader) *counter { return &counter{Reader: bufio.NewReaderSize(r, bufferMemory)} }

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.Reader.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

func (c *counter) discard(n int64) {
	for n > 0 {
		some, err := c.Discard(int(min(n, 1<<20)))
		c.n += int64(some)
		n -= int64(some)
		if err != nil {
			return
		}
	}
}

// zipReader finds the headers that stand before the members of a zip.
type zipReader struct {
	r         *counter
	directory bool // the end of the directory was seen
}

var pk = []byte("PK")

// seek goes to the next header of a member; false if there is none.
func (z *zipReader) seek() bool {
	for {
		window, err := z.r.Peek(bufferMemory)
		if len(window) < 4 {
			return false
		}
		i := bytes.Index(window, pk)
		switch {
		case i < 0:
			i = len(window) - 1
		case i+directoryEnd > len(window) && err == nil: // look again with more
		case i+4 > len(window):
			return false
		case window[i+2] == 3 && window[i+3] == 4:
			z.r.discard(int64(i))
			return true
		default:
			z.directory = z.directory || window[i+2] == 5 && window[i+3] == 6 && i+directoryEnd <= len(window)
			i += 2
		}
		z.r.discard(int64(i))
	}
}

type localHeader struct {
	name          string
	flags, method uint16
	packed, size  int64 // -1: it stands behind the data
}

const localLength = 30

// header reads a header; false if it is none after all. Then two bytes are read,
// so that the search goes on behind them.
func (z *zipReader) header() (h localHeader, ok bool) {
	b, err := z.r.Peek(localLength)
	if err != nil {
		z.r.discard(2)
		return h, false
	}
	u16 := func(i int) int { return int(binary.LittleEndian.Uint16(b[i:])) }
	u32 := func(i int) int64 { return int64(binary.LittleEndian.Uint32(b[i:])) }
	version, name, extra := u16(4)&0xff, u16(26), u16(28)
	h = localHeader{flags: uint16(u16(6)), method: uint16(u16(8)), packed: u32(18), size: u32(22)}
	if version > 100 || h.method > 100 || localLength+name+extra > bufferMemory {
		z.r.discard(2)
		return h, false
	}
	if b, err = z.r.Peek(localLength + name + extra); err != nil {
		z.r.discard(2)
		return h, false
	}
	h.name = string(b[localLength : localLength+name])
	if h.flags&flagDescriptor != 0 || h.packed == 0xffffffff || h.size == 0xffffffff {
		h.packed, h.size = -1, -1
	}
	z.r.discard(int64(len(b)))
	return h, true
}

// untilHeader reads stored data whose length nobody told: to the next mark.
type untilHeader struct {
	z    *zipReader
	done bool
}

func (u *untilHeader) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	window, _ := u.z.r.Peek(bufferMemory)
	n := len(window)
	for i := 0; ; i++ {
		k := bytes.Index(window[i:], pk)
		if k < 0 {
			break
		}
		i += k
		if i+4 > len(window) {
			if i > 0 {
				n = i
			}
			break
		}
		if m := string(window[i+2 : i+4]); m == "\x03\x04" || m == "\x01\x02" || m == "\x07\x08" || m == "\x05\x06" {
			n, u.done = i, true
			break
		}
	}
	if n == 0 {
		u.done = true
		return 0, io.EOF
	}
	if n > len(p) {
		n, u.done = len(p), false
	}
	copy(p, window[:n])
	u.z.r.discard(int64(n))
	return n, nil
}
