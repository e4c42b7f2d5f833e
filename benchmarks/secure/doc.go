// Package secure makes the certificates of the benchmarks, and says what all contestants must have
// negotiated: TLS 1.3 with AES-128-GCM. Figures over other ciphers could not be compared.
package secure
