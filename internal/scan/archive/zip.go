package archive

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
)

const (
	// zipMost is the largest archive that is read into memory, zipUnsized the
	// largest if its size is not known before: growing takes a second copy.
	zipMost    = 32 << 20
	zipUnsized = 16 << 20
	// zipEntries is how many entries a directory may have: archive/zip keeps about
	// 300 bytes of each. With more the archive is read without the directory.
	zipEntries = 20_000

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
)

// zip reads an archive into memory if it fits, else from beginning to end.
func (w *walk) zip(size int64) error {
	most := int64(zipMost)
	if size < 0 {
		most = zipUnsized
	}
	most = min(most, w.b.Memory)
	if size > most {
		return w.zipStream(w.in, nil)
	}
	whole, err := readUpTo(w.in, size, most)
	if err != nil {
		return err
	}
	return w.held(min(int64(cap(whole)), w.b.Memory), func() error {
		if int64(len(whole)) > most {
			return w.zipStream(io.MultiReader(bytes.NewReader(whole), w.in), nil)
		}
		return w.zipWhole(whole)
	})
}

// readUpTo reads all of r, or one byte more than most.
func readUpTo(r io.Reader, size, most int64) ([]byte, error) {
	buf := make([]byte, 0, max(size, 4<<10)+1)
	for {
		if len(buf) == cap(buf) {
			bigger := make([]byte, len(buf), min(2*int64(cap(buf)), most+1))
			copy(bigger, buf)
			buf = bigger
		}
		n, err := r.Read(buf[len(buf):min(int64(cap(buf)), most+1)])
		buf = buf[:len(buf)+n]
		if err == io.EOF || int64(len(buf)) > most {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// zipWhole goes by the directory, then by what it does not name.
func (w *walk) zipWhole(whole []byte) error {
	known := map[int64]int64{} // where a member's data begin: their length
	if bytes.Count(whole, []byte("PK\x01\x02")) <= zipEntries {
		z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
		if err == nil || errors.Is(err, zip.ErrInsecurePath) {
			for _, f := range z.File {
				if err := w.zipFile(f, int64(len(whole)), known); err != nil {
					return err
				}
			}
			return w.zipStream(bytes.NewReader(whole), known)
		}
	}
	return w.zipStream(bytes.NewReader(whole), nil)
}

// zipFile gives a member that the directory names. Two entries may share data:
// it is given once.
func (w *walk) zipFile(f *zip.File, whole int64, known map[int64]int64) error {
	at, err := f.DataOffset()
	packed := int64(min(f.CompressedSize64, uint64(whole)))
	if err != nil || at+packed > whole {
		w.skip(f.Name, Damaged)
		return nil
	}
	if _, twice := known[at]; twice && packed > 0 {
		return nil
	}
	known[at] = packed
	raw, err := f.OpenRaw()
	if err != nil {
		w.skip(f.Name, Damaged)
		return nil
	}
	return w.zipMember(f.Name, f.Flags, f.Method, raw, int64(f.UncompressedSize64))
}

// zipMember gives what is in raw; size is what it should be, -1 if not known.
func (w *walk) zipMember(name string, flags, method uint16, raw io.Reader, size int64) error {
	packed := &source{r: raw, ctx: w.ctx}
	var r io.Reader
	switch {
	case flags&flagEncrypted != 0:
		w.skip(name, encrypted)
		return nil
	case method == zip.Store:
		r = packed
	case method == zip.Deflate:
		if exact, ok := raw.(io.ByteReader); ok {
			r = flate.NewReader(struct {
				io.Reader
				io.ByteReader
			}{packed, byteSource{exact, packed}})
			break
		}
		r = flate.NewReader(packed)
	default:
		w.skip(name, unknownMethod)
		return nil
	}
	return w.member(name, r, packed.count, size)
}

// byteSource counts as a source does, byte by byte: a deflate decoder that gets
// it reads no further than its data.
type byteSource struct {
	r io.ByteReader
	s *source
}

func (b byteSource) ReadByte() (byte, error) {
	c, err := b.r.ReadByte()
	if err == nil {
		b.s.n++
	}
	return c, err
}

// zipStream looks for the headers before members and gives each member but those
// whose data begin where known says. Without known it expects a directory behind
// them, as a sign that nothing is cut off.
func (w *walk) zipStream(r io.Reader, known map[int64]int64) error {
	z := &zipReader{r: newCounter(r)}
	for z.seek() {
		h, ok := z.header()
		if !ok {
			continue
		}
		if size, ok := known[z.r.n]; ok {
			z.r.discard(size)
			continue
		}
		if err := w.local(z, h); err != nil {
			return err
		}
	}
	if known == nil && !z.directory {
		w.skip("", Damaged)
	}
	return nil
}

// local gives the member behind a header.
func (w *walk) local(z *zipReader, h localHeader) error {
	if strings.HasSuffix(h.name, "/") && h.packed == 0 {
		return w.member(h.name, strings.NewReader(""), nil, 0)
	}
	if h.packed >= 0 {
		raw := io.LimitReader(z.r, h.packed)
		err := w.zipMember(h.name, h.flags, h.method, raw, h.size)
		if err == nil {
			_, err = io.Copy(io.Discard, raw)
			if err != nil {
				err = w.in.err
			}
		}
		return err
	}
	if h.method == zip.Store {
		return w.zipMember(h.name, h.flags, h.method, &untilHeader{z: z}, -1)
	}
	return w.zipMember(h.name, h.flags, h.method, z.r, -1)
}
