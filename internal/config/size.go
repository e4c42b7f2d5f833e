package config

// Size is a number of bytes. In YAML and flags it may carry a unit: 262144, 256KiB, 256MiB, 1GiB.
type Size int64
