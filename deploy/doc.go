// Package deploy holds what installs a relay and what is installed beside it. It has no code of its
// own, and tests that hold the files to the program. Those that install packages, on this machine
// and in a systemd that they boot in namespaces, run with make check-packages.
//
//	systemd/                     the unit
//	packages/                    deb and rpm
//	docker/                      an image with nothing but the program
//	puppet/                      a module
//	prometheus/alerts.yml        alert rules; docs/runbook.md says what to do
//	prometheus/alerts_test.yml   series that make each alert fire, and series that do not
//	grafana/fedrelay.json        a dashboard
package deploy
