package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/internal/keys/agekey"
	"github.com/git-envelope/git-envelope/internal/keys/awskms"
	"github.com/git-envelope/git-envelope/internal/keys/awskms/kmstest"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv"
	"github.com/git-envelope/git-envelope/internal/keys/azurekv/vaulttest"
)

// TestCopied: a wrapped key that is copied to another ring or repository, its
// text made to fit, opens nothing, whoever wrapped it; where it belongs it opens.
func TestCopied(t *testing.T) {
	const here, there = "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a11", "0d6b3c1e-53b5-4bd0-9d3c-0f7c2b8a6a12"
	aws, vault := kmstest.New(t), vaulttest.New(t)
	kmstest.SetEnv(t, aws.Env())
	kmstest.SetEnv(t, vault.Env())
	identities := filepath.Join(t.TempDir(), "identities.txt")
	f, err := os.OpenFile(identities, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	own, err := agekey.NewIdentity(f, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	vault.AddKey("git", vaulttest.RSA2048)
	vault.AddKey("sym", vaulttest.OctHSM)
	registry := keys.NewRegistry(
		awskms.New(awskms.Options{}),
		azurekv.New(azurekv.Options{AllowHosts: []string{vault.Host()}, AuthorityHost: os.Getenv("AZURE_AUTHORITY_HOST"), Transport: vault.Transport()}),
		agekey.New(agekey.Options{Identities: func() ([]agekey.IdentityFile, error) {
			return []agekey.IdentityFile{{Path: identities, Origin: "the test"}}, nil
		}}))
	for name, r := range map[string]keys.Recipient{
		"AWS KMS":     {Kind: awskms.Kind, URI: aws.CreateKey(kmstest.Region)},
		"Key Vault":   {Kind: azurekv.Kind, URI: vault.KeyURL("git")},
		"Managed HSM": {Kind: azurekv.Kind, URI: vault.KeyURL("sym")},
		"age":         {Kind: agekey.Kind, URI: own},
	} {
		gen, files, err := keyring.NewGeneration(t.Context(), registry, here, "dev", []keys.Recipient{r}, time.Now(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for change, at := range map[string]struct{ repository, old, new string }{
			"nothing":            {here, "", ""},
			"another ring":       {here, `"ring": "dev"`, `"ring": "prod"`},
			"another repository": {there, here, there},
		} {
			t.Run(name+"/"+change, func(t *testing.T) {
				file := keyring.File{Path: files[0].Path, Data: bytes.ReplaceAll(files[0].Data, []byte(at.old), []byte(at.new))}
				if at.old == "" {
					file = files[0]
				}
				if strings.Contains(at.old, "dev") {
					file.Path = strings.Replace(file.Path, "/dev/", "/prod/", 1)
				}
				k := keyring.New(keyring.Config{Repository: at.repository, Providers: registry, Deadline: time.Minute, Sources: []keyring.Source{one{file}}})
				_, err := k.Open(t.Context(), gen.ID, "")
				if want := at.old != ""; want != isAny(err, keys.ErrTampered) {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

// one is a keyring.Source with one file.
type one struct{ file keyring.File }

func (one) Name() string { return "the test" }

func (o one) Lookup(context.Context, keys.ID, string) ([]keyring.File, error) {
	return []keyring.File{o.file}, nil
}
