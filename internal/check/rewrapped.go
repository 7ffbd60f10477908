package check

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
)

// Bounds of a wrapped-key file, as docs/keys.md has them.
const (
	maxKeyFile    = 64 << 10
	maxKeyName    = 4 << 10
	maxAlgorithm  = 64
	maxCiphertext = 8 << 10
)

// rewrapped tells whether two versions of a wrapped-key file differ in the members
// of "wrapped" alone, as after 'git envelope rewrap': the same data key, encrypted
// once more. What these hold shows when the file is opened: it yields the key that
// the file's MAC, which is compared here, belongs to, or is refused.
func rewrapped(ctx context.Context, old, now *Blob) (bool, error) {
	was, err := readKeyFile(ctx, old)
	if err != nil {
		return false, err
	}
	is, err := readKeyFile(ctx, now)
	if err != nil {
		return false, err
	}
	wasRest, ok := withoutWrapped(was)
	isRest, alsoOK := withoutWrapped(is)
	return ok && alsoOK && bytes.Equal(wasRest, isRest), nil
}

// readKeyFile reads a blob, or, of one that is too large for a wrapped-key file,
// enough to see that.
func readKeyFile(ctx context.Context, b *Blob) ([]byte, error) {
	r, err := b.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a wrapped key: %w", err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("read a wrapped key: %w", err)
	}
	return data, nil
}

// withoutWrapped cuts the values of "wrapped" out of a wrapped-key file. It knows
// the one encoding that such a file has, line by line, so that nothing else can
// hide in what is cut out; whether the rest is well-formed is no matter here, where
// it is compared.
func withoutWrapped(data []byte) (rest []byte, ok bool) {
	const before, after = "  },\n  \"wrapped\": {\n", "  },\n  \"mac\": \""
	if len(data) > maxKeyFile {
		return nil, false
	}
	head, tail, found := bytes.Cut(data, []byte(before))
	if !found {
		return nil, false
	}
	for _, member := range []struct {
		name, end string
		valid     func([]byte) bool
	}{
		{"key", "\",\n", plainText(maxKeyName)},
		{"algorithm", "\",\n", plainText(maxAlgorithm)},
		{"ciphertext", "\"\n", ciphertext},
	} {
		begin := []byte("    \"" + member.name + "\": \"")
		if !bytes.HasPrefix(tail, begin) {
			return nil, false
		}
		value, more, found := bytes.Cut(tail[len(begin):], []byte(member.end))
		if !found || !member.valid(value) {
			return nil, false
		}
		tail = more
	}
	if !bytes.HasPrefix(tail, []byte(after)) {
		return nil, false
	}
	return append(append(bytes.Clone(head), before...), tail...), true
}

// plainText is 1 to limit characters that need no escape.
func plainText(limit int) func([]byte) bool {
	return func(b []byte) bool {
		for _, c := range b {
			if c < ' ' || c > '~' || c == '"' || c == '\\' {
				return false
			}
		}
		return len(b) > 0 && len(b) <= limit && b[0] != ' ' && b[len(b)-1] != ' '
	}
}

func ciphertext(b []byte) bool {
	if len(b) > base64.StdEncoding.EncodedLen(maxCiphertext) || bytes.ContainsAny(b, "\r\n") {
		return false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(string(b))
	return err == nil && len(raw) > 0 && len(raw) <= maxCiphertext
}
