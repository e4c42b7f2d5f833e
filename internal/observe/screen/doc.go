// Package screen is the live view of package observe in a terminal.
//
//	Run      the view, until somebody quits it
//	Frame    what it looks like: lines for a size, a pure function of a snapshot and what was chosen
//
// A line never fills more than the width, and there are never more lines than the height: what does
// not fit is cut, with a sign where it was. Everything that has a colour has a sign or a word, too.
// All characters are one column wide.
package screen
