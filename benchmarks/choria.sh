#!/bin/sh
# Runs go-choria's federation broker for the benchmarks: BENCH_PEER='sh benchmarks/choria.sh {fed} {col} {cluster}'.
# CHORIA is the program (choria). Its configuration is made anew each time, in one file of TMPDIR.
set -eu
conf=${TMPDIR:-/tmp}/fedrelay-bench-choria.conf
cat >"$conf" <<END
identity = relay1.ldn.example.net
logfile = discard
loglevel = error
plugin.security.provider = file
plugin.choria.use_srv = false
plugin.choria.broker_federation = true
plugin.choria.federation.cluster = $3
plugin.choria.federation_middleware_hosts = nats://$1
plugin.choria.middleware_hosts = nats://$2
END
exec "${CHORIA:-choria}" broker run --disable-tls --config "$conf"
