package vaulttest

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestKeyWrap holds the vectors of RFC 3394, section 4.
func TestKeyWrap(t *testing.T) {
	for _, tt := range []struct{ name, kek, plain, wrapped string }{
		{"4.1", "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{"4.3", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{"4.6", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F", "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kek, plain, want := unhex(t, tt.kek), unhex(t, tt.plain), unhex(t, tt.wrapped)
			got, err := keyWrap(kek, plain)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("keyWrap: %X, %v", got, err)
			}
			back, err := keyUnwrap(kek, want)
			if err != nil || !bytes.Equal(back, plain) {
				t.Errorf("keyUnwrap: %X, %v", back, err)
			}
			for i := range want {
				bad := bytes.Clone(want)
				bad[i] ^= 1
				if _, err := keyUnwrap(kek, bad); err == nil {
					t.Errorf("byte %d changed: unwrapped", i)
				}
			}
		})
	}
	for _, n := range []int{0, 8, 15, 17} {
		if _, err := keyWrap(make([]byte, 32), make([]byte, n)); err == nil {
			t.Errorf("wrapped %d bytes", n)
		}
		if _, err := keyUnwrap(make([]byte, 32), make([]byte, n)); err == nil {
			t.Errorf("unwrapped %d bytes", n)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAuthorization: what has no token, or another's, gets nothing.
func TestAuthorization(t *testing.T) {
	s := New(t)
	s.AddKey("git", OctHSM)
	ask := func(token string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.KeyURL("git"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := s.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		return resp
	}
	for name, token := range map[string]string{"none": "", "made up": jwt(AppID, "https://vault.azure.net") + "0", "no token": "x", "another resource": s.NewToken(AppID, "https://management.azure.com")} {
		resp := ask(token)
		if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(resp.Header.Get("WWW-Authenticate"), `resource="https://vault.azure.net"`) {
			t.Errorf("%s: %s", name, resp.Status)
		}
	}
	if resp := ask(s.NewToken(AppID, "https://vault.azure.net")); resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
}

func TestClose(t *testing.T) {
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(s.CAFile()); err != nil || !bytes.Equal(text, s.CAPEM()) {
		t.Error(err)
	}
	if block, _ := pem.Decode(s.CAPEM()); block == nil {
		t.Error("CAPEM is no PEM")
	}
	s.Close()
	s.Close()
	if _, err := os.Stat(s.CAFile()); !os.IsNotExist(err) {
		t.Errorf("left %s behind: %v", s.CAFile(), err)
	}
}
