// Package page shows a run of the benchmarks as one HTML page that needs nothing else.
package page
