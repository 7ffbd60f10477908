//go:build !linux && !darwin

package agent

import (
	"context"
	"net"
)

func dial(context.Context, string) (*net.UnixConn, error) { return nil, ErrUnsupported }

type claimed struct{ ln *net.UnixListener }

func claim(context.Context, string) (*claimed, error) { return nil, ErrUnsupported }

func (*claimed) lost() bool { return true }

func (*claimed) release() {}

func checkPeer(*net.UnixConn) error { return ErrUnsupported }

// Start says that there is no agent on this system.
func Start(context.Context, StartOptions) error { return ErrUnsupported }

// Detach says that there is no agent on this system.
func Detach() error { return ErrUnsupported }
