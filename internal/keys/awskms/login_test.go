package awskms

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
)

// static are a profile's own keys.
func static(s *kmstest.Server) string {
	return "aws_access_key_id = " + env(s, "AWS_ACCESS_KEY_ID") + "\naws_secret_access_key = " + env(s, "AWS_SECRET_ACCESS_KEY") + "\n"
}

// lastPrincipal is who asked KMS last.
func lastPrincipal(s *kmstest.Server) string {
	who := ""
	for _, q := range s.Requests() {
		if q.Service == "kms" {
			who = q.Principal
		}
	}
	return who
}

const (
	ciRole  = "arn:aws:iam::111122223333:role/ci"
	ciAs    = "arn:aws:sts::111122223333:assumed-role/ci/"
	session = ciAs + "git-envelope"
)

// TestCredentials: whatever AWS tools use is used.
func TestCredentials(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the credential_process is a shell script")
	}
	for name, tt := range map[string]struct {
		profile string
		set     func(t *testing.T, s *kmstest.Server)
		who     string
	}{
		"environment": {"", func(*testing.T, *kmstest.Server) {}, kmstest.Principal},
		"default profile": {"", func(t *testing.T, s *kmstest.Server) {
			profiles(t, s, "[default]\n"+static(s))
		}, kmstest.Principal},
		"AWS_PROFILE": {"", func(t *testing.T, s *kmstest.Server) {
			profiles(t, s, "[profile work]\n"+static(s))
			t.Setenv("AWS_PROFILE", "work")
		}, kmstest.Principal},
		"the user's profile before the environment": {"work", func(t *testing.T, s *kmstest.Server) {
			profiles(t, s, "[profile work]\n"+static(s))
			kmstest.SetEnv(t, s.AddPrincipal("arn:aws:iam::111122223333:user/another"))
		}, kmstest.Principal},
		"credential_process": {"work", func(t *testing.T, s *kmstest.Server) {
			program := filepath.Join(t.TempDir(), "program")
			write(t, program, fmt.Sprintf("#!/bin/sh\nprintf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\"}'\n", env(s, "AWS_ACCESS_KEY_ID"), env(s, "AWS_SECRET_ACCESS_KEY")), 0o700)
			profiles(t, s, "[profile work]\ncredential_process = "+program+"\n")
		}, kmstest.Principal},
		"role with external id, no Region configured": {"work", func(t *testing.T, s *kmstest.Server) {
			s.AddRole(kmstest.Role{ARN: ciRole, ExternalID: "secret handshake", Principals: []string{kmstest.Principal}})
			profiles(t, s, "[profile base]\n"+static(s)+"[profile work]\nrole_arn = "+ciRole+"\nsource_profile = base\nexternal_id = secret handshake\nrole_session_name = me\n")
			unset(t, "AWS_REGION")
		}, ciAs + "me"},
		"web identity": {"", func(t *testing.T, s *kmstest.Server) {
			s.AddRole(kmstest.Role{ARN: ciRole, WebToken: "a.b.c"})
			profiles(t, s, "")
			token := filepath.Join(t.TempDir(), "token")
			write(t, token, "a.b.c", 0o600)
			t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
			t.Setenv("AWS_ROLE_ARN", ciRole)
			t.Setenv("AWS_ROLE_SESSION_NAME", "runner")
		}, ciAs + "runner"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			k, w := wrapped(t, r)
			tt.set(t, s)
			opens(t, quickAs(tt.profile), r, k, w)
			if who := lastPrincipal(s); who != tt.who {
				t.Errorf("asked as %s, want %s", who, tt.who)
			}
		})
	}
}

// TestNoCredentials: what is missing is said, and none of it is a fault that
// may pass: a clone without keys has to be able to check out.
func TestNoCredentials(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the credential_process is a shell script")
	}
	const sso = "[profile work]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = dev\nregion = eu-west-1\n" +
		"[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
	for name, tt := range map[string]struct {
		profile, config string
		set             func(t *testing.T, s *kmstest.Server)
		kind            keys.Kind
		want            string
	}{
		"nothing": {kind: keys.NoIdentity, want: "no AWS credentials found | log in (aws sso login, aws configure)"},
		"no such profile": {profile: "work", kind: keys.NoIdentity,
			want: "has no profile work | git config --global envelope.awsProfile NAME"},
		"no such AWS_PROFILE": {set: func(t *testing.T, _ *kmstest.Server) { t.Setenv("AWS_PROFILE", "work") },
			kind: keys.NoIdentity, want: "has no profile work | unset AWS_PROFILE"},
		"never logged in": {profile: "work", config: sso, kind: keys.Expired, want: "login not valid | aws sso login --profile work"},
		"logged in long ago": {profile: "work", config: sso, set: func(t *testing.T, _ *kmstest.Server) {
			dir := filepath.Join(home(t), ".aws", "sso", "cache")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			sum := sha1.Sum([]byte("corp"))
			write(t, filepath.Join(dir, hex.EncodeToString(sum[:])+".json"), `{"accessToken":"x","expiresAt":"2020-01-01T00:00:00Z"}`, 0o600)
		}, kind: keys.Expired, want: "login not valid | aws sso login --profile work"},
		"MFA": {profile: "work", config: "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[profile work]\nrole_arn = " + ciRole + "\nsource_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/me\n",
			kind: keys.NoIdentity, want: "asks for an MFA code, and nothing here prompts"},
		"credential_process fails": {profile: "work", config: "[profile work]\ncredential_process = false\n",
			kind: keys.NoIdentity, want: "credential_process failed"},
		"credential_process prints anything": {profile: "work", config: "[profile work]\ncredential_process = printf top-secret\n",
			kind: keys.NoIdentity, want: "credential_process failed"},
		"no web identity token": {set: func(t *testing.T, _ *kmstest.Server) {
			t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token")
			t.Setenv("AWS_ROLE_ARN", ciRole)
		}, kind: keys.NoIdentity, want: "/nonexistent/token"},
		"web identity refused": {set: func(t *testing.T, s *kmstest.Server) {
			s.AddRole(kmstest.Role{ARN: ciRole, WebToken: "right"})
			token := filepath.Join(t.TempDir(), "token")
			write(t, token, "wrong", 0o600)
			t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
			t.Setenv("AWS_ROLE_ARN", ciRole)
		}, kind: keys.Expired, want: "does not accept the web identity token"},
		"the role of a profile": {profile: "work", config: "[profile base]\nSTATIC[profile work]\nrole_arn = " + ciRole + "\nsource_profile = base\n",
			kind: keys.Denied, want: "sts:AssumeRole is not allowed (as " + kmstest.Principal + ") | allow sts:AssumeRole on the profile's role for " + kmstest.Principal},
		"a source profile that is missing": {config: "[default]\nrole_arn = " + ciRole + "\nsource_profile = nowhere\n", kind: keys.NoIdentity, want: "has no profile nowhere"},
		"unknown keys": {config: "[default]\naws_access_key_id = AKIAUNKNOWN\naws_secret_access_key = x\n",
			kind: keys.Expired, want: "AWS does not know these credentials (any more) | renew your AWS credentials"},
		"wrong secret": {config: "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n",
			kind: keys.Expired, want: "a wrong secret access key, or a wrong clock"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			_, w := wrapped(t, r)
			profiles(t, s, strings.ReplaceAll(tt.config, "STATIC", static(s)))
			if tt.set != nil {
				tt.set(t, s)
			}
			e := refuses(t, quickAs(tt.profile), r, w, tt.kind, tt.want)
			if strings.Contains(e.Error(), "top-secret") {
				t.Error("the error quotes what the program printed")
			}
		})
	}
}

func home(t *testing.T) string {
	t.Helper()
	dir, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestNoMetadataService: a machine that is not on EC2 has no identity, and finds
// that out with one attempt, whether the address refuses or swallows what is
// sent there. The SDK by itself goes on for ten seconds.
func TestNoMetadataService(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing.Close()
	var connections atomic.Int32
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			connections.Add(1)
		}
	})
	for name, addr := range map[string]string{"silent": silent.Addr().String(), "refusing": refusing.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			r := named(s.CreateKey(ireland))
			_, w := wrapped(t, r)
			profiles(t, s, "")
			t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
			t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://"+addr)
			refuses(t, quick(), r, w, keys.NoIdentity, "no AWS credentials found")
		})
	}
	silent.Close()
	accepting.Wait()
	if n := connections.Load(); n < 1 || n > 2 {
		t.Errorf("%d connections to the silent service, want 1, or 2 if net/http opened a spare one", n)
	}
}

// TestPassingLogin: a service that hands credentials to machines or containers
// and has a fault at the moment is no missing identity: a checkout that takes it
// for one leaves ciphertext.
func TestPassingLogin(t *testing.T) {
	for status, kind := range map[int]keys.Kind{429: keys.Throttled, 500: keys.Unreachable, 503: keys.Unreachable, 404: keys.NoIdentity} {
		for name, env := range map[string]string{"machine": "AWS_EC2_METADATA_SERVICE_ENDPOINT", "container": "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/api/token") {
						w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
						_, _ = io.WriteString(w, "token")
						return
					}
					w.WriteHeader(status)
				}))
				defer metadata.Close()
				s := start(t)
				r := named(s.CreateKey(ireland))
				_, w := wrapped(t, r)
				profiles(t, s, "")
				t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
				t.Setenv(env, metadata.URL)
				refuses(t, quick(), r, w, kind, "credentials")
			})
		}
	}
}

// TestRole: a role that the policy names is assumed, once, in the Region.
func TestRole(t *testing.T) {
	s := start(t)
	s.AddRole(kmstest.Role{ARN: ciRole, Principals: []string{kmstest.Principal}})
	key := s.CreateKey(ireland)
	r := named(key, "role", ciRole)
	k, w := wrapped(t, named(key))
	p := quick()
	for range 3 {
		opens(t, p, r, k, w)
	}
	if who, n := lastPrincipal(s), s.Calls("AssumeRole"); who != session || n != 1 {
		t.Errorf("asked as %s after %d AssumeRole, want %s after 1", who, n, session)
	}
	s.Deny(kmstest.Denial{Principal: session})
	refuses(t, p, r, w, keys.Denied, "allow kms:Decrypt on "+key+" for "+session)
	// Without the role the same provider asks as itself.
	opens(t, p, named(key), k, w)

	s.AddRole(kmstest.Role{ARN: ciRole, Principals: []string{"arn:aws:iam::111122223333:user/another"}})
	refuses(t, quick(), r, w, keys.Denied, "sts:AssumeRole is not allowed (as "+kmstest.Principal+") | allow sts:AssumeRole on "+ciRole+" for "+kmstest.Principal)
	s.Inject(kmstest.At{Action: "AssumeRole"}, kmstest.HTML)
	refuses(t, quick(), r, w, keys.Unreachable, "something else answered in place of AWS STS in eu-west-1")
}

// TestRoleFailover: with its Region goes its STS.
func TestRoleFailover(t *testing.T) {
	s := start(t)
	s.AddRole(kmstest.Role{ARN: ciRole})
	arns := s.CreateMultiRegionKey(ireland, virginia)
	r := named(arns[0], "region", virginia, "role", ciRole)
	k, w := wrapped(t, named(arns[0]))
	s.Inject(kmstest.At{Region: ireland}, kmstest.Hang)
	p := quick()
	p.slow = 10 * time.Millisecond
	opens(t, p, r, k, w)
}

// TestLoginAgain: what failed to load is loaded anew; a login in between helps.
func TestLoginAgain(t *testing.T) {
	s := start(t)
	r := named(s.CreateKey(ireland))
	k, w := wrapped(t, r)
	profiles(t, s, "")
	p := quickAs("work")
	refuses(t, p, r, w, keys.NoIdentity, "no profile work")
	write(t, os.Getenv("AWS_CONFIG_FILE"), "[profile work]\n"+static(s), 0o600)
	opens(t, p, r, k, w)
}
