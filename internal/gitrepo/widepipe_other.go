//go:build !linux

package gitrepo

import (
	"io"
	"os/exec"
)

func widePipe(cmd *exec.Cmd) (io.ReadCloser, error) { return cmd.StdoutPipe() }
