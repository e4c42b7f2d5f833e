// Package config holds the settings of a relay: one struct, its defaults, and the places it is read
// from.
//
// # Sources
//
// A flag overrides an environment variable, a variable the YAML file, that the original broker's
// files, and those the defaults. Load merges them and returns every mistake at once, each with its
// place: file:line:column, the variable or the flag. A variable's name follows from the YAML path:
// federation.tls.ca is FEDRELAY_FEDERATION_TLS_CA. A credential replaces those of other kinds that
// come from a lower source; two kinds in one source are a mistake.
//
// The YAML file is one document of at most 64 KiB without aliases and tags. In its values ${NAME}
// is an environment variable and ${file:PATH} what a file holds, neither expanded again; $${ is a
// literal ${. A file is read once, at start, but for user, password and token, which keep its name
// and have it read at each connect (ReadSecret).
//
// # The original broker's files
//
// LoadChoria reads broker.conf and, unless that lies in the user's home, plugin.d/*.cfg beside it.
// The keys that matter to a federation broker are translated, for both sides where Choria has only
// one:
//
//	plugin.choria.broker_federation                 must be true
//	plugin.choria.federation.cluster, identity      cluster (default mcollective), identity (default: the host's full name)
//	plugin.choria.federation_middleware_hosts       federation.servers
//	plugin.choria.middleware_hosts                  collective.servers (puppet:4222 if DNS is off and none is set)
//	plugin.choria.use_srv, plugin.choria.srv_domain srv.disabled, srv.domain (default: the host's domain)
//	plugin.nats.user, .pass, .credentials           user, password, creds
//	plugin.security.provider                        puppet, file, choria; see below
//	plugin.choria.stats_port, .stats_address        http.listen, or another port if that one is in use; without a port ours stays
//	plugin.choria.network.soft_shutdown_timeout     drain.timeout
//	loglevel                                        log.level and its synonyms; fatal becomes error, what nobody knows warn
//
// CHORIA_SRV_DOMAIN sets the domain, MCOLLECTIVE_CERTNAME the name of the certificate (default: the
// identity); the variables MCOLLECTIVE_NATS_USERNAME, _PASSWORD and _CREDENTIALS replace keys that
// are in the files, and do nothing else.
//
// A host's full name is what the kernel says if that has two dots, else what DNS or the hosts file
// call its first IPv4 address, else the kernel's with the domain of resolv.conf. It is looked for
// only where needed, and for three seconds.
//
// TLS is on as it is there: providers puppet and file name certificate, key and CA, and a CA makes
// the client insist on TLS; with provider choria and no CA tls.required does. Files that are
// missing are a mistake, or with Sources.FilesLater let every connect fail until they are there,
// and never a reason to go on without TLS: only Sources.ChoriaWithoutTLS (--disable-tls) turns it
// off. Where the original does not verify the server because no CA is set, we verify it against the
// system's roots, with a warning; anonymous TLS, which an operator has asked for by name, stays
// unverified, with a warning. Settings we cannot follow are warned of, or refused where going on
// would be less secure. Unknown keys that look like one of the above are named; all other keys are
// listed in Resolved.Notes.
package config
