package gitrepo_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/gitrepo/gittest"
)

// TestMain lets the test binary be the program that is killed in TestKilled.
func TestMain(m *testing.M) {
	if dir := os.Getenv("GITREPO_TEST_HOLD"); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

// hold starts every kind of helper process, names them, and waits to be killed.
func hold(dir string) {
	ctx := context.Background()
	r, err := gitrepo.Open(ctx, dir)
	if err == nil {
		_, err = r.Blobs().Open(ctx, "HEAD:big") // stays open
	}
	if err == nil {
		_, err = r.Blobs().Open(ctx, "HEAD:small")
	}
	if err == nil {
		_, err = r.Blobs().Stat(ctx, "HEAD")
	}
	if err == nil {
		_, err = r.Attributes("filter").Get(ctx, "small")
	}
	if err != nil {
		fmt.Println("error", err)
		return
	}
	pids := ""
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		children, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		pids += " " + string(children)
	}
	fmt.Println(pids)
	select {}
}

// Helper processes end when we are killed without a chance to end them.
func TestKilled(t *testing.T) {
	s := gittest.New(t)
	s.Write("big", string(large(8<<20)))
	s.Write("small", "x")
	s.Commit("one")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(s.Env, "GITREPO_TEST_HOLD="+s.Dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	pids := strings.Fields(line)
	if len(pids) != 4 {
		t.Errorf("helper processes: %q", line)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	deadline := time.Now().Add(time.Minute)
	for _, pid := range pids {
		for running(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("process %s was left behind", pid)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func running(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}
