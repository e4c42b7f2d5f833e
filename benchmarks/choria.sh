#!/bin/sh
# Runs go-choria's federation broker for the benchmarks:
#   BENCH_PEER='sh benchmarks/choria.sh {scheme} {fed} {col} {cluster} {ca} {cert} {key}'
# CHORIA is the program (choria). Its configuration is made anew each time, in one file of TMPDIR.
# Without TLS it wants to see files of certificates all the same, and does not read them.
set -eu
conf=${TMPDIR:-/tmp}/fedrelay-bench-choria.conf
cat >"$conf" <<END
identity = relay1.ldn.example.net
logfile = discard
loglevel = error
plugin.security.provider = file
plugin.security.file.ca = ${5:-$conf}
plugin.security.file.certificate = ${6:-$conf}
plugin.security.file.key = ${7:-$conf}
plugin.choria.use_srv = false
plugin.choria.broker_federation = true
plugin.choria.federation.cluster = $4
plugin.choria.federation_middleware_hosts = nats://$2
plugin.choria.middleware_hosts = nats://$3
END
if [ "$1" = tls ]; then set --; else set -- --disable-tls; fi
exec "${CHORIA:-choria}" broker run "$@" --config "$conf"
