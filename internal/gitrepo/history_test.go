package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// brought is what Introductions gives, as "commit path mode" by blob.
func brought(t *testing.T, r *Repo, include, exclude []string, blobs ...string) map[string][]string {
	t.Helper()
	want, got := map[string]bool{}, map[string][]string{}
	for _, b := range blobs {
		want[b] = true
	}
	for in, err := range r.Introductions(context.Background(), include, exclude, want) {
		if err != nil {
			t.Fatal(err)
		}
		got[in.Blob] = append(got[in.Blob], fmt.Sprintf("%s %s %o", in.Commit, in.Path, in.Mode))
	}
	return got
}

func newObjects(t *testing.T, r *Repo, include, exclude []string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for o, err := range r.NewObjects(context.Background(), include, exclude) {
		if err != nil {
			t.Fatal(err)
		}
		got[o.OID] = o.Path
	}
	return got
}

func rootOIDs(t *testing.T, r *Repo, unreachable bool) []string {
	t.Helper()
	roots, err := r.Roots(context.Background(), unreachable)
	if err != nil {
		t.Fatal(err)
	}
	var oids []string
	for _, root := range roots {
		oids = append(oids, root.OID)
	}
	return oids
}

func blobOf(g *gittest.Repo, content string) string {
	return g.GitIn(content, "hash-object", "--stdin")
}

// TestMerges has a conflict that was resolved to something new, a merge that
// brings a file no side has, and one that only takes what a side has.
func TestMerges(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			g := gittest.New(t, "--object-format="+format)
			g.Write("f", "base\n")
			base := g.Commit("base")
			g.Git("checkout", "-qb", "side")
			g.Write("f", "side\n")
			g.Write("s", "from the side\n")
			side := g.Commit("side")
			g.Git("checkout", "-q", "main")
			g.Write("f", "main\n")
			mainOID := g.Commit("main")
			if _, err := g.Try("merge", "-q", "side"); err == nil {
				t.Fatal("no conflict")
			}
			g.Write("f", "resolved\n")
			g.Write("evil", "evil\n")
			merge := g.Commit("merge")
			r := openTest(t, g)
			resolved, evil, fromSide := blobOf(g, "resolved\n"), blobOf(g, "evil\n"), blobOf(g, "from the side\n")
			got := brought(t, r, []string{merge}, nil, resolved, evil, fromSide, blobOf(g, "base\n"))
			for blob, want := range map[string]string{resolved: merge + " f 100644", evil: merge + " evil 100644", fromSide: side + " s 100644", blobOf(g, "base\n"): base + " f 100644"} {
				if strings.Join(got[blob], "|") != want {
					t.Errorf("%q, want %q", got[blob], want)
				}
			}
			objects := newObjects(t, r, []string{merge}, []string{mainOID, side})
			if len(objects) != 4 || objects[resolved] != "f" || objects[evil] != "evil" {
				t.Errorf("the merge brings %v", objects)
			}
			var order []string
			for c, err := range r.Commits(context.Background(), []string{merge}, []string{base}) {
				if err != nil {
					t.Fatal(err)
				}
				order = append(order, c.OID)
				if c.OID == merge && !slices.Equal(c.Parents, []string{mainOID, side}) {
					t.Errorf("parents %v", c.Parents)
				}
			}
			if len(order) != 3 || order[2] != merge {
				t.Errorf("order %v", order)
			}
		})
	}
}

// TestIntroductions has everything that may not change the answer set against it.
func TestIntroductions(t *testing.T) {
	g := gittest.New(t)
	g.Write("a", "secret\n")
	first := g.Commit("root")
	g.Git("mv", "a", "b")
	moved := g.Commit("rename")
	if err := os.Chmod(g.File("b"), 0o755); err != nil {
		t.Fatal(err)
	}
	g.Commit("mode only")
	g.Git("rm", "-q", "b")
	g.Commit("removed")
	g.Write("c/new\nline", "secret\n")
	g.Write("Z", "other\n")
	again := g.Commit("again")
	want := []string{first + " a 100644", moved + " b 100644", again + " c/new\nline 100644"}
	blob := blobOf(g, "secret\n")
	check := func(what string) {
		t.Helper()
		if got := brought(t, openTest(t, g), []string{again}, nil, blob)[blob]; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	check("plain")
	mark := filepath.Join(t.TempDir(), "ran")
	g.Write("order", "Z\n")
	for _, kv := range [][2]string{{"diff.renames", "copies"}, {"diff.orderFile", g.File("order")}, {"diff.external", "touch " + mark}, {"diff.x.textconv", "touch " + mark},
		{"diff.x.command", "touch " + mark}, {"diff.relative", "true"}, {"diff.noprefix", "true"}, {"color.ui", "always"}, {"core.abbrev", "5"}, {"log.showSignature", "true"}, {"log.follow", "true"},
		{"log.showRoot", "false"}, {"log.diffMerges", "off"}, {"diff.ignoreSubmodules", "all"}, {"core.quotePath", "true"}, {"gpg.program", "touch " + mark}, {"rev-list.x", "y"}} {
		g.Git("config", kv[0], kv[1])
	}
	writeFile(t, g.File(".git/info/attributes"), "* diff=x -text binary\n")
	check("configured")
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program of the configuration ran")
	}
	writeFile(t, g.File(".git/info/grafts"), again+"\n")
	check("grafted")
	g.Git("replace", "--graft", again)
	check("replaced")
	g.Git("commit-graph", "write", "--reachable")
	check("with a commit-graph")
}

func TestCommitDetails(t *testing.T) {
	g := gittest.New(t)
	g.Git("config", "user.name", "J\xf6rg")
	g.Git("config", "i18n.commitEncoding", "latin1")
	c := g.With("GIT_AUTHOR_DATE=1700000000 +0530").Commit("a title\n\nbody")
	got, err := openTest(t, g).CommitDetails(context.Background(), []string{c, id1})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	d := got[c]
	if d.Title != "a title" || d.Author != "J\xf6rg <author@example.com>" || d.Time.Format("2006-01-02T15:04:05-0700") != "2023-11-15T03:43:20+0530" {
		t.Errorf("%+v", d)
	}
}

// TestRoots hides a commit behind each kind of name.
func TestRoots(t *testing.T) {
	g := gittest.New(t)
	g.Write("f", "1\n")
	c1 := g.Commit("one")
	commit := func(text string) string { return g.Git("commit-tree", "-m", text, c1+"^{tree}") }
	want := map[string]string{}
	for _, ref := range []string{"refs/heads/b", "refs/tags/t", "refs/notes/x", "refs/odd", "refs/remotes/o/m", "refs/bisect/bad"} {
		want[ref] = commit(ref)
		g.Git("update-ref", ref, want[ref])
	}
	blob := g.GitIn("tagged blob", "hash-object", "-w", "--stdin")
	g.Git("tag", "blobtag", blob)
	want["tag of a blob"] = blob
	g.Git("tag", "treetag", c1+"^{tree}")
	want["tag of a tree"] = g.Git("rev-parse", c1+"^{tree}")
	g.Git("tag", "-a", "-m", "message", "annotated")
	want["annotated tag"] = g.Git("rev-parse", "annotated")
	for _, s := range []string{"stash 1", "stash 2"} {
		g.Write("f", s)
		g.Git("stash", "-q")
		want[s] = g.Git("rev-parse", "refs/stash")
	}
	original, replacement := commit("original"), commit("replacement")
	g.Git("replace", original, replacement)
	want["original"], want["replacement"] = original, replacement
	linked := g.At(filepath.Join(gittest.TempDir(t), "linked"))
	g.Git("worktree", "add", "-q", "--detach", linked.Dir)
	linked.Git("commit", "-q", "--allow-empty", "-m", "detached elsewhere")
	want["HEAD of a work tree"] = linked.Git("rev-parse", "HEAD")
	want["ref of a work tree"] = commit("worktree ref")
	linked.Git("update-ref", "refs/worktree/x", want["ref of a work tree"])

	late := map[string]string{"amended": commit("to amend")}
	g.Git("checkout", "-q", "--detach", late["amended"])
	g.Git("commit", "-q", "--amend", "--allow-empty", "-m", "amended")
	want["HEAD"] = g.Git("rev-parse", "HEAD")
	want["MERGE_HEAD"] = commit("merge head")
	writeFile(t, g.File(".git/MERGE_HEAD"), want["MERGE_HEAD"]+"\n")
	want["CHERRY_PICK_HEAD"] = commit("pick head")
	writeFile(t, g.File(".git/CHERRY_PICK_HEAD"), want["CHERRY_PICK_HEAD"]+"\n")
	late["ORIG_HEAD"] = commit("orig head")
	g.Git("update-ref", "ORIG_HEAD", late["ORIG_HEAD"])
	late["FETCH_HEAD"] = commit("fetch head")
	writeFile(t, g.File(".git/FETCH_HEAD"), want["HEAD"]+"\t\tbranch 'x' of y\n"+late["FETCH_HEAD"]+"\tnot-for-merge\tbranch 'z' of y\n")

	sub := g.At(g.File("sub"))
	if err := os.Mkdir(sub.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for where, g := range map[string]*gittest.Repo{"main": g, "linked": linked, "sub-directory": sub} {
		r := openTest(t, g)
		roots, all := rootOIDs(t, r, false), rootOIDs(t, r, true)
		for name, oid := range want {
			if !slices.Contains(roots, oid) || !slices.Contains(all, oid) {
				t.Errorf("from %s: %s is no root", where, name)
			}
		}
		for name, oid := range late {
			if slices.Contains(roots, oid) || !slices.Contains(all, oid) {
				t.Errorf("from %s: %s: a root %v, with unreachable %v", where, name, slices.Contains(roots, oid), slices.Contains(all, oid))
			}
		}
	}
}

func TestRootsDamaged(t *testing.T) {
	g := gittest.New(t)
	c := g.Commit("one")
	r := openTest(t, g)
	for name, file := range map[string]string{"refs/heads/garbage": "garbage\n", "refs/heads/bad..name": c + "\n", "refs/heads/empty": "", "MERGE_HEAD": "garbage\n", "CHERRY_PICK_HEAD": "x\n"} {
		writeFile(t, g.File(".git/"+name), file)
		roots, err := r.Roots(context.Background(), false)
		if err == nil || len(roots) == 0 {
			t.Errorf("%s: %v, %v", name, roots, err)
		}
		if err := os.Remove(g.File(".git/" + name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Roots(context.Background(), true); err != nil {
		t.Error(err)
	}
	writeFile(t, g.File(".git/refs/heads/nowhere"), id1+"\n")
	if !slices.Contains(rootOIDs(t, r, false), id1) {
		t.Error("a reference to an object that is not here was left out")
	}
	empty := openTest(t, gittest.New(t))
	if roots, err := empty.Roots(context.Background(), true); err != nil || len(roots) > 0 {
		t.Error(roots, err)
	}
}

// TestStashCut: a stash entry that is gone must not hide the older ones.
func TestStashCut(t *testing.T) {
	g := gittest.New(t)
	g.Write("f", "1\n")
	g.Commit("one")
	var stash []string
	for _, s := range []string{"s1", "s2", "s3"} {
		g.Write("f", s)
		g.Git("stash", "-q")
		stash = append(stash, g.Git("rev-parse", "refs/stash"))
	}
	if err := os.Remove(objectFile(t, g, stash[1])); err != nil {
		t.Fatal(err)
	}
	roots, err := openTest(t, g).Roots(context.Background(), false)
	if err == nil && !slices.ContainsFunc(roots, func(r Root) bool { return r.OID == stash[0] }) {
		t.Errorf("the first stash entry is lost without an error: %v", roots)
	}
}

func TestShallow(t *testing.T) {
	g := gittest.New(t)
	var commits []string
	for i := range 4 {
		g.Write("f", fmt.Sprint(i))
		commits = append(commits, g.Commit(fmt.Sprint(i)))
	}
	clone := g.Clone("--depth=2")
	r := openTest(t, clone)
	ctx := context.Background()
	cut, err := r.ShallowCommits(ctx)
	if err != nil || !slices.Equal(cut, commits[2:3]) {
		t.Errorf("%v, %v", cut, err)
	}
	for _, c := range []struct {
		exclude []string
		want    int
	}{{nil, 1}, {commits[2:3], 0}} {
		cut, err := r.CutCommits(ctx, commits[3:], c.exclude)
		if err != nil || len(cut) != c.want {
			t.Errorf("%v, %v", cut, err)
		}
	}
	var last error
	for _, last = range r.NewObjects(ctx, commits[3:], commits[:1]) {
	}
	if !errors.Is(last, ErrMissing) {
		t.Errorf("a range from a commit that is not here: %v", last)
	}
	if cut, err := openTest(t, g).ShallowCommits(ctx); len(cut) > 0 || err != nil {
		t.Error(cut, err)
	}
}

func TestMissingObjects(t *testing.T) {
	ctx := context.Background()
	g := gittest.New(t)
	g.Write("a", "a\n")
	g.Write("d/b", "b\n")
	c1 := g.Commit("one")
	g.Write("a", "a2\n")
	c2 := g.Commit("two")
	g.Git("config", "uploadpack.allowFilter", "true")
	partial := openTest(t, g.Clone("--filter=blob:none", "--no-checkout"))
	if missing, err := partial.ReachableMissing(ctx, []string{c2}); err != nil || len(missing) != 3 {
		t.Errorf("in a partial clone %v, %v", missing, err)
	}
	r := openTest(t, g)
	if found, err := r.Reachable(ctx, []string{c2}, map[string]bool{blobOf(g, "b\n"): true, id1: true}); err != nil || len(found) != 1 || found[blobOf(g, "b\n")] != "d/b" {
		t.Error(found, err)
	}
	tree := g.Git("rev-parse", "HEAD:d")
	if err := os.Remove(objectFile(t, g, tree)); err != nil {
		t.Fatal(err)
	}
	if missing, err := r.ReachableMissing(ctx, []string{c2}); err != nil || !slices.Equal(missing, []string{tree}) {
		t.Errorf("%v, %v", missing, err)
	}
	n := 0
	for o, err := range r.NewObjects(ctx, []string{c2}, nil) {
		if n++; (err != nil) != (o.OID == tree) || err != nil && !errors.Is(err, ErrMissing) {
			t.Errorf("%v: %v", o, err)
		}
	}
	if n != 7 {
		t.Errorf("%d objects", n)
	}
	if err := os.Remove(objectFile(t, g, c1)); err != nil {
		t.Fatal(err)
	}
	if missing, err := r.ReachableMissing(ctx, []string{c2}); err == nil {
		t.Errorf("a commit is gone, and all is well: %v", missing)
	}
	for _, err := range r.Introductions(ctx, []string{c2}, nil, map[string]bool{id1: true}) {
		if err == nil {
			t.Error("an introduction behind a commit that is gone")
		}
		return
	}
	t.Error("no error about a commit that is gone")
}

// TestHostileNames has trees that git would not write.
func TestHostileNames(t *testing.T) {
	g := gittest.New(t)
	blob := g.GitIn("x", "hash-object", "-w", "--stdin")
	raw := g.Git("cat-file", "tree", g.GitIn("100644 blob "+blob+"\ta\n", "mktree"))
	oid := raw[len(raw)-20:]
	names := []string{"..", ".git", "/etc/passwd", "a\nb", "a\xff", "b/../c", strings.Repeat("n", 2*maxLine)}
	var tree strings.Builder
	for _, n := range names {
		tree.WriteString("100644 " + n + "\x00" + oid)
	}
	c := g.Git("commit-tree", "-m", "x", g.GitIn(tree.String(), "hash-object", "-t", "tree", "-w", "--stdin", "--literally"))
	r := openTest(t, g)
	if got := newObjects(t, r, []string{c}, nil); len(got) != 3 || got[blob] != ".." {
		t.Errorf("%.300q", got)
	}
	var want []string
	for _, n := range names {
		want = append(want, c+" "+n+" 100644")
	}
	if got := brought(t, r, []string{c}, nil, blob)[blob]; !slices.Equal(got, want) {
		t.Errorf("%.500q", got)
	}
	long := blobOf(g, "long")
	g.GitIn("long", "hash-object", "-w", "--stdin")
	deep := g.Git("commit-tree", "-m", "x", g.GitIn("100644 blob "+long+"\t"+strings.Repeat("m", 2*maxLine)+"\n", "mktree"))
	if got := newObjects(t, r, []string{deep}, nil); len(got) != 3 || !strings.HasPrefix(got[long], "mmm") {
		t.Errorf("%.300q", got)
	}
}

func TestRangesOfNothing(t *testing.T) {
	r := openTest(t, gittest.New(t))
	ctx := context.Background()
	if got := newObjects(t, r, nil, nil); len(got) > 0 {
		t.Error(got)
	}
	for _, bad := range []string{"", "HEAD", "--all", id1 + "\n--all", "^" + id1} {
		for what, lists := range map[string][2][]string{"include": {{bad}, nil}, "exclude": {{id1}, {bad}}} {
			var last error
			for _, last = range r.NewObjects(ctx, lists[0], lists[1]) {
			}
			if last == nil || errors.Is(last, ErrMissing) {
				t.Errorf("%s %q: %v", what, bad, last)
			}
		}
	}
}
