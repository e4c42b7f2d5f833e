#!/bin/sh
# Runs go-choria's federation broker for the benchmarks:
#   BENCH_PEER='sh benchmarks/choria.sh {scheme} {fed} {col} {cluster} {ca} {cert} {key}'
# CHORIA is the program (choria). Its configuration is made anew each time, in one file of TMPDIR.
set -eu
conf=${TMPDIR:-/tmp}/fedrelay-bench-choria.conf
tls=--disable-tls
INSECURE_DISABLE_TLS=true
cat >"$conf" <<END
identity = relay1.ldn.example.net
logfile = discard
loglevel = error
plugin.security.provider = file
plugin.choria.use_srv = false
plugin.choria.broker_federation = true
plugin.choria.federation.cluster = $4
plugin.choria.federation_middleware_hosts = nats://$2
plugin.choria.middleware_hosts = nats://$3
END
if [ "$1" = tls ]; then
	tls=
	INSECURE_DISABLE_TLS=false
	cat >>"$conf" <<END
plugin.security.file.ca = $5
plugin.security.file.certificate = $6
plugin.security.file.key = $7
END
fi
export INSECURE_DISABLE_TLS
exec "${CHORIA:-choria}" broker run $tls --config "$conf"
