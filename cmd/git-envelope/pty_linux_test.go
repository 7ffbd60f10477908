package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pty is the program of that name: pty 'ANSWERS' PROGRAM ARGS... runs a program in
// a terminal of its own and types an answer, with Return, after each question that
// it is asked, that is output which ends with "? ". Answers are separated by
// spaces; _ is an empty one, ^C and ^D are the keys, and !PROGRAM is run before the
// answer that follows it. It prints what the terminal shows, and ends as the program does; with 98 if the terminal was left in another
// mode, or something was asked or answered too much.
func pty() {
	code, err := inTerminal(strings.Fields(os.Args[1]), os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "pty:", err)
		code = 98
	}
	os.Exit(code)
}

func inTerminal(answers, command []string) (code int, err error) {
	master, slave, err := openTerminal()
	if err != nil {
		return 0, err
	}
	defer master.Close()
	before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	hung := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	typist := &typist{answers: answers, terminal: master, giveUp: cmd.Process.Kill}
	var reading sync.WaitGroup
	reading.Go(typist.read)
	ended := cmd.Wait()
	after, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	slave.Close() // the last one: reading ends
	reading.Wait()
	fmt.Print(strings.ReplaceAll(typist.seen.String(), "\r\n", "\n"))
	switch exit := (*exec.ExitError)(nil); {
	case err != nil:
		return 0, err
	case typist.unexpected:
		return 0, errors.New("a question without an answer")
	case len(typist.answers) > 0:
		return 0, fmt.Errorf("answers that nothing asked for: %q", typist.answers)
	case !reflect.DeepEqual(before, after):
		return 0, errors.New("the terminal was left in another mode")
	case errors.As(ended, &exit):
		return exit.ExitCode(), nil
	}
	return 0, ended
}

// openTerminal makes a pseudo-terminal.
func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		master.Close()
	}
	return master, slave, err
}

// typist answers questions.
type typist struct {
	answers    []string
	terminal   *os.File
	giveUp     func() error
	seen       bytes.Buffer
	asked      int // where in seen the answer to the last question begins
	unexpected bool
}

var sequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (t *typist) read() {
	b := make([]byte, 4096)
	for {
		n, err := t.terminal.Read(b)
		t.seen.Write(b[:n])
		if err != nil {
			return // EIO: nobody has the other end any more
		}
		if bytes.HasSuffix(sequence.ReplaceAll(t.seen.Bytes()[t.asked:], nil), []byte("? ")) {
			t.answer()
		}
	}
}

func (t *typist) answer() {
	t.asked = t.seen.Len()
	if len(t.answers) == 0 {
		t.unexpected = true
		_ = t.giveUp()
		return
	}
	if program, ok := strings.CutPrefix(t.answers[0], "!"); ok {
		t.answers = t.answers[1:]
		if out, err := exec.Command(program).CombinedOutput(); err != nil {
			fmt.Fprintf(&t.seen, "%s: %v: %s\n", program, err, out)
			_ = t.giveUp()
			return
		}
	}
	typed := map[string]string{"^C": "\x03", "^D": "\x04", "_": "\n"}[t.answers[0]]
	if typed == "" {
		typed = t.answers[0] + "\n"
	}
	t.answers = t.answers[1:]
	_, _ = t.terminal.WriteString(typed)
}
