// Package envelope is the sealed-blob format, version 1: the bytes Git stores
// in place of a secret file. docs/format.md is its specification; this package
// and that page change together.
//
// It promises that
//   - sealing is deterministic: the same plaintext under the same key gives the
//     same bytes, however the Write calls were split, on every machine and in
//     every release;
//   - a Reader hands out no byte that is not authenticated, and reports success
//     (io.EOF) only after the whole blob, its end included, was verified;
//   - memory is bounded for both, whatever the input claims;
//   - one plaintext has one sealed form per key, up to how the zstd encoder
//     squeezed a segment: everything else is refused, each fault with its own
//     error, all of which match ErrDamaged;
//   - a small edit changes few segments and leaves the bytes of all others as
//     they were, so that Git's delta compression keeps working.
//
// It does not hide the size of a file, nor that two segments under one key are
// equal, nor which path a blob belongs to; it binds a blob to a key, not to a
// path. It knows nothing of rings, recipients or Git.
package envelope
