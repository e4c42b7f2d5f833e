// Package result is what a run of the benchmarks found: its figures by scenario, contestant and round, and how to read them.
package result
