// Package docs has no code: its tests hold the documents to the program. Each command block of a
// document runs, each configuration passes fedrelay check, and the reference is what the code says.
//
// A block is for one of these by the word behind its fence:
//
//	sh      runs, with all others of its document, in one shell; "sh not run: REASON" does not
//	yaml    is a configuration, or a part of one
//
// Other blocks are shown only.
package docs
