package azurekv_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// TestProcess runs the provider in a process of its own, with nothing but an
// environment to find the server by, and with the SDK told to log everything.
func TestProcess(t *testing.T) {
	if url := os.Getenv("AZUREKV_TEST_KEY"); url != "" {
		inProcess(t, url)
		return
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("Go does not honour SSL_CERT_FILE here")
	}
	s := vaulttest.New(t)
	s.AddKey("git", vaulttest.RSA2048)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestProcess$", "-test.v")
	cmd.Env = append(s.Env(), "AZUREKV_TEST_KEY="+s.KeyURL("git"), "AZURE_SDK_GO_LOGGING=all", "HOME="+t.TempDir())
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || !strings.Contains(stdout.String(), "opened as appid "+vaulttest.AppID) {
		t.Errorf("%v\n%s", err, stdout.String())
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error: %s", stderr.String())
	}
	if n := s.Count(vaulttest.UnwrapKey); n != 1 {
		t.Errorf("%d unwraps", n)
	}
}

func inProcess(t *testing.T, url string) {
	r := recipient(url)
	host := strings.Split(url, "/")[2]
	p := azurekv.New(azurekv.Options{AllowHosts: []string{host}, AuthorityHost: os.Getenv("AZURE_AUTHORITY_HOST")})
	k := newKey(t)
	w, err := p.Wrap(t.Context(), r, keystest.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Unwrap(t.Context(), r, keystest.Context(), w)
	if err != nil || !got.Equal(k) {
		t.Fatal(err)
	}
	who, err := p.Principal(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("opened as", who)
}
