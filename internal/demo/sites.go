package demo

import "fmt"

var siteNames = []string{"london", "tokyo", "newyork", "paris", "sydney", "mumbai", "berlin", "toronto"}

// sites names n collectives; the names are also those of the clusters.
func sites(n int) []string {
	names := make([]string, n)
	for i := range names {
		if i < len(siteNames) {
			names[i] = siteNames[i]
			continue
		}
		names[i] = fmt.Sprintf("site%d", i+1)
	}
	return names
}

// shares cuts total into n parts that differ by at most one.
func shares(total, n int) []int {
	parts := make([]int, n)
	for i := range parts {
		parts[i] = (i+1)*total/n - i*total/n
	}
	return parts
}
