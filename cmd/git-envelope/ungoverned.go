package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/policy"
)

// maxAttributes is how many attributes files of a tree are read to see that none
// of them is about us.
const maxAttributes = 256

// ungoverned tells whether nothing at a state of the repository asks for anything
// to be sealed: there is no policy, and no attributes file has our name in it, as
// "filter=envelope" has, or what a macro that stands for it is made of. Then no
// file of it can be judged wrongly sealed, and they need neither be held, however
// many they are, nor shown to Git. Each is given to see, until it is known not to
// be so; see may be nil.
func (j *judgement) ungoverned(ctx context.Context, rev string, see func(gitrepo.TreeEntry)) (files int, ok bool, err error) {
	local, err := os.ReadFile(filepath.Join(j.repo.CommonDir, "info", "attributes"))
	if err != nil && !os.IsNotExist(err) || mentionsUs(local) {
		return 0, false, nil
	}
	attributes := map[string]bool{}
	for e, err := range j.repo.TreeIter(ctx, rev) {
		if err != nil {
			return 0, false, err
		}
		if files++; see != nil {
			see(e)
		}
		switch {
		case !policy.Reserved(e.Path):
		case strings.HasPrefix(e.Path, ".envelope/"), len(attributes) == maxAttributes:
			return 0, false, nil
		case gitrepo.IsFile(e.Mode): // Git follows no link here
			attributes[e.OID] = true
		}
	}
	for oid := range attributes {
		text, err := j.readObject(ctx, oid)
		if err != nil || text == nil || mentionsUs(text) {
			return 0, false, nil // whoever judges it says what is wrong
		}
	}
	return files, true, nil
}

func mentionsUs(attributes []byte) bool { return bytes.Contains(attributes, []byte("envelope")) }
