// Package client asks nodes through a federation.
package client
