package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// ParseFile reads a wrapped-key file and holds it against its path. Whatever it
// accepts, Marshal writes back byte for byte. It checks form only: who made the
// file, and whether it is unchanged, shows when its data key has been unwrapped
// and Verify was called.
func ParseFile(path string, data []byte) (*WrappedKey, error) {
	ring, id, recipientID, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	w, err := parse(data)
	if err != nil {
		return nil, err
	}
	switch {
	case w.Ring != ring:
		return nil, faultf(ErrMismatch, "it says ring %s", w.Ring)
	case w.ID != id:
		return nil, faultf(ErrMismatch, "it says key id %s", w.ID)
	case w.Recipient.ID() != recipientID:
		return nil, faultf(ErrMismatch, "it says recipient %s, whose file is %s.json", w.Recipient.Display(), w.Recipient.ID())
	}
	return w, nil
}

func parse(data []byte) (*WrappedKey, error) {
	if len(data) == 0 || len(data) > MaxFile {
		return nil, faultf(ErrFileSize, "%d bytes, want 1 to %d", len(data), MaxFile)
	}
	top, err := decode(data)
	if err != nil {
		return nil, err
	}
	w, err := top.wrappedKey()
	if err != nil {
		return nil, err
	}
	if again := w.Marshal(); !bytes.Equal(again, data) {
		// Git's own doing, where nothing exempts the file from text conversion.
		if bytes.Equal(again, bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))) {
			return nil, faultf(ErrLineEndings, "put `/.envelope/** -text` into .gitattributes")
		}
		return nil, faultf(ErrCanonical, "spacing, order or encoding differs")
	}
	return w, nil
}

// object is a JSON object whose members are taken out one by one, so that what
// remains in the end is unknown.
type object map[string]any

// decode reads nested objects of strings and numbers, nothing else, and refuses
// a member that appears twice, which encoding/json would let pass.
func decode(data []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, faultf(ErrSyntax, "does not begin with {")
	}
	top, err := decodeObject(dec, 1)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, faultf(ErrSyntax, "something follows its end")
	}
	return top, nil
}

func decodeObject(dec *json.Decoder, depth int) (object, error) {
	const maxDepth = 2
	o := object{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, faultf(ErrSyntax, "not JSON at byte %d", dec.InputOffset())
		}
		value, err := dec.Token()
		if err != nil {
			return nil, faultf(ErrSyntax, "not JSON at byte %d", dec.InputOffset())
		}
		if d, ok := value.(json.Delim); ok {
			if d != '{' || depth == maxDepth {
				return nil, faultf(ErrSyntax, "unexpected %q", d.String())
			}
			if value, err = decodeObject(dec, depth+1); err != nil {
				return nil, err
			}
		}
		key := name.(string) // the decoder lets nothing else be a member's name
		if _, dup := o[key]; dup {
			return nil, faultf(ErrDuplicate, "%q", keys.OneLine(key, 40))
		}
		o[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, faultf(ErrSyntax, "cut off")
	}
	return o, nil
}

func (o object) wrappedKey() (*WrappedKey, error) {
	// The version comes first: of a newer one nothing else can be judged.
	version, ok := o["version"].(json.Number)
	if !ok {
		return nil, faultf(ErrMissing, "version, a number")
	}
	if version != "1" {
		return nil, faultf(ErrVersion, "version %s", keys.OneLine(version.String(), 20))
	}
	delete(o, "version")
	r := reader{}
	recipient, wrapped := r.object(o, "recipient"), r.object(o, "wrapped")
	w := &WrappedKey{
		Repository: r.text(o, "repository"),
		Ring:       r.text(o, "ring"),
		ID:         r.id(o, "key_id"),
		Created:    r.time(o, "created"),
		Recipient:  keys.Recipient{Kind: r.text(recipient, "kind"), URI: r.text(recipient, "uri")},
		Wrapped: keys.Wrapped{Key: r.text(wrapped, "key"), Algorithm: r.text(wrapped, "algorithm"),
			Ciphertext: r.bytes(wrapped, "ciphertext")},
	}
	mac := r.bytes(o, "mac")
	for _, o := range []object{o, recipient, wrapped} {
		r.nothingLeft(o)
	}
	if len(mac) == MACSize {
		w.MAC = [MACSize]byte(mac)
	} else {
		r.fail(faultf(ErrValue, "mac of %d bytes, want %d", len(mac), MACSize))
	}
	if r.err != nil {
		return nil, r.err
	}
	return w, w.check()
}

// reader takes members out of objects and keeps the first fault.
type reader struct{ err error }

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) object(o object, name string) object {
	v, ok := o[name].(object)
	if !ok {
		r.fail(faultf(ErrMissing, "%s, an object", name))
	}
	delete(o, name)
	return v
}

func (r *reader) text(o object, name string) string {
	v, ok := o[name].(string)
	if !ok {
		r.fail(faultf(ErrMissing, "%s, a string", name))
	}
	delete(o, name)
	return v
}

func (r *reader) id(o object, name string) keys.ID {
	id, err := keys.ParseID(r.text(o, name))
	if err != nil {
		r.fail(faultf(ErrValue, "%s: not 32 lower-case hexadecimal digits", name))
	}
	return id
}

func (r *reader) time(o object, name string) time.Time {
	t, err := time.Parse(timeLayout, r.text(o, name))
	if err != nil {
		r.fail(faultf(ErrValue, "%s: not a time such as 2026-01-31T12:00:00Z", name))
	}
	return t
}

// bytes decodes standard base64, padded. Strict refuses stray trailing bits,
// and Marshal's comparison the line ends that the decoder skips.
func (r *reader) bytes(o object, name string) []byte {
	b, err := base64.StdEncoding.Strict().DecodeString(r.text(o, name))
	if err != nil {
		r.fail(faultf(ErrValue, "%s: not canonical base64", name))
	}
	return b
}

func (r *reader) nothingLeft(o object) {
	for name := range o {
		r.fail(faultf(ErrMember, "%q", keys.OneLine(name, 40)))
	}
}
