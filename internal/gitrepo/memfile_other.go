//go:build !linux

package gitrepo

import "context"

func (runner) withMemoryFiles(context.Context, []string, ...[]byte) ([]byte, error) {
	return nil, ErrNoMemoryFile
}
