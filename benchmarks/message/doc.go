// Package message makes the messages that the benchmarks send, as the real client and the real
// nodes write them, and judges those that arrive.
//
// The data of each begins with a serial number of eight digits, which are valid base64. The rest of
// the data is the same in all messages. So the receiver of a message knows which one it is, and
// whether it is whole.
package message
