// Package config holds the settings of a relay: one struct, its defaults, and the sources it is
// read from.
//
// # Sources
//
// From the strongest to the weakest: flags, environment variables, the YAML file, the original
// broker's files, defaults. Load merges them and returns every mistake at once, each with its
// place: file:line:column, the variable or the flag. A variable's name follows from the YAML path:
// federation.tls.ca is FEDRELAY_FEDERATION_TLS_CA. A credential replaces those of other kinds that
// come from a weaker source; two kinds in one source are a mistake.
//
// The YAML file is one document of at most 64 KiB without aliases and tags. In its values ${NAME}
// stands for the value of an environment variable and ${file:PATH} for the content of a file. The
// inserted text is not expanded again, and $${ is a literal ${. A file is read once, at the start.
// Only user, password and token keep the name of the file, so that it is read at each connect
// (ReadSecret).
//
// # The original broker's files
//
// LoadChoria reads broker.conf and plugin.d/*.cfg beside it. It leaves plugin.d out if broker.conf
// lies in the user's home. The keys that matter to a federation broker are translated. If Choria
// has one key for both sides, it sets both:
//
//	plugin.choria.broker_federation                 must be true
//	plugin.choria.federation.cluster                cluster (default mcollective)
//	identity                                        identity (default: the host's full name)
//	plugin.choria.federation_middleware_hosts       federation.servers
//	plugin.choria.middleware_hosts                  collective.servers (without any: puppet:4222)
//	plugin.choria.use_srv, plugin.choria.srv_domain srv.disabled, srv.domain (default: the host's domain)
//	plugin.nats.user, .pass, .credentials           user, password, creds
//	plugin.security.provider                        puppet, file, choria; see below
//	plugin.choria.stats_port, .stats_address        http.listen; another port if that is in use
//	plugin.choria.network.soft_shutdown_timeout     drain.timeout
//	loglevel                                        log.level; fatal is error, an unknown word warn
//
// CHORIA_SRV_DOMAIN sets the domain, MCOLLECTIVE_CERTNAME the name of the certificate (default: the
// identity). The variables MCOLLECTIVE_NATS_USERNAME, _PASSWORD and _CREDENTIALS replace keys that
// are in the files. Without the key they have no effect.
//
// A host's full name is that of the kernel, if it has two dots. Otherwise it is the name that DNS
// or the hosts file give the first IPv4 address of the host. If they give none, it is the kernel's
// name with the domain of resolv.conf. It is looked up only where it is needed, and for three
// seconds at most.
//
// TLS is used where the original broker uses it. The providers puppet and file name a certificate,
// a key and a CA, and a client with a CA insists on TLS. For the provider choria without a CA,
// tls.required is set to the same effect. A relay never goes on without TLS because files are
// missing. They are a mistake or, with Sources.FilesLater, every connect fails until they are
// there. Only Sources.ChoriaWithoutTLS (--disable-tls) turns TLS off.
//
// If no CA is set the original broker does not verify a server. We verify it against the system's
// roots, and warn. Anonymous TLS, which an operator must ask for by name, stays unverified, with a
// warning.
//
// A setting that we cannot follow gives a warning. It is a mistake if going on without it would be
// less secure. An unknown key that looks like one of the above gives a warning, too. All other keys
// are listed in Resolved.Notes.
package config
