//go:build ignore

// Scanhistories builds a Git history out of the released versions of a Go module,
// for machines that reach a module proxy but no public repository. Each version is
// committed in parts, a few folders at a time, so that there are thousands of
// commits that change a little, as in a history that people made.
//
//	scanhistories CACHE MODULE…
//
// makes CACHE/<module with dashes>.git, packed, unless it is there, and prints the
// path of each. What was downloaded is removed.
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// wantCommits is how many commits a history has at least, if its versions differ
// in as many files.
const wantCommits = 3000

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: scanhistories CACHE MODULE…")
		os.Exit(2)
	}
	for _, module := range os.Args[2:] {
		repo, err := ensure(os.Args[1], module)
		if err != nil {
			fmt.Fprintf(os.Stderr, "scanhistories: error: %s: %v\n", module, err)
			os.Exit(1)
		}
		fmt.Println(repo)
	}
}

func ensure(cache, module string) (string, error) {
	repo := filepath.Join(cache, strings.NewReplacer("/", "-", ".", "-").Replace(module)+".git")
	if _, err := os.Stat(repo); err == nil {
		return repo, nil
	}
	fmt.Fprintln(os.Stderr, "build a history of", module)
	mods, err := os.MkdirTemp(cache, "mod-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(mods)
	zips, err := download(mods, module)
	if err != nil {
		return "", err
	}
	half := filepath.Join(mods, "repo.git")
	if err := build(half, module, zips); err != nil {
		return "", err
	}
	return repo, os.Rename(half, repo)
}

// download fetches all versions, oldest first, and answers with their zip files.
func download(mods, module string) (zips []string, err error) {
	goTool := func(args ...string) ([]byte, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = mods // outside of any module
		cmd.Env = append(os.Environ(), "GOMODCACHE="+filepath.Join(mods, "cache"), "GOFLAGS=-modcacherw", "GOWORK=off")
		cmd.Stderr = os.Stderr
		return cmd.Output()
	}
	out, err := goTool("list", "-m", "-versions", module)
	if err != nil {
		return nil, err
	}
	var queries []string
	for _, v := range strings.Fields(string(out))[1:] {
		queries = append(queries, module+"@"+v)
	}
	out, err = goTool(append([]string{"mod", "download", "-json"}, queries...)...)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Zip string }
		if err := d.Decode(&m); err == io.EOF {
			return zips, nil
		} else if err != nil {
			return nil, err
		}
		zips = append(zips, m.Zip)
	}
}

func build(repo, module string, zips []string) error {
	if err := git("", nil, "init", "--quiet", "--bare", "--initial-branch=main", repo); err != nil {
		return err
	}
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		s := &stream{Writer: bufio.NewWriterSize(w, 1<<20), blobs: map[[32]byte]int{}, tree: map[string]int{}}
		var err error
		for _, name := range zips {
			err = errors.Join(err, s.version(name, module, wantCommits/max(len(zips), 1)+1))
		}
		err = errors.Join(err, s.Flush())
		_ = w.CloseWithError(err)
		done <- err
	}()
	err := git(repo, r, "fast-import", "--quiet", "--date-format=raw")
	_ = r.CloseWithError(io.ErrClosedPipe)
	if err = errors.Join(err, <-done); err != nil {
		return err
	}
	return errors.Join(git(repo, nil, "repack", "-adfq"), git(repo, nil, "gc", "--quiet"))
}

// stream is what git fast-import reads.
type stream struct {
	*bufio.Writer
	blobs map[[32]byte]int // marks
	tree  map[string]int   // the state committed last
	marks int
	clock int
}

// version commits what differs between the tree and a version, in some parts.
func (s *stream) version(name, module string, parts int) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer z.Close()
	next := map[string]int{}
	for _, f := range z.File {
		_, path, _ := strings.Cut(strings.TrimPrefix(f.Name, module), "/")
		if next[path], err = s.blob(f); err != nil {
			return err
		}
	}
	all := maps.Clone(s.tree)
	maps.Copy(all, next)
	var changed []string
	for path := range all {
		if s.tree[path] != next[path] {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	for part := range slices.Chunk(changed, max(1, len(changed)/parts)) {
		s.commit(strings.TrimSuffix(filepath.Base(name), ".zip"), part, next)
	}
	s.tree = next
	return nil
}

func (s *stream) blob(f *zip.File) (mark int, err error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(data)
	if mark, ok := s.blobs[sum]; ok {
		return mark, nil
	}
	s.marks++
	s.blobs[sum] = s.marks
	fmt.Fprintf(s, "blob\nmark :%d\ndata %d\n", s.marks, len(data))
	_, _ = s.Write(data)
	return s.marks, s.WriteByte('\n')
}

func (s *stream) commit(version string, paths []string, next map[string]int) {
	s.clock++
	message := fmt.Sprintf("%s: %s and %d more\n", version, paths[0], len(paths)-1)
	fmt.Fprintf(s, "commit refs/heads/main\ncommitter Bench <bench@example.invalid> %d +0000\ndata %d\n%s", 1700000000+3600*s.clock, len(message), message)
	for _, path := range paths {
		if mark := next[path]; mark != 0 {
			fmt.Fprintf(s, "M 100644 :%d %s\n", mark, path)
		} else {
			fmt.Fprintf(s, "D %s\n", path)
		}
	}
	_ = s.WriteByte('\n')
}

func git(dir string, stdin io.Reader, args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, stdin, os.Stderr
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	return nil
}
