package archive

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"strings"
)

// tar gives the members of one archive after the other: what is behind the end
// of the first is not seen by tools, and all the more worth a look.
func (w *walk) tar() error {
	r := w.buffered()
	for first := true; ; first = false {
		if !first && !w.skipZeros(r) {
			return nil
		}
		if err := w.oneTar(r, first); err != nil {
			return err
		}
	}
}

// skipZeros skips padding and tells whether anything follows.
func (w *walk) skipZeros(r *bufio.Reader) bool {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return false
		}
		if c != 0 {
			return r.UnreadByte() == nil
		}
	}
}

func (w *walk) oneTar(r *bufio.Reader, first bool) error {
	t := tar.NewReader(r)
	for n := 0; ; n++ {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			if n == 0 && !first {
				w.skip("", trailing)
			} else {
				w.skip("", Damaged)
			}
			return errStop
		}
		if err := w.tarMember(h, t); err != nil {
			return err
		}
	}
}

// tarMember gives a file; of a link it gives the target, as Git would. Sparse
// files can be larger than what holds them, so their holes cost.
func (w *walk) tarMember(h *tar.Header, t io.Reader) error {
	switch {
	case h.Typeflag == tar.TypeSymlink || h.Typeflag == tar.TypeLink:
		return w.member(h.Name, strings.NewReader(h.Linkname), nil, -1)
	case h.Typeflag == tar.TypeGNUSparse || h.PAXRecords["GNU.sparse.major"] != "" || h.PAXRecords["GNU.sparse.map"] != "":
		return w.member(h.Name, t, w.in.count, -1)
	}
	return w.member(h.Name, t, nil, -1)
}
