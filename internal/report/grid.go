package report

const (
	fateIdle fate = iota
	fateReplied
	fateSilent
	fateLate
	fateDuplicated
	fateLost
	fateMisdelivered
)

var fateNames = []string{"not asked", "replied", "silent", "late", "duplicated", "lost", "misdelivered"}

// latency returns value k of a column, -1 if there is none.
func latency(column []uint32, k int) int64 {
	if k >= len(column) {
		return -1
	}
	return int64(column[k]) - 1
}

// A grid is the nodes as the script of the page takes them: a list for each property.
type grid struct {
	Names   []string `json:"names"`
	Fates   []fate   `json:"fates"`
	Mean    []int64  `json:"mean"`
	Slowest []int64  `json:"slowest"`
	// Counts are lists of how often each node was asked, replied, lost, late, silent, duplicated,
	// misdelivered.
	Counts [][]int64 `json:"counts"`
}

func gridOf(nodes []node) (g grid) {
	g.Counts = make([][]int64, 7)
	for i := range nodes {
		n := &nodes[i]
		g.Names = append(g.Names, n.Name)
		g.Fates = append(g.Fates, n.fate())
		g.Mean = append(g.Mean, n.Mean())
		g.Slowest = append(g.Slowest, n.Slowest)
		for k, v := range []int64{n.Asked, n.Replied, n.Lost, n.Late, n.Silent, n.Duplicated, n.Misdelivered} {
			g.Counts[k] = append(g.Counts[k], v)
		}
	}
	return g
}
