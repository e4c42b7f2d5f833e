// Package deploy has no code: its folders hold what installs fedrelay and watches it, and its tests
// install, run and remove it on this machine (make check-packages).
//
//	systemd/     the unit
//	packages/    deb and rpm
//	docker/      an image with nothing but the program
//	puppet/      a module
//	prometheus/  alert rules
//	grafana/     a dashboard
package deploy
