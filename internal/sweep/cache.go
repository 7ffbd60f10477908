package sweep

import (
	"bufio"
	"bytes"
	"crypto/sha256"
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
// rules. It holds names alone; deleting it costs time, nothing else.
type cache struct {
	file string
	size int    // of a name
	have []byte // sorted names
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
	names, sum2 := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(names); bytes.Equal(got[:], sum2) && len(names)%hashSize == 0 {
		c.have = names
	}
	return c
}

func (c *cache) len() int { return len(c.have) / c.size }

func (c *cache) at(i int) []byte { return c.have[i*c.size : (i+1)*c.size] }

// has tells whether an object is known to be clean.
func (c *cache) has(oid []byte) bool {
	if c == nil || len(c.have) == 0 {
		return false
	}
	i := sort.Search(c.len(), func(i int) bool { return bytes.Compare(c.at(i), oid) >= 0 })
	return i < c.len() && bytes.Equal(c.at(i), oid)
}

// save replaces the cache by these names, as a whole. Caches of other rules are
// removed: rules change with a release, and then none of them helps any more.
func (c *cache) save(names [][]byte) error {
	if c == nil || len(names)*c.size > maxCache {
		return nil
	}
	slices.SortFunc(names, bytes.Compare)
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
	for _, n := range names {
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
