package gitrepo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Version is git's version.
type Version struct{ Major, Minor, Patch int }

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// MinVersion is the oldest git this package works with: it is the first with
// "rev-parse --path-format".
var MinVersion = Version{2, 31, 0}

func (g runner) version(ctx context.Context) (Version, error) {
	out, err := g.output(ctx, g.read, nil, []string{"version"})
	if err != nil {
		return Version{}, err
	}
	return parseVersion(string(out))
}

// parseVersion reads what "git version" prints. Builders add to it: "2.39.5
// (Apple Git-154)", "2.45.1.windows.1", "2.46.0-rc1", "2.47.GIT".
func parseVersion(s string) (Version, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "git version ")
	if !ok {
		return Version{}, fmt.Errorf("git version: unexpected answer %q", s)
	}
	rest, _, _ = strings.Cut(rest, " ")
	var v Version
	for i, part := range []*int{&v.Major, &v.Minor, &v.Patch} {
		var word string
		word, rest, _ = strings.Cut(rest, ".")
		digits := word[:len(word)-len(strings.TrimLeft(word, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil && i < 2 {
			return Version{}, fmt.Errorf("git version: unexpected answer %q", s)
		}
		*part = n
	}
	return v, nil
}
