package awskms

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/sys/unix"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/keystest"
)

// emulatorVariable tells the test within the namespace where the emulator is.
const emulatorVariable = "AWSKMS_TEST_LOCAL_KMS"

// TestEmulator runs TestWithinNamespace against local-kms, which somebody else
// wrote from KMS's documentation. It listens on all addresses, so it and its
// client run in a network namespace of their own, with a loopback only.
func TestEmulator(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), "local-kms")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "../../testtools", "-o", program, "github.com/nsmithuk/local-kms")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("local-kms cannot be built: %v\n%s", err, out)
	}
	inside := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWithinNamespace$", "-test.v", "-test.timeout=2m")
	inside.Env = append(os.Environ(), emulatorVariable+"="+program)
	inside.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := inside.CombinedOutput()
	switch {
	case inside.Process == nil:
		t.Skipf("no network namespace to be had: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("within the namespace:\n%s", out)
	case !strings.Contains(string(out), "--- PASS: TestWithinNamespace"):
		t.Fatalf("it did not run:\n%s", out)
	}
}

// TestWithinNamespace is run by TestEmulator.
func TestWithinNamespace(t *testing.T) {
	program := os.Getenv(emulatorVariable)
	if program == "" {
		t.Skip("run by TestEmulator")
	}
	if err := loopbackUp(); err != nil {
		t.Skipf("no loopback: %v", err)
	}
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", ireland)
	t.Setenv("AWS_ENDPOINT_URL_KMS", startEmulator(t, program))
	admin := kms.New(kms.Options{
		Region: ireland, BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_KMS")), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 50, 100*time.Millisecond }), // it may not listen yet
	})
	newKey := func() string {
		out, err := admin.CreateKey(t.Context(), &kms.CreateKeyInput{})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.KeyMetadata.Arn)
	}
	key, other := newKey(), newKey()
	if _, err := admin.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/prod"), TargetKeyId: &key}); err != nil {
		t.Fatal(err)
	}
	r, p := named(prefix+"alias/prod"), quick()

	got, err := keys.NewRegistry(p).Canonical(t.Context(), named("alias/prod"))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("Canonical = %v, %v; want %v", got, err, r)
	}
	k, w := wrapped(t, r)
	if w.Key != key {
		t.Errorf("recorded %s, want %s", w.Key, key)
	}
	opens(t, p, r, k, w)
	opens(t, p, named(key), k, w)
	emulatedContexts(t, p, r, w)
	made, from, err := p.Generate(t.Context(), r, keystest.Context())
	if err != nil {
		t.Fatal(err)
	}
	opens(t, p, r, made, from)
	emulatedContexts(t, p, r, from)
	bad := from
	bad.Ciphertext = append([]byte(nil), from.Ciphertext...)
	bad.Ciphertext[len(bad.Ciphertext)-1] ^= 1
	refuses(t, p, r, bad, keys.Tampered, "does not open")

	if _, err := admin.UpdateAlias(t.Context(), &kms.UpdateAliasInput{AliasName: aws.String("alias/prod"), TargetKeyId: &other}); err != nil {
		t.Fatal(err)
	}
	opens(t, p, r, k, w)
	moved, err := p.Rewrap(t.Context(), r, keystest.Context(), w)
	if err != nil || moved.Key != other {
		t.Fatalf("rewrapped by %s, %v; want %s", moved.Key, err, other)
	}
	opens(t, p, r, k, moved)
	emulatedContexts(t, p, r, moved)

	if _, err := admin.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &key}); err != nil {
		t.Fatal(err)
	}
	refuses(t, p, r, w, keys.Disabled, "aws kms enable-key --key-id "+key)
	if _, err := admin.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &key}); err != nil {
		t.Fatal(err)
	}
	refuses(t, p, r, w, keys.Disabled, "pending deletion")
	_, err = p.Wrap(t.Context(), named(prefix+"alias/none"), keystest.Context(), k)
	failed(t, err, keys.NotFound, "not in eu-west-1")
}

// emulatedContexts: the emulator opens under no context but the right one.
func emulatedContexts(t *testing.T, p *Provider, r keys.Recipient, w keys.Wrapped) {
	t.Helper()
	ring, id := keystest.Context(), keystest.Context()
	ring.Ring, id.ID[0] = "dev", 9
	for _, c := range []keys.Context{ring, id} {
		got, err := p.Unwrap(t.Context(), r, c, w)
		if got != nil {
			t.Fatal("opened under another context")
		}
		failed(t, err, keys.Tampered, "does not open")
	}
}

// startEmulator starts local-kms and returns its URL once it is about to listen.
func startEmulator(t *testing.T, program string) string {
	t.Helper()
	// The namespace is ours alone, so every port is free.
	const port = "8080"
	cmd := exec.Command(program)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Env = []string{"PORT=" + port, "KMS_REGION=" + ireland, "KMS_ACCOUNT_ID=111122223333", "KMS_DATA_PATH=" + t.TempDir(), "KMS_SEED_PATH=" + filepath.Join(t.TempDir(), "none")}
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
		_ = w.Close()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	var log strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Local KMS started") {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return "http://" + net.JoinHostPort("127.0.0.1", port)
		}
	}
	t.Fatalf("local-kms ended:\n%s", log.String())
	return ""
}

// loopbackUp brings up the only interface of a new network namespace.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}
