package agent

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/git-envelope/git-envelope/internal/keys"
)

// keyBytes ends the Puts of these tests.
var keyBytes = []byte("0123456789abcdef0123456789ABCDEF")

var (
	goodContext = place("0d6b3c1e-0000-4000-8000-000000000000", "prod", 7)
	goodPut     = append(request{kind: kindPut, context: goodContext, ttl: TTL{Max: time.Hour, Idle: time.Minute, Renew: true}}.frame(), keyBytes...)
)

func goodRequests() []request {
	return []request{
		{kind: kindGet, context: goodContext},
		{kind: kindPut, context: goodContext, ttl: TTL{Max: math.MaxInt64}},
		{kind: kindPut, context: goodContext, ttl: TTL{Max: 1, Idle: 1, Renew: true}},
		{kind: kindWipe},
		{kind: kindWipe, scope: Scope{Repository: "r"}},
		{kind: kindWipe, scope: Scope{Repository: "r", Ring: strings.Repeat("x", maxText)}},
		{kind: kindStatus},
		{kind: kindStop},
	}
}

type sample struct {
	name  string
	bytes []byte
}

// badRequests are frames that a server must refuse.
func badRequests() []sample {
	changed := func(frame []byte, at int, to byte) []byte {
		b := bytes.Clone(frame)
		b[at] = to
		return b
	}
	get := request{kind: kindGet, context: goodContext}.frame()
	flags := len(goodPut) - keys.DataKeySize - 1
	contextOf := func(c keys.Context) []byte { return frame(kindGet, appendContext(nil, c), 0) }
	return []sample{
		{"nothing", nil},
		{"half a head", get[:2]},
		{"only a head", get[:headSize]},
		{"cut short", get[:len(get)-1]},
		{"other version", changed(get, 0, 2)},
		{"unknown kind", changed(get, 1, 'X')},
		{"an answer", frame(kindDone, nil, 0)},
		{"too long", []byte{wireVersion, byte(kindGet), 0x10, 0x01}},
		{"longest length", []byte{wireVersion, byte(kindPut), 0xff, 0xff}},
		{"put without room for a key", frame(kindPut, make([]byte, keys.DataKeySize-1), 0)},
		{"put of a key alone", frame(kindPut, make([]byte, keys.DataKeySize), 0)},
		{"put of half a key", goodPut[:len(goodPut)-keys.DataKeySize/2]},
		{"put without a key", goodPut[:len(goodPut)-keys.DataKeySize]},
		{"put with more after it", append(bytes.Clone(goodPut), 0)},
		{"put with unknown flags", changed(goodPut, flags, 2)},
		{"put for no time", append(request{kind: kindPut, context: goodContext}.frame(), keyBytes...)},
		{"put for less than no time", changed(goodPut, flags-16, 0x80)},
		{"put with negative idle time", changed(goodPut, flags-8, 0x80)},
		{"two requests", append(bytes.Clone(get), get...)},
		{"get with more in it", frame(kindGet, append(appendContext(nil, goodContext), 0), 0)},
		{"no repository", contextOf(place("", "ring", 1))},
		{"no ring", contextOf(place("r", "", 1))},
		{"control character", contextOf(place("r", "ring\x1b[2J", 1))},
		{"not UTF-8", contextOf(place("r", "\xff", 1))},
		{"text longer than the frame", frame(kindGet, []byte{255, 'r'}, 0)},
		{"wipe of a ring of no repository", request{kind: kindWipe, scope: Scope{Ring: "prod"}}.frame()},
		{"status with a body", frame(kindStatus, []byte{0}, 0)},
		{"stop with a body", frame(kindStop, []byte{0}, 0)},
	}
}

// discardKey stands for the locked memory.
func discardKey(r io.Reader) error {
	_, err := io.ReadFull(r, make([]byte, keys.DataKeySize))
	return cutShort(err)
}

func TestRequests(t *testing.T) {
	for _, want := range goodRequests() {
		b := want.frame()
		if want.kind == kindPut {
			b = append(b, keyBytes...)
		}
		got, err := readRequest(bytes.NewReader(b), discardKey)
		if err != nil || got != want {
			t.Errorf("%c: got %+v, %v; want %+v", want.kind, got, err, want)
		}
	}
	for _, tt := range badRequests() {
		if got, err := readRequest(bytes.NewReader(tt.bytes), discardKey); err == nil {
			t.Errorf("%s: accepted as %+v", tt.name, got)
		}
	}
}

// A length is judged before anything is allocated or read for it.
func TestLength(t *testing.T) {
	for _, tt := range []struct {
		n  uint16
		ok bool
	}{{0, true}, {maxBody - 1, true}, {maxBody, true}, {maxBody + 1, false}, {math.MaxUint16, false}} {
		head := binary.BigEndian.AppendUint16([]byte{wireVersion, byte(kindGet)}, tt.n)
		if _, _, n, err := readHead(bytes.NewReader(head)); (err == nil) != tt.ok || tt.ok && n != int(tt.n) {
			t.Errorf("length %d: %d, %v", tt.n, n, err)
		}
	}
}

// FuzzRequest: what the server accepts has no other encoding.
func FuzzRequest(f *testing.F) {
	for _, r := range goodRequests() {
		f.Add(append(r.frame(), keyBytes...))
		f.Add(r.frame())
	}
	for _, tt := range badRequests() {
		f.Add(tt.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var key []byte
		req, err := readRequest(bytes.NewReader(b), func(r io.Reader) error {
			key = make([]byte, keys.DataKeySize)
			_, err := io.ReadFull(r, key)
			return err
		})
		if err != nil {
			return
		}
		again := append(req.frame(), key...)
		if req.kind == kindStop {
			again[0] = b[0] // any version
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x is read as %+v, which is %x", b, req, again)
		}
	})
}

// FuzzResponse: what the client accepts has no other encoding.
func FuzzResponse(f *testing.F) {
	for _, tt := range goodAnswers() {
		f.Add(byte(tt.kind), tt.bytes)
	}
	for _, tt := range badAnswers() {
		f.Add(byte(tt.kind), tt.bytes)
	}
	f.Fuzz(func(t *testing.T, asked byte, b []byte) {
		r := bytes.NewReader(b)
		again, err := readAndEncode(kind(asked), r)
		if err != nil || readEnd(r) != nil {
			return
		}
		if kind(asked) == kindStop {
			again[0] = b[0] // any version
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x is read as %x", b, again)
		}
	})
}

// readAndEncode reads the answer to a kind of request and encodes it again.
func readAndEncode(asked kind, r io.Reader) ([]byte, error) {
	switch asked {
	case kindGet:
		key, life, err := readKey(r)
		if err != nil || key == nil {
			return frame(kindAbsent, nil, 0), err
		}
		return append(frame(kindDone, appendLifetime(nil, life), keys.DataKeySize), key.Bytes()[:]...), nil
	case kindWipe:
		n, err := readCount(r)
		return frame(kindDone, appendNumber(nil, int64(n)), 0), err
	case kindStatus:
		s, err := readStatus(r)
		return statusBytes(s), err
	case kindStop:
		return frame(kindDone, nil, 0), readStopped(r)
	default:
		return frame(kindDone, nil, 0), readNothing(r)
	}
}

func statusBytes(s Status) []byte {
	head := appendText(appendTime(appendNumber(nil, int64(s.PID)), s.Started), s.Version)
	b := frame(kindDone, appendNumber(head, int64(len(s.Entries))), 0)
	for _, e := range s.Entries {
		b = append(b, frame(kindDone, appendLifetime(appendContext(nil, e.Context), e.Lifetime), 0)...)
	}
	return b
}

type answer struct {
	kind kind // of the request
	sample
}

func goodAnswers() []answer {
	now := time.Unix(1<<30, 7)
	life := Lifetime{Since: now, Expires: now.Add(time.Hour), Uses: 3}
	status := Status{PID: 1, Started: now, Version: "1.0", Entries: []Entry{{goodContext, life}, {place("r", "ring", 1), life}}}
	return []answer{
		{kindGet, sample{"key", keyAnswer(keyBytes)}},
		{kindGet, sample{"absent", frame(kindAbsent, nil, 0)}},
		{kindPut, sample{"put", frame(kindDone, nil, 0)}},
		{kindWipe, sample{"wiped", frame(kindDone, appendNumber(nil, MaxKeys), 0)}},
		{kindStatus, sample{"status", statusBytes(status)}},
		{kindStatus, sample{"empty status", statusBytes(Status{PID: 1})}},
		{kindStop, sample{"stopped", frame(kindDone, nil, 0)}},
		{kindStop, sample{"stopped, another version", []byte{9, byte(kindDone), 0, 0}}},
	}
}

func keyAnswer(key []byte) []byte {
	return append(frame(kindDone, appendLifetime(nil, Lifetime{Since: time.Unix(1, 0), Expires: time.Unix(2, 0)}), len(key)), key...)
}

// badAnswers are what a client must not take.
func badAnswers() []answer {
	good := keyAnswer(keyBytes)
	head := func(version, k byte) []byte {
		b := bytes.Clone(good)
		b[0], b[1] = version, k
		return b
	}
	negative := bytes.Clone(good)
	negative[headSize] = 0x80
	return []answer{
		{kindGet, sample{"nothing", nil}},
		{kindGet, sample{"garbage", []byte("HTTP/1.1 400 Bad Request\r\n\r\n")}},
		{kindGet, sample{"longest length", []byte{wireVersion, byte(kindDone), 0xff, 0xff}}},
		{kindGet, sample{"other version", head(2, byte(kindDone))}},
		{kindGet, sample{"other kind", head(wireVersion, 'Z')}},
		{kindGet, sample{"a request", head(wireVersion, byte(kindPut))}},
		{kindGet, sample{"refused", frame(kindRefused, nil, 0)}},
		{kindGet, sample{"absent with a body", frame(kindAbsent, []byte{0}, 0)}},
		{kindGet, sample{"done without a key", frame(kindDone, nil, 0)}},
		{kindGet, sample{"short key", keyAnswer(keyBytes[:31])}},
		{kindGet, sample{"long key", keyAnswer(append(bytes.Clone(keyBytes), 1))}},
		{kindGet, sample{"key cut short", good[:len(good)-1]}},
		{kindGet, sample{"no lifetime", frame(kindDone, keyBytes, 0)}},
		{kindGet, sample{"negative time", negative}},
		{kindGet, sample{"key of zeros", keyAnswer(make([]byte, keys.DataKeySize))}},
		{kindGet, sample{"extra byte", append(bytes.Clone(good), 0)}},
		{kindGet, sample{"two answers", append(bytes.Clone(good), good...)}},
		{kindPut, sample{"absent to a put", frame(kindAbsent, nil, 0)}},
		{kindPut, sample{"put with a body", good}},
		{kindPut, sample{"refused put", frame(kindRefused, nil, 0)}},
		{kindWipe, sample{"no count", frame(kindDone, nil, 0)}},
		{kindWipe, sample{"count with more", frame(kindDone, make([]byte, 9), 0)}},
		{kindWipe, sample{"count beyond the limit", frame(kindDone, appendNumber(nil, MaxKeys+1), 0)}},
		{kindStatus, sample{"no status", frame(kindDone, nil, 0)}},
		{kindStatus, sample{"endless status", frame(kindDone, appendNumber(append(make([]byte, 16), 0), 1<<62), 0)}},
		{kindStatus, sample{"status without its keys", frame(kindDone, appendNumber(append(make([]byte, 16), 0), 2), 0)}},
		{kindStatus, sample{"version that writes to the terminal", statusBytes(Status{Version: "\x1b[2J"})}},
		{kindStatus, sample{"ring that writes to the terminal", statusBytes(Status{Entries: []Entry{{Context: place("r", "\x1b[2J", 1)}}})}},
		{kindStatus, sample{"status and more", append(statusBytes(Status{}), 0)}},
		{kindStop, sample{"stopped with a body", frame(kindDone, []byte{0}, 0)}},
		{kindStop, sample{"not stopped", frame(kindRefused, nil, 0)}},
	}
}
