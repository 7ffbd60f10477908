package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const readmePath = "../../README.md"

// TestReadme runs every transcript of the README, in order, in one fresh
// repository.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	runTranscripts(t, string(text))
}

// runTranscripts runs the transcripts of a document and tells where what is
// printed differs from what it says.
func runTranscripts(t *testing.T, document string) {
	t.Helper()
	steps, err := transcripts(document)
	if err != nil {
		t.Fatal(err)
	}
	shell := newTranscriptShell(t)
	for _, s := range steps {
		got, err := shell.run(s.command)
		if err != nil {
			t.Fatalf("line %d: %s: %v", s.line, s.command, err)
		}
		if !s.matches(got) {
			t.Fatalf("line %d: $ %s\nprinted:\n%s\nbut the document says:\n%s", s.line, s.command, got, strings.Join(s.want, "\n"))
		}
	}
}

// step is one command of a transcript and what it prints, on whichever stream.
type step struct {
	line    int
	command string
	want    []string
}

// transcripts are the steps of a document's console blocks. In them "$ " begins a
// command, "> " continues it on the next line, and all else is what it prints,
// where "…" stands for any text on a line, and alone on a line for any lines.
func transcripts(document string) (steps []step, err error) {
	inside := false
	fresh := false // nothing but the command has been read of this step
	for i, line := range strings.Split(document, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		more, isMore := strings.CutPrefix(line, "> ")
		switch {
		case !inside:
			inside, fresh = line == "```console", false
			if !inside && strings.HasPrefix(strings.TrimSpace(line), "```console") {
				return nil, fmt.Errorf("line %d: a console block has to begin with exactly ```console", i+1)
			}
		case line == "```":
			inside = false
		case isCommand:
			steps, fresh = append(steps, step{line: i + 1, command: command}), true
		case len(steps) == 0 || steps[len(steps)-1].line == 0:
			return nil, fmt.Errorf("line %d: a transcript has to begin with a command", i+1)
		case isMore && fresh:
			steps[len(steps)-1].command += "\n" + more
		default:
			last := &steps[len(steps)-1]
			last.want, fresh = append(last.want, line), false
		}
	}
	if inside {
		return nil, fmt.Errorf("the last console block has no end")
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there is no transcript in the document")
	}
	return steps, nil
}

// matches compares what was printed with what the transcript says.
func (s step) matches(got string) bool {
	var b strings.Builder
	b.WriteString(`\A`)
	for _, line := range s.want {
		if line == "…" {
			b.WriteString(`(?:[^\n]*\n)*`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", `[^\n]*`) + `\n`)
	}
	b.WriteString(`\z`)
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	return regexp.MustCompile(b.String()).MatchString(got)
}

// transcriptShell runs commands one by one; folder and exported variables carry
// over from one to the next, as at a prompt.
type transcriptShell struct {
	dir, state string
	env        []string
}

func newTranscriptShell(t *testing.T) *transcriptShell {
	work := t.TempDir()
	home, err := makeHome(work, "you")
	if err != nil {
		t.Fatal(err)
	}
	sh := &transcriptShell{
		dir:   filepath.Join(work, "repository"),
		state: filepath.Join(work, ".state"),
		env: append(scriptEnvironment(), "HOME="+home, "GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"),
			"PATH="+os.Getenv("PATH"), "TMPDIR="+work),
	}
	if err := os.WriteFile(sh.state, []byte("cd "+sh.dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(sh.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := sh.run("git init -q"); err != nil || out != "" {
		t.Fatalf("git init: %v %s", err, out)
	}
	return sh
}

// run gives what a command printed. A transcript may show a failure, so its exit
// code says nothing; not being able to start the shell is an error.
func (sh *transcriptShell) run(command string) (string, error) {
	const script = `. "$1"; state=$1; eval "$2"; { echo "cd '$(pwd)'"; export -p; } > "$state"`
	cmd := exec.Command("sh", "-c", script, "sh", sh.state, command)
	cmd.Dir, cmd.Env = sh.dir, sh.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState != nil {
		err = nil
	}
	return out.String(), err
}

// TestTranscripts runs the runner on documents of its own.
func TestTranscripts(t *testing.T) {
	runTranscripts(t, "text\n```console\n$ echo one; echo two >&2\none\n…\n$ mkdir d && cd d\n$ export X=y\n```\nmore\n```sh\n$ exit 1\n```\n"+
		"```console\n$ basename \"$PWD\"; echo $X\nd\n…\n$ printf 'a\\nb\\nc\\n'\n…\nc\n$ echo a long line\na … line\n$ echo \\\n> continued\ncontinued\n$ ! false\n$ printf x\nx\n```\n")
	for name, doc := range map[string]string{
		"no block":     "# nothing\n```sh\n$ true\n```\n",
		"empty":        "",
		"no command":   "```console\noutput\n```\n",
		"not ended":    "```console\n$ true\n",
		"not spelled":  "```console   \n$ true\n```\n",
		"empty blocks": "```console\n```\n",
	} {
		if steps, err := transcripts(doc); err == nil {
			t.Errorf("%s: no error, %d steps", name, len(steps))
		}
	}
	for _, s := range []struct {
		want []string
		got  string
		ok   bool
	}{
		{nil, "", true},
		{nil, "x\n", false},
		{[]string{"x"}, "", false},
		{[]string{"…"}, "", true},
		{[]string{"a", "…", "z"}, "a\nb\nc\nz\n", true},
		{[]string{"a", "…", "z"}, "a\nb\nc\n", false},
		{[]string{"a…c"}, "a\nc\n", false},
		{[]string{"a.c"}, "abc\n", false},
	} {
		if got := (step{want: s.want}).matches(s.got); got != s.ok {
			t.Errorf("%q against %q: %v", s.got, s.want, got)
		}
	}
}

// TestPreCommitHooks: whoever offers a hook to the pre-commit framework says so in
// the README, and says whether it takes file names.
func TestPreCommitHooks(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID            string `yaml:"id"`
		Entry         string `yaml:"entry"`
		Language      string `yaml:"language"`
		PassFilenames *bool  `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal(text, &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks) == 0 {
		t.Fatal("no hooks")
	}
	readme, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		if h.ID == "" || !bytes.Contains(readme, []byte("id: "+h.ID+"\n")) {
			t.Errorf("hook id %q does not appear in the README", h.ID)
		}
		if h.PassFilenames == nil {
			t.Errorf("%s: pass_filenames has to be said", h.ID)
		}
		args, ok := strings.CutPrefix(h.Entry, "git-envelope ")
		root, _ := (&app{}).command()
		if c, _, err := root.Find(strings.Fields(args)); !ok || err != nil || c == root {
			t.Errorf("%s: entry %q is no command of git-envelope", h.ID, h.Entry)
		}
		if h.Language != "golang" {
			t.Errorf("%s: language %q", h.ID, h.Language)
		}
	}
}
