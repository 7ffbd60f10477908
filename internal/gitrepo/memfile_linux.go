package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// withMemoryFiles runs git with the contents as its last arguments, each an
// anonymous file in memory (memfd_create(2)).
func (g runner) withMemoryFiles(ctx context.Context, args []string, contents ...[]byte) ([]byte, error) {
	cmd := g.command(ctx, g.read, args)
	for i, content := range contents {
		f, err := memoryFile(content)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
		cmd.Args = append(cmd.Args, fmt.Sprintf("/proc/self/fd/%d", 3+i))
	}
	var out bytes.Buffer
	stderr := new(excerpt)
	cmd.Stdout, cmd.Stderr = &out, stderr
	if err := cmd.Run(); err != nil {
		return out.Bytes(), gitError(ctx, cmd, stderr, err)
	}
	return out.Bytes(), nil
}

func memoryFile(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("git-envelope", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNoMemoryFile, err)
	}
	f := os.NewFile(uintptr(fd), "memory file")
	if _, err := f.Write(content); err != nil {
		f.Close()
		return nil, fmt.Errorf("fill a file in memory: %w", err)
	}
	return f, nil
}
