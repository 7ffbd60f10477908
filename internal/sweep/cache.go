package sweep

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// cacheVersion changes when another scan of the same objects with the same rules
// may find more.
const cacheVersion = "2"

// maxCache bounds the file that is read: 8 million names of 32 bytes.
const maxCache = 256 << 20

// cache is the set of objects that were found to be clean, under one set of
// rules, and of the others that were there. It holds names alone; deleting it
// costs time, nothing else.
type cache struct {
	file  string
	size  int    // of a name
	have  []byte // sorted names of what is clean
	other []byte // and of what is not
}

// openCache reads the cache of these rules; one that is not there, or is not
// what we wrote, is empty.
func (s *Sweep) openCache(hashSize int) *cache {
	if s.CacheDir == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{cacheVersion, s.Engine.Digest(), s.CacheKey}, "\n")))
	c := &cache{file: filepath.Join(s.CacheDir, "clean-"+hex.EncodeToString(sum[:16])), size: hashSize}
	f, err := os.Open(c.file)
	if err != nil {
		return c
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCache+1))
	if err != nil || len(data) > maxCache || len(data) < sha256.Size {
		return c
	}
	data, sum2 := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(data); !bytes.Equal(got[:], sum2) || len(data) < 8 {
		return c
	}
	clean, names := binary.BigEndian.Uint64(data), data[8:]
	if n := uint64(len(names)); n%uint64(hashSize) == 0 && clean <= n && clean%uint64(hashSize) == 0 {
		c.have, c.other = names[:clean], names[clean:]
	}
	return c
}

// lost tells whether something that was there is there no more. What leads to it
// may be known to be clean and so not be read again. present is sorted.
func (c *cache) lost(present []byte) bool {
	if c == nil {
		return false
	}
	return !within(c.have, present, c.size) || !within(c.other, present, c.size)
}

// within tells whether all of some sorted names are among others.
func within(some, all []byte, size int) bool {
	for ; len(some) > 0; some = some[size:] {
		for len(all) > 0 && bytes.Compare(all[:size], some[:size]) < 0 {
			all = all[size:]
		}
		if len(all) == 0 || !bytes.Equal(all[:size], some[:size]) {
			return false
		}
	}
	return true
}

// has tells whether an object is known to be clean.
func (c *cache) has(oid []byte) bool { return c != nil && search(c.have, oid) }

// search looks for a name among sorted ones.
func search(names, oid []byte) bool { return find(names, oid) >= 0 }

// find is the place of a name among sorted ones of its size, -1 if it is not there.
func find(names, oid []byte) int {
	at := func(i int) []byte { return names[i*len(oid) : (i+1)*len(oid)] }
	n := len(names) / len(oid)
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), oid) >= 0 })
	if i < n && bytes.Equal(at(i), oid) {
		return i
	}
	return -1
}

// save replaces the cache, as a whole, by the names of what is clean and of what
// else is there. Caches of other rules are
// removed: rules change with a release, and then none of them helps any more.
func (c *cache) save(clean, other [][]byte) error {
	if c == nil || (len(clean)+len(other)+2)*c.size > maxCache {
		return nil
	}
	slices.SortFunc(clean, bytes.Compare)
	slices.SortFunc(other, bytes.Compare)
	dir := filepath.Dir(c.file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, h), 256<<10)
	_, _ = w.Write(binary.BigEndian.AppendUint64(nil, uint64(len(clean)*c.size)))
	for _, n := range slices.Concat(clean, other) {
		_, _ = w.Write(n)
	}
	err = w.Flush()
	if err == nil {
		_, err = f.Write(h.Sum(nil))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.file); err != nil {
		return err
	}
	return removeOthers(dir, filepath.Base(c.file))
}

// keepCaches is how many caches of other rules stay: those of shards, and of a
// branch with other rules.
const keepCaches = 8

func removeOthers(dir, name string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var others []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Name() != name && strings.HasPrefix(e.Name(), "clean-") {
			others = append(others, info)
		}
	}
	slices.SortFunc(others, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for i, info := range others {
		if i >= keepCaches {
			if err := os.Remove(filepath.Join(dir, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
