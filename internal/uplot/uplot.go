// Package uplot holds uPlot, which draws lines in browsers: two files of its npm package, as they
// were published, for the page of a relay and for reports.
package uplot

import _ "embed" // for the files

// Version is that of the npm package uplot. `npm pack uplot@VERSION` brings the same files.
const Version = "1.6.32"

// Script defines the global uPlot.
//
//go:embed uPlot.iife.min.js
var Script string

// Style is what the elements of a plot need.
//
//go:embed uPlot.min.css
var Style string

// License must go along with both, and Inline has it.
//
//go:embed LICENSE
var License string

// Inline returns Script with License in front, for pages that are one file.
func Inline() string { return "/* uPlot " + Version + "\n" + License + "*/\n" + Script }
