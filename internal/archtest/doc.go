// Package archtest holds the tests of the repository itself. It has no code of its own.
//
//	imports_test.go, table_test.go  who may import whom
//	linked_test.go                  what the daemon is linked from
//	content_test.go                 what files may contain, and how long they may be
//	comments_test.go                how wide comments may be, and words they do not use
//	locks_test.go, order_test.go    the order in which mutexes are taken is written down
//	named_test.go                   what ARCHITECTURE.md names exists
//	held_test.go                    what it calls not obvious is held by tests
//	rows_test.go                    its table has a row for each package
//	filemap_test.go                 its last section explains each file
//	links_test.go                   links of documents lead to files that exist
package archtest
