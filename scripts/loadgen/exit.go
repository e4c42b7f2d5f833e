package main

// exitThreshold is an exit code of this program alone; the others are those of all our programs.
const exitThreshold = 99

const exitCodesText = `Exit codes: 0 done, 1 failed or books that do not agree, 2 wrong usage, 3 a server could not be reached or
the relay was not ready in time, 99 a threshold is broken, 130 interrupted (with a report of what there was).`
