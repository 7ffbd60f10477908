package rules

import (
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"math/rand/v2"
	"slices"
)

func init() {
	magic := func(parts ...string) func(*rand.Rand) string {
		return func(r *rand.Rand) string {
			head := ""
			for _, p := range parts {
				head += p
			}
			return head + string(randomBytes(r, 200))
		}
	}
	makers["java-keystore"] = magic("\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01", "\x00\x05X.509")
	makers["keepass-database"] = magic("\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", "\x00\x00\x04\x00\x02")
	makers["apple-keychain"] = magic("kych\x00\x01\x00\x00\x00\x00\x00\x10")
	makers["git-crypt-key"] = magic("\x00GITCRYPTKEY\x00\x00\x00\x02")
	makers["tor-secret-key"] = magic("== ed25519v1-secret: type0 ==\x00\x00\x00")
	makers["gnupg-private-key"] = magic("(21:protected-private-key(3:rsa(1:n257:")
	makers["pgp-keyring"] = func(r *rand.Rand) string { return string(pgpPacket(r, 0)) }
	makers["der-pkcs8-private-key"] = func(r *rand.Rand) string { return string(anyPKCS8(r)) }
	makers["der-ec-private-key"] = func(r *rand.Rand) string { return string(ecDER(r)) }
	makers["der-rsa-private-key"] = func(r *rand.Rand) string { return string(rsaDER(r)) }
	makers["pkcs12-keystore"] = func(r *rand.Rand) string {
		return string(marshal(struct {
			Version int
			Content struct {
				ID   asn1.ObjectIdentifier
				Data []byte `asn1:"explicit,tag:0"`
			}
		}{3, struct {
			ID   asn1.ObjectIdentifier
			Data []byte `asn1:"explicit,tag:0"`
		}{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, randomBytes(r, 300)}}))
	}
	putty := func(cipher string) func(*rand.Rand) string {
		return func(r *rand.Rand) string {
			body := base64.StdEncoding.EncodeToString(randomBytes(r, 40))
			return "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: " + cipher + "\r\nComment: a\r\nPublic-Lines: 1\r\n" + body +
				"\r\nPrivate-Lines: 1\r\n" + body + "\r\nPrivate-MAC: " + hexOf(64)(r)
		}
	}
	makers["putty-private-key"], makers["putty-encrypted-private-key"] = putty("none"), putty("aes256-cbc")
	makers["jwk-private-key"] = func(r *rand.Rand) string { return base64.RawURLEncoding.EncodeToString(randomBytes(r, 32)) }
	makers["signify-secret-key"] = func(r *rand.Rand) string {
		key := randomBytes(r, 64)
		sum := sha512.Sum512(key)
		return base64.StdEncoding.EncodeToString(slices.Concat([]byte("EdBK\x00\x00\x00\x00"), randomBytes(r, 16), sum[:8], randomBytes(r, 8), key))
	}
}
