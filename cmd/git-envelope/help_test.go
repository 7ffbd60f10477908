package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// TestHelp: every command says what it is for and documents its exit codes, and
// what 'git envelope COMMAND --help' prints fits a terminal.
func TestHelp(t *testing.T) {
	root, _ := (&app{}).command()
	n := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		n++
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the summary is missing or ends with a full stop: %q", c.CommandPath(), c.Short)
		}
		if !strings.Contains(c.Long, "Exit codes: 0 ") {
			t.Errorf("%s: the help has no exit codes", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.UsageString()) {
			// Cobra's own last line is as long as the command's name makes it.
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 && !strings.HasPrefix(line, "Use \"") {
				t.Errorf("%s: the help has a line of %d columns: %s", c.CommandPath(), n, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if n < 10 {
		t.Fatalf("only %d commands", n)
	}
}
