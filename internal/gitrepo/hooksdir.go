package gitrepo

import (
	"context"
	"path/filepath"
	"strings"
)

// HooksDir is the directory git runs this repository's hooks from, absolute.
// custom says that core.hooksPath names it. It need not exist.
func (r *Repo) HooksDir(ctx context.Context) (dir string, custom bool, err error) {
	c, err := r.Config(ctx)
	if err != nil {
		return "", false, err
	}
	_, custom = c.Get("core.hooksPath")
	out, err := r.Run(ctx, nil, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
	if err != nil {
		return "", false, err
	}
	return filepath.FromSlash(strings.TrimSuffix(string(out), "\n")), custom, nil
}
