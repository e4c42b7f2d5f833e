package compact

import "github.com/klauspost/compress/zstd"

const dictionaryID = 1

// minPacked is the size from which on a text stream is compressed.
const minPacked = 32

// window is how far back a match reaches, in bytes. A reader takes up to 8 MiB.
const window = 128 << 10

// A packer compresses text streams.
type packer struct {
	zstd   *zstd.Encoder
	packed []byte
}

// pack returns text compressed, or as it is if that is not larger. The result is valid until the
// next call.
func (p *packer) pack(text []byte) []byte {
	if len(text) < minPacked {
		return text
	}
	if p.zstd == nil {
		p.zstd = newPacker()
	}
	p.packed = p.zstd.EncodeAll(text, p.packed[:0])
	if len(p.packed) >= len(text) {
		return text
	}
	return p.packed
}

func newPacker() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderDictRaw(dictionaryID, []byte(dictionary)),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic("compact: BUG: " + err.Error())
	}
	return e
}

// An unpacker undoes what a packer did.
type unpacker struct {
	zstd *zstd.Decoder
	text []byte
}

// unpack returns the text stream of n bytes that packed holds. The result is valid until the next
// call. It aliases packed if that is not compressed.
func (u *unpacker) unpack(packed []byte, n int) (text []byte, ok bool) {
	if len(packed) == n {
		return packed, true
	}
	if u.zstd == nil {
		u.zstd = newUnpacker()
	}
	if cap(u.text) < n || cap(u.text) > max(keep, 4*n) {
		u.text = make([]byte, 0, n)
	}
	text, err := u.zstd.DecodeAll(packed, u.text[:0:n])
	return text, err == nil && len(text) == n
}

func newUnpacker() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(dictionaryID, []byte(dictionary)), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic("compact: BUG: " + err.Error())
	}
	return d
}
