package envelope

import (
	"bufio"
	"fmt"
	"io"
)

// Info is what the structure of a blob tells without its key. None of it is
// authenticated.
type Info struct {
	Header   Header
	Segments int
	Size     int64 // of the sealed blob in bytes
	MaxPlain int64 // the plaintext has at most this many bytes
}

// Inspect walks the structure of a sealed blob to its end, without a key and in
// bounded memory. It refuses what a Reader would refuse for its structure;
// ciphertext and tags may still be wrong. An empty src is not a sealed blob here:
// the error is ErrNotSealed.
func Inspect(src io.Reader) (Info, error) {
	in := bufio.NewReaderSize(src, readSize)
	h, err := readHeader(in)
	switch {
	case err == io.EOF:
		return Info{}, ErrNotSealed
	case err != nil:
		return Info{}, err
	}
	info := Info{Header: h, Size: int64(HeaderSize)}
	var record [recordSize]byte
	for {
		n, err := readRecord(in, record[:], h.Segmenting, uint64(info.Segments))
		if err == nil && n > 0 {
			err = skip(in, n)
		}
		if err != nil {
			return Info{}, fmt.Errorf("segment %d: %w", info.Segments+1, err)
		}
		info.Size += int64(recordSize + n)
		if n == 0 {
			break
		}
		info.Segments++
		info.MaxPlain += int64(h.Segmenting.max())
	}
	if err := readEnd(in); err != io.EOF {
		return Info{}, err
	}
	return info, nil
}

func skip(in *bufio.Reader, n int) error {
	_, err := in.Discard(n)
	if err == io.EOF {
		return ErrTruncated
	}
	return err
}
