//go:build !linux

package main

import (
	"fmt"
	"os"
)

// pty makes terminals on Linux alone; scripts that need it say so.
func pty() {
	fmt.Fprintln(os.Stderr, "pty: not on this system")
	os.Exit(98)
}
