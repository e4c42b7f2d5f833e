package state

import "hash/crc32"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Mark stands for the name of a node in what is kept of replies: four bytes instead of the name. It
// is the same in all instances. Two names of a request may share a mark, by a chance of one in four
// billion; then one that has not answered may count as if it had.
func Mark(name []byte) uint32 { return crc32.Checksum(name, castagnoli) }
