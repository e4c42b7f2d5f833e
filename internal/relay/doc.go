// Package relay puts a relay together: settings in, two pipelines out.
//
//	federation --receive--> request pipeline --publish--> collective
//	federation <--publish-- reply pipeline   <--receive-- collective
//
// A relay has one connection to receive on and one for each lane to publish on, per side. A path receives only while the
// side it publishes to is up and takes something: a relay that cannot serve leaves the queue group to those that can (guard.go,
// absence.go, and docs/adr/0013 for when that is).
package relay
