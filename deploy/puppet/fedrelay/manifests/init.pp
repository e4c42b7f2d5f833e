# @summary Installs, configures and runs a relay.
#
# @example All that a host needs whose domain has the SRV records of both networks
#   class { 'fedrelay': cluster => 'london' }
#
# @example With servers and credentials, from Hiera
#   fedrelay::cluster: london
#   fedrelay::settings:
#     federation: {servers: ['tls://fed1.example.net:4222'], creds: /etc/fedrelay/federation.creds}
#     collective: {servers: ['tls://nats1.example.net:4222'], creds: /etc/fedrelay/collective.creds}
#
# @param cluster
#   Name shared by all relays of one member collective.
# @param settings
#   Every other setting, as in fedrelay.yaml (fedrelay config example --full). They are checked by
#   the program before they replace those in use.
# @param package_ensure
#   As of the resource type package: a version, latest, installed.
# @param package_source
#   File of the package, where it comes from no repository.
# @param package_provider
#   Provider that installs package_source, for example dpkg.
# @param service_manage
#   Whether Puppet starts the service. A change of the settings reloads it; if that needs a restart,
#   the relay says so, and the run fails.
# @param service_ensure
#   As of the resource type service.
class fedrelay (
  Pattern[/\A[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\z/] $cluster,
  Hash[String, Any] $settings = {},
  String $package_ensure = 'installed',
  Optional[String] $package_source = undef,
  Optional[String] $package_provider = undef,
  Boolean $service_manage = true,
  Enum['running', 'stopped'] $service_ensure = 'running',
) {
  package { 'fedrelay':
    ensure   => $package_ensure,
    source   => $package_source,
    provider => $package_provider,
  }

  file { '/etc/fedrelay/fedrelay.yaml':
    ensure       => file,
    owner        => 'root',
    group        => 'fedrelay',
    mode         => '0640',
    content      => template('fedrelay/fedrelay.yaml.erb'),
    validate_cmd => '/usr/bin/fedrelay check --config %',
    require      => Package['fedrelay'],
  }

  # What cannot be reloaded is restarted, unless the relay would not start again: it runs on then, and
  # this run of Puppet fails.
  $reload = @("END"/L)
    /bin/systemctl reload-or-restart fedrelay.service && \
    case "$(/bin/systemctl show --value --property=StatusText fedrelay.service)" in "the last reload was refused"*) \
    runuser -u fedrelay -- /usr/bin/fedrelay check --config /etc/fedrelay/fedrelay.yaml && \
    /bin/systemctl restart fedrelay.service ;; esac
    |-END

  if $service_manage {
    service { 'fedrelay':
      ensure    => $service_ensure,
      enable    => $service_ensure == 'running',
      restart   => $reload,
      subscribe => File['/etc/fedrelay/fedrelay.yaml'],
      require   => Package['fedrelay'],
    }
  }
}
