package gitrepo

import (
	"fmt"
	"strings"
)

// checkPath refuses what can't be a tracked path: such a path would mean
// something else to git, or lead out of the work tree.
func checkPath(path string) error {
	bad := path == "" || strings.Contains(path, "\x00")
	for part := range strings.SplitSeq(path, "/") {
		bad = bad || part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git")
	}
	if bad {
		return fmt.Errorf("%q: not a path of a work tree", path)
	}
	return nil
}

func checkPaths(paths []string) error {
	for _, p := range paths {
		if err := checkPath(p); err != nil {
			return err
		}
	}
	return nil
}

// literal is a pathspec that means exactly path, from the top.
func literal(path string) string { return ":(top,literal)" + path }

// nul joins paths as git's -z options read them.
func nul(paths []string) *strings.Reader {
	var b strings.Builder
	for _, p := range paths {
		b.WriteString(p)
		b.WriteByte(0)
	}
	return strings.NewReader(b.String())
}
