// Package cost samples from outside what a process uses: CPU time, memory, threads, connections,
// context switches. It reads /proc, so it works on Linux only. Elsewhere Watch fails.
//
// CPU time is the sum over threads of /proc/PID/task/TID/schedstat, in nanoseconds. The ticks in
// /proc/PID/stat are too coarse for a run of a fraction of a second. Children count too, at any
// depth. What a thread or child had used by its last sample still counts when it has ended.
//
// A sample takes some 20 microseconds for each thread. Every tenth one looks for new children,
// which takes some 10 microseconds for each process of the machine.
package cost
