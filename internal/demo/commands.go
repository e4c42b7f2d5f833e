package demo

import (
	"fmt"
	"io"
	"strings"
)

const (
	natsPort = 4222 // of the federation; the collectives follow
	httpPort = 8280 // of the first relay; the others follow
)

// writeCommands prints what sets up the same thing for real, on one machine.
func writeCommands(w io.Writer, sites []string) {
	fmt.Fprintf(w, "\nThe same for real, each line in a terminal of its own:\n\n")
	fmt.Fprintf(w, "  nats-server -a 127.0.0.1 -p %d    # federation\n", natsPort)
	for i, site := range sites {
		fmt.Fprintf(w, "  nats-server -a 127.0.0.1 -p %d    # %s\n", natsPort+1+i, site)
	}
	for i, site := range sites {
		fmt.Fprintf(w, "  fedrelay run --cluster %s --http 127.0.0.1:%d \\\n", site, httpPort+i)
		fmt.Fprintf(w, "    --federation nats://127.0.0.1:%d --collective nats://127.0.0.1:%d\n", natsPort, natsPort+1+i)
	}
	fmt.Fprintf(w, "\nThen point the clients at port %d with the clusters %s,\n"+
		"and the nodes of each collective at its own port.\n",
		natsPort, strings.Join(sites, ","))
}
