// Package config holds the settings of a relay: one struct, its defaults, and the places it is read
// from.
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
// stands for an environment variable and ${file:PATH} for what a file holds. Neither is expanded
// again, and $${ is a literal ${. A file is read once, at the start. Only user, password and token
// keep the name of the file, which is then read at each connect (ReadSecret).
//
// # The original broker's files
//
// LoadChoria reads broker.conf and, unless that lies in the user's home, plugin.d/*.cfg beside it.
// The keys that matter to a federation broker are translated, for both sides where Choria has only
// one:
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
// identity); the variables MCOLLECTIVE_NATS_USERNAME, _PASSWORD and _CREDENTIALS replace keys that
// are in the files, and do nothing else.
//
// A host's full name is the kernel's, if that has two dots. Else it is what DNS or the hosts file
// call the first IPv4 address of the host, else the kernel's name with the domain of resolv.conf.
// It is looked for only where it is needed, and for three seconds at most.
//
// TLS is used where the original broker uses it. The providers puppet and file name certificate,
// key and CA, and with a CA a client insists on TLS. With the provider choria and no CA,
// tls.required has the same effect. Missing files are never a reason to go on without TLS: they are
// a mistake or, with Sources.FilesLater, every connect fails until they are there. Only
// Sources.ChoriaWithoutTLS (--disable-tls) turns TLS off.
//
// Where the original broker does not verify a server because no CA is set, we verify it against the
// system's roots, with a warning. Anonymous TLS, which an operator has asked for by name, stays
// unverified, with a warning.
//
// A setting that we cannot follow gives a warning, or is a mistake where going on would be less
// secure. An unknown key that looks like one of the above gives a warning, too; all other keys are
// listed in Resolved.Notes.
package config
