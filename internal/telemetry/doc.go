// Package telemetry shows a running relay over HTTP: numbers for Prometheus, health for
// orchestrators, text for people.
//
// It reads plain data from a [View] and knows nothing of NATS. Nothing it serves changes the relay.
//
// # Endpoints
//
//	/                   for people: whether it works, both sides, the books, this list; for browsers
//	                    a page (package web), with Options.Sources
//	/api/v1/...         the data of that page, JSON
//	/metrics            Prometheus text
//	/healthz            200 while the process serves; also /-/healthy
//	/readyz             200 while the relay carries messages, else 503 and one reason a line;
//	                    also /-/ready
//	                    ?verbose or Accept: application/json gives JSON
//	/stats              the statistics document of the original broker, JSON; of an edge a list of
//	                    them, one for each cluster
//	/debug/pprof/       profiles, only with Options.Pprof
//	/choria/prometheus  /metrics where the original broker has it, only with Options.ChoriaMetrics;
//	                    also /choria/metrics
//
// ServeRemote serves the metrics and the health to other machines, over TLS and with a login.
//
// # Metrics
//
// All series exist from the start, with 0. Only the expiry of what does not end is missing. It is a
// time and not the seconds until then, as Prometheus has it: subtract time(). The labels path,
// side, fate, reason, event, result and credential have fixed lists of values. Those of fate and
// reason are the names of pipeline.Fate and wire.Reason. reason is empty if there is none. le has
// the bounds of histogram.go.
//
//	fedrelay_messages_received_total{path}      taken from the network
//	fedrelay_messages_total{path,fate,reason}   what became of those: accepted, rejected
//	fedrelay_messages_in_parse{path}            received, neither accepted nor rejected yet
//	fedrelay_copies_accepted_total{path}        copies of accepted messages, one a target
//	fedrelay_copies_total{path,fate,reason}     what became of those: confirmed, unconfirmed,
//	                                            denied, refused, expired, abandoned, skipped
//	fedrelay_copies_in_flight{path}             accepted, without a fate yet
//	fedrelay_unaccounted{path}                  without a fate although the path is at rest;
//	                                            alert on anything but 0
//	fedrelay_ingest_dropped_total{path}         messages lost before they were received
//	fedrelay_headers_stripped_total{path}       messages whose NATS headers were not carried on
//	fedrelay_bundles_total{path}                bundles; the next three say what is in them
//	fedrelay_bundled_copies_total{path}         copies that left in bundles
//	fedrelay_bundled_message_bytes_total{path}  bytes of the messages in them, as they came
//	fedrelay_bundle_bytes_total{path}           bytes of the bundles
//	fedrelay_queue_messages{path}               messages waiting to be received
//	fedrelay_queue_bytes{path}                  payload bytes of those
//	fedrelay_buffers_in_use{path}               buffers lent by the path's pool
//	fedrelay_buffer_bytes{path}                 bytes of those; pipeline.max_bytes bounds them
//	fedrelay_added_latency_seconds_bucket{path,le} time that the relay adds: from when a message
//	fedrelay_added_latency_seconds_sum{path}    was read until the write that held its copy was
//	fedrelay_added_latency_seconds_count{path}  over, counted for each copy: a histogram
//	fedrelay_buffer_limit_bytes{path}           the bound; at it the path reads nothing more
//	fedrelay_last_denial_timestamp_seconds{path}
//	                                            when a copy was denied last; 0 if none was
//	fedrelay_lanes{path}                        lanes, each with a connection to publish on
//	fedrelay_single_replies_total               replies that came to an edge one by one; with
//	                                            edge.wire: compact, alert on any increase
//	fedrelay_reply_seals_total{reason}          replies by why their seal did not open, with
//	                                            return_address.keys; empty if it did
//	fedrelay_node_round_trip_seconds_bucket{le} time from request to reply, as the relay sees it,
//	fedrelay_node_round_trip_seconds_sum        of replies whose seal opened: a histogram. If
//	fedrelay_node_round_trip_seconds_count      another relay sealed, clocks add their difference.
//	fedrelay_side_up{side}                      1 when all connections of the side are up
//	fedrelay_side_subscribed{side}              1 when the side brings messages
//	fedrelay_connections{side}                  connections that are up
//	fedrelay_connection_events_total{side,event}
//	fedrelay_last_error_timestamp_seconds{side} when the side had an error last; 0 if it had none
//	fedrelay_credential_expiry_timestamp_seconds{side,credential}
//	                                            when the first of a kind ends: choria_token,
//	                                            creds, tls_ca, tls_cert
//	fedrelay_ready                              1 when /readyz says 200
//	fedrelay_http_rejected_total{reason}        HTTP requests rejected: connections, events,
//	                                            handshake, host, login, machine, method, origin,
//	                                            path
//	fedrelay_http_certificate_expiry_timestamp_seconds
//	                                            when the certificate of ServeRemote ends
//	fedrelay_log_lines_dropped_total            lines of the log that nobody read in time
//	fedrelay_config_last_reload_successful      1 unless the latest reload was refused
//	fedrelay_config_last_reload_success_timestamp_seconds
//	                                            since when the configuration is in force
//	fedrelay_config_reloads_total{result}       reloads: changed, unchanged, refused
//	fedrelay_build_info{version,go_version,cluster,identity}
//
// An edge has a view for each of its clusters, and each series of a view has the label cluster in
// front. /readyz says 200 if all views are ready.
//
// The books balance: received = the sum of messages + in_parse, copies_accepted = the sum of copies
// + in_flight. in_parse and in_flight are computed from the very counters of the same page. Those
// of the original broker follow, where they are asked for (choria.go), and then metrics that begin
// with go_ and process_.
package telemetry
