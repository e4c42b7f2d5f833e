// Package deploy holds what is installed beside a relay. It has no code of its own, and tests that
// hold the files to the program.
//
//	prometheus/alerts.yml        alert rules; docs/runbook.md says what to do
//	prometheus/alerts_test.yml   series that make each alert fire, and series that do not
//	grafana/fedrelay.json        a dashboard
package deploy
