//go:build linux || darwin

package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	socketName = "agent.sock"
	lockName   = "agent.lock"

	// claimFor bounds the wait for an agent that is just starting or ending.
	claimFor  = 2 * time.Second
	claimPoll = 5 * time.Millisecond
)

// socketPath refuses a path that does not fit a socket's address, before the
// system does so in words that help nobody.
func socketPath(dir string) (string, error) {
	path := filepath.Join(dir, socketName)
	if most := len(unix.RawSockaddrUnix{}.Path) - 1; len(path) > most {
		return "", fmt.Errorf("path of the key agent's socket has %d bytes, more than %d: set XDG_RUNTIME_DIR to a shorter one", len(path), most)
	}
	return path, nil
}

// checkDir makes sure that the folder is the user's alone. What stands in it
// was then put there by the user, or by root.
func checkDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	switch stat, ok := info.Sys().(*syscall.Stat_t); {
	case !info.IsDir():
		return fmt.Errorf("%s is %w: no folder", dir, ErrUntrusted)
	case !ok || int64(stat.Uid) != int64(os.Geteuid()):
		return fmt.Errorf("%s is %w: another user owns it", dir, ErrUntrusted)
	case info.Mode().Perm()&^0o700 != 0:
		return fmt.Errorf("%s is %w: mode %04o is open to others (chmod 700)", dir, ErrUntrusted, info.Mode().Perm())
	}
	return nil
}

// checkPeer makes sure that the process at the other end is the user's.
func checkPeer(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var uid uint32
	control := raw.Control(func(fd uintptr) { uid, err = peerUID(int(fd)) })
	switch err := errors.Join(control, err); {
	case err != nil:
		return fmt.Errorf("ask who is at the socket: %w", err)
	case int64(uid) != int64(os.Geteuid()):
		return fmt.Errorf("process at the socket is %w: it is of user %d", ErrUntrusted, uid)
	}
	return nil
}

// dial connects to the agent, if folder and process are to be trusted.
func dial(ctx context.Context, dir string) (*net.UnixConn, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	switch err := checkDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotRunning
	case err != nil:
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED):
		return nil, ErrNotRunning
	case err != nil:
		return nil, err
	}
	peer := conn.(*net.UnixConn)
	if err := checkPeer(peer); err != nil {
		_ = peer.Close()
		return nil, err
	}
	return peer, nil
}

// claimed is a folder that this process serves.
type claimed struct {
	ln     *net.UnixListener
	path   string
	socket fs.FileInfo // as it was made
	lock   *os.File
}

// claim makes the folder and its socket. The lock is held until release, so that
// one agent at most serves a folder, and a socket found while holding it is of
// an agent that died. The lock's file stays, because removing it would let two
// processes lock two files of that name.
func claim(ctx context.Context, dir string) (*claimed, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the key agent's folder: %w", err)
	}
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	c := &claimed{path: path}
	if c.lock, err = lockDir(ctx, dir); err != nil {
		return nil, err
	}
	if err := c.listen(); err != nil {
		c.release()
		return nil, fmt.Errorf("make the key agent's socket: %w", err)
	}
	return c, nil
}

// listen takes the place of a socket that nobody listens at. Others can't reach
// it before it has its mode: the folder is closed to them.
func (c *claimed) listen() error {
	err := os.Remove(c.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.ln, err = net.ListenUnix("unix", &net.UnixAddr{Name: c.path, Net: "unix"}); err != nil {
		return err
	}
	c.ln.SetUnlinkOnClose(false)
	if err := os.Chmod(c.path, 0o600); err != nil {
		return err
	}
	c.socket, err = os.Lstat(c.path)
	return err
}

// lost tells whether clients can't find the socket any more.
func (c *claimed) lost() bool {
	now, err := os.Lstat(c.path)
	return err != nil || !os.SameFile(now, c.socket)
}

// release removes the socket, if it is still ours, before another may make one.
func (c *claimed) release() {
	if c.ln != nil {
		if !c.lost() {
			_ = os.Remove(c.path)
		}
		_ = c.ln.Close()
	}
	_ = c.lock.Close()
}

// lockDir waits for an agent that is ending, but for none that answers.
func lockDir(ctx context.Context, dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the key agent's folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, claimFor)
	defer cancel()
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if errors.Is(err, unix.EWOULDBLOCK) {
			if conn, dialErr := dial(ctx, dir); dialErr == nil {
				_ = conn.Close()
				err = ErrRunning
			} else if wait(ctx, claimPoll) {
				continue
			}
		}
		_ = f.Close()
		return nil, fmt.Errorf("lock the key agent's folder: %w", err)
	}
}
