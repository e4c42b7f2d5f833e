// Package cost samples what a process uses, from outside: CPU time, memory, threads, connections, context switches. It reads
// /proc and so works on Linux only; elsewhere Watch fails.
//
// CPU time is the sum over threads of /proc/PID/task/TID/schedstat, in nanoseconds: the ticks in /proc/PID/stat are too coarse
// for a run of a fraction of a second. Children count too, at any depth. A thread or child that ends keeps what it had used by
// the last sample.
//
// A sample takes some 20 microseconds for each thread, and some 10 for each process on the machine when children are looked
// for, which happens every tenth time.
package cost
