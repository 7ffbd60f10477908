package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelp: every command says what it is for and documents its exit codes, as
// what 'git envelope COMMAND --help' prints.
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
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if n < 10 {
		t.Fatalf("only %d commands", n)
	}
}
