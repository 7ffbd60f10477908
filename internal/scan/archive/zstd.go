package archive

import "github.com/klauspost/compress/zstd"

// zstdWindow is the most that a frame may ask to be kept of what it unpacked:
// what zstd itself makes without --ultra or --long.
const zstdWindow = 8 << 20

// zstd unpacks frames. The window is the frame's choice, so what it asks for is
// taken from the budget before.
func (w *walk) zstd() error {
	r := w.buffered()
	head, _ := r.Peek(zstd.HeaderMaxSize)
	var h zstd.Header
	if err := h.Decode(head); err != nil {
		w.skip("", Damaged)
		return nil
	}
	window := uint64(zstdWindow)
	if h.WindowSize > 0 && h.WindowSize < window {
		window = max(h.WindowSize, zstd.MinWindowSize)
	}
	return w.held(int64(window)*2, func() error {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(uint64(max(w.b.Bytes, zstdWindow))))
		if err != nil {
			w.skip("", Damaged)
			return nil
		}
		defer z.Close()
		return w.member("", z, w.in.count, -1)
	})
}
