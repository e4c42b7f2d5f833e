package link

import "strings"

// intersect returns the pattern that covers what both a and b cover; false if that is nothing.
func intersect(a, b string) (string, bool) {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range x {
		switch {
		case i == len(y):
			return "", false
		case x[i] == ">":
			return strings.Join(y, "."), true
		case y[i] == ">":
			return strings.Join(x, "."), true
		case x[i] == "*":
			x[i] = y[i]
		case y[i] == "*":
			y[i] = x[i]
		case x[i] != y[i]:
			return "", false
		}
		y[i] = x[i]
	}
	return strings.Join(x, "."), len(x) == len(y)
}

// covers reports whether all that b covers is covered by a.
func covers(a, b string) bool {
	both, ok := intersect(a, b)
	return ok && both == b
}
