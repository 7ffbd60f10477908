package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Open finds the repository of a directory as git does, also by GIT_DIR and its
// companions. In the common case, dir being the top of a work tree, it starts no
// process; otherwise it asks git once. It reads names only: whether the
// repository may be trusted (safe.directory) git itself decides in every call.
func Open(ctx context.Context, dir string) (*Repo, error) {
	return OpenEnv(ctx, dir, os.Environ())
}

// OpenEnv is Open with an environment of the caller's.
func OpenEnv(ctx context.Context, dir string, env []string) (*Repo, error) {
	top, err := filepath.Abs(dir)
	if err == nil {
		top, err = filepath.EvalSymlinks(top)
	}
	if err != nil {
		return nil, fmt.Errorf("open repository: %w", err)
	}
	r, ok := openAtTop(top, env)
	if !ok {
		if r, err = askGit(ctx, top, env); err != nil {
			return nil, err
		}
	}
	r.git.dir = r.WorkTree
	if r.Bare() {
		r.git.dir = r.GitDir
	}
	return r, nil
}

// openAtTop resolves the case of nearly every filter process: dir is the top of
// the work tree and holds ".git", or GIT_DIR names the repository. Whatever
// looks unusual is left to git, ok being false.
func openAtTop(dir string, env environ) (r *Repo, ok bool) {
	for _, name := range []string{"GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE"} {
		if env.has(name) {
			return nil, false
		}
	}
	dotGit, explicit := env.get("GIT_DIR")
	workTree, named := env.get("GIT_WORK_TREE")
	switch {
	case !explicit && named, explicit && dotGit == "", named && resolve(dir, workTree) != dir:
		return nil, false
	case !explicit:
		dotGit = ".git"
	}
	gitDir, commonDir, ok := gitDirs(resolve(dir, dotGit))
	if !ok || !plainConfig(commonDir, gitDir) {
		return nil, false
	}
	if within(dir, gitDir) {
		return nil, false // inside the repository: git's rules, not ours
	}
	r = &Repo{GitDir: gitDir, CommonDir: commonDir, WorkTree: dir, ObjectFormat: SHA1}
	r.IndexFile = filepath.Join(gitDir, "index")
	if explicit {
		env = env.set("GIT_DIR", gitDir)
	}
	if named {
		env = env.set("GIT_WORK_TREE", dir)
	}
	if index, ok := env.get("GIT_INDEX_FILE"); ok {
		if index == "" {
			return nil, false
		}
		r.IndexFile = absolute(dir, index)
		env = env.set("GIT_INDEX_FILE", r.IndexFile)
	}
	r.git.write = base(env)
	r.git.read = reading(r.git.write)
	return r, true
}

func absolute(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// resolve is the real path of name seen from dir, or "" if there is none.
func resolve(dir, name string) string {
	if name == "" {
		return ""
	}
	p, err := filepath.EvalSymlinks(absolute(dir, name))
	if err != nil {
		return ""
	}
	return p
}

// gitDirs follows a ".git" directory or gitfile to the repository and from there
// to the common directory, and checks as git does that it is one.
func gitDirs(dotGit string) (gitDir, commonDir string, ok bool) {
	info, err := os.Stat(dotGit)
	if dotGit == "" || err != nil {
		return "", "", false
	}
	gitDir = dotGit
	if info.Mode().IsRegular() {
		if gitDir = followFile(dotGit, "gitdir: ", filepath.Dir(dotGit)); gitDir == "" {
			return "", "", false
		}
	}
	commonDir = gitDir
	if _, err := os.Lstat(filepath.Join(gitDir, "commondir")); err == nil {
		if commonDir = followFile(filepath.Join(gitDir, "commondir"), "", gitDir); commonDir == "" {
			return "", "", false
		}
	}
	_, err = os.Lstat(filepath.Join(gitDir, "HEAD"))
	return gitDir, commonDir, err == nil && isDir(filepath.Join(commonDir, "objects")) && isDir(filepath.Join(commonDir, "refs"))
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// followFile reads a file that holds one path, after a prefix.
func followFile(name, prefix, dir string) string {
	data, err := readSmall(name)
	if err != nil {
		return ""
	}
	target, ok := strings.CutPrefix(string(data), prefix)
	if !ok {
		return ""
	}
	return resolve(dir, filepath.FromSlash(strings.TrimRight(target, "\r\n")))
}

const maxConfig = 1 << 20

func readSmall(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxConfig {
		return nil, fmt.Errorf("%s: not a small file", name)
	}
	return os.ReadFile(name)
}

// plainConfig reports whether the repository's own configuration leaves the
// place of the work tree and the object format at their defaults. Git reads
// these few settings from the files alone, without includes; a word that merely
// looks like one of them only costs us a question to git.
func plainConfig(commonDir, gitDir string) bool {
	data, err := readSmall(filepath.Join(commonDir, "config"))
	if err != nil {
		return false
	}
	data = bytes.ToLower(data)
	if bytes.Contains(data, []byte("worktreeconfig")) {
		extra, err := readSmall(filepath.Join(gitDir, "config.worktree"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return false
		}
		data = append(append(bytes.ReplaceAll(data, []byte("worktreeconfig"), nil), '\n'), bytes.ToLower(extra)...)
	}
	for _, usual := range []string{"bare = false", "repositoryformatversion"} {
		data = bytes.ReplaceAll(data, []byte(usual), nil)
	}
	for _, word := range []string{"worktree", "bare", "objectformat", "\\\n"} {
		if bytes.Contains(data, []byte(word)) {
			return false
		}
	}
	return true
}

// askGit has "git rev-parse" resolve what openAtTop left alone.
func askGit(ctx context.Context, dir string, env environ) (*Repo, error) {
	env = base(env)
	git := runner{dir: dir, read: reading(env)}
	answers, err := git.revParse(ctx)
	if err != nil {
		return nil, err
	}
	r := &Repo{
		GitDir: filepath.FromSlash(answers[0]), CommonDir: filepath.FromSlash(answers[1]), IndexFile: filepath.FromSlash(answers[2]),
		ObjectFormat: answers[3], WorkTree: filepath.FromSlash(answers[4]),
	}
	if r.WorkTree != "" && within(r.WorkTree, r.GitDir) {
		r.WorkTree = "" // a hook of receive-pack: GIT_DIR=. taken for a work tree
	}
	r.git.write = r.fixed(dir, env)
	r.git.read = reading(r.git.write)
	return r, nil
}

func within(name, dir string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// questions are put to git in one call. The last fails where there is no work
// tree, after the others were answered.
var questions = [][]string{{"--git-dir"}, {"--git-common-dir"}, {"--git-path", "index"}, {"--show-object-format"}, {"--show-toplevel"}}

// revParse answers questions; the last is empty without a work tree.
func (g runner) revParse(ctx context.Context) ([]string, error) {
	args := []string{"rev-parse", "--path-format=absolute"}
	all := args
	for _, q := range questions {
		all = append(all[:len(all):len(all)], q...)
	}
	out, err := g.output(ctx, g.read, nil, all)
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	switch {
	case err != nil && !noWorkTree(err):
		return nil, openError(err)
	case err != nil && len(lines) == len(questions)-1:
		return append(lines, ""), nil
	case err == nil && len(lines) == len(questions):
		return lines, nil
	}
	// A directory with a newline in its name: one question at a time.
	lines = nil
	for _, q := range questions {
		out, err := g.output(ctx, g.read, nil, append(args[:len(args):len(args)], q...))
		if err != nil && !noWorkTree(err) {
			return nil, openError(err)
		}
		lines = append(lines, strings.TrimSuffix(string(out), "\n"))
	}
	return lines, nil
}

func noWorkTree(err error) bool {
	var e *GitError
	return errors.As(err, &e) && strings.Contains(e.Stderr, "must be run in a work tree")
}

func openError(err error) error {
	var e *GitError
	if errors.As(err, &e) && strings.Contains(e.Stderr, "not a git repository") {
		return fmt.Errorf("%w: %w", ErrNotRepository, err)
	}
	return err
}

// fixed makes what the environment says about the repository absolute, because
// we run git at the top of the work tree and not in dir. GIT_DIR is set only
// when it was, or when git would not find the repository from there: setting it
// switches git's ownership check off.
func (r *Repo) fixed(dir string, env environ) environ {
	found, _, _ := gitDirs(resolve(r.WorkTree, ".git"))
	if env.has("GIT_DIR") || env.has("GIT_WORK_TREE") || r.WorkTree != "" && found != r.GitDir {
		env = env.set("GIT_DIR", r.GitDir)
		if r.WorkTree != "" {
			env = env.set("GIT_WORK_TREE", r.WorkTree)
		}
	}
	if env.has("GIT_INDEX_FILE") {
		env = env.set("GIT_INDEX_FILE", r.IndexFile)
	}
	if env.has("GIT_COMMON_DIR") {
		env = env.set("GIT_COMMON_DIR", r.CommonDir)
	}
	from := dir
	if r.WorkTree != "" && within(dir, r.WorkTree) {
		from = r.WorkTree // git is there already when it looks at these
	}
	if objects, ok := env.get("GIT_OBJECT_DIRECTORY"); ok && objects != "" {
		env = env.set("GIT_OBJECT_DIRECTORY", absolute(from, objects))
	}
	if list, ok := env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES"); ok && list != "" && !strings.Contains(list, `"`) {
		parts := filepath.SplitList(list)
		for i, p := range parts {
			parts[i] = absolute(from, p)
		}
		env = env.set("GIT_ALTERNATE_OBJECT_DIRECTORIES", strings.Join(parts, string(filepath.ListSeparator)))
	}
	return env
}
