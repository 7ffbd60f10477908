package rules

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// realTrees are modules, as folders of the module cache, whose sources hold no
// secret that opens anything. Keys in their tests are findings all the same.
var realTrees = []string{
	"github.com/aws/aws-sdk-go-v2@*", "github.com/aws/aws-sdk-go-v2/config@*", "github.com/!azure/azure-sdk-for-go/sdk/azcore@*", "github.com/!azure/azure-sdk-for-go/sdk/azidentity@*",
	"github.com/go-git/go-git/v5@*", "golang.org/x/crypto@*", "golang.org/x/net@*", "golang.org/x/sys@*", "golang.org/x/tools@*",
	"github.com/spf13/cobra@*", "github.com/klauspost/compress@*", "github.com/stretchr/testify@*",
}

// mostPerMB is how many findings of the generic rules a megabyte of source may
// have. They are nearly all keys and tokens of tests, measured 0.4 a MB.
const mostPerMB = 0.5

// TestRealTrees counts what the generic rules find in real source trees. It names
// places, never values.
func TestRealTrees(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a hundred megabytes")
	}
	trees := sourceTrees(t)
	if len(trees) == 0 {
		t.Skip("no source trees on this machine")
	}
	engine, err := scan.New(scan.Options{Rules: generic})
	if err != nil {
		t.Fatal(err)
	}
	a := &accuracy{engine: engine, path: pathCache{}}
	var read int64
	found := map[string]int{}
	for _, root := range trees {
		read += a.tree(t, root, found)
	}
	mb := float64(read) / 1e6
	total := 0
	for _, r := range generic {
		t.Logf("%-20s %4d, %.3f a MB", r.ID, found[r.ID], float64(found[r.ID])/mb)
		total += found[r.ID]
	}
	t.Logf("%d trees, %.0f MB", len(trees), mb)
	if float64(total)/mb > mostPerMB {
		t.Errorf("%.2f findings a MB, want at most %.2f", float64(total)/mb, mostPerMB)
	}
}

// sourceTrees are Go's own tree and the newest version there is of each module.
func sourceTrees(t *testing.T) (roots []string) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMODCACHE", "GOROOT").Output()
	if err != nil {
		return nil
	}
	cache, goroot, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	for _, tree := range realTrees {
		versions, err := filepath.Glob(filepath.Join(cache, tree))
		if err != nil {
			t.Fatal(err)
		}
		if len(versions) > 0 {
			roots = append(roots, slices.Max(versions))
		}
	}
	if _, err := os.Stat(filepath.Join(goroot, "src")); err == nil {
		roots = append(roots, filepath.Join(goroot, "src"))
	}
	return roots
}

// tree scans the texts of a tree and answers with how many bytes they are.
func (a *accuracy) tree(t *testing.T, root string, found map[string]int) (read int64) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) > 4<<20 || bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
			return err
		}
		read += int64(len(text))
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		_, err = a.engine.Scanner().Scan(t.Context(), bytes.NewReader(text), func(m *scan.Match) {
			if a.path.counts(m.Rule, filepath.ToSlash(rel)) {
				found[m.Rule.ID]++
				t.Logf("%s in %s/%s, byte %d", m.Rule.ID, filepath.Base(root), rel, m.Offset)
			}
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return read
}
