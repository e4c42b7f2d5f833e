//go:build race

package sim

// usual is how many scenarios a plain go test runs: with the race detector each takes four times as long.
const usual = 80
