// Package message makes the messages that the benchmarks send, as the real client and the real nodes write them, and judges
// those that arrive.
//
// The data of each begins with a serial number of eight digits, which is base64 like any other; the rest of it is the same in
// all. So whoever receives can tell for every message which one it is and whether it is whole.
package message
