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
#   Whether Puppet starts the service. A change of the settings reloads it, or restarts it if it has
#   to. If it would not start again it runs on as before, and each run fails until that is mended.
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

  if $service_manage {
    service { 'fedrelay':
      ensure    => $service_ensure,
      enable    => $service_ensure == 'running',
      restart   => '/bin/systemctl reload-or-restart fedrelay.service',
      subscribe => File['/etc/fedrelay/fedrelay.yaml'],
      require   => Package['fedrelay'],
    }
  }

  # A reload succeeds although the relay refuses it, and its status says so. What cannot be reloaded
  # is restarted, unless the relay would not start again: it runs on then, and each run of Puppet
  # fails until that is mended.
  if $service_manage and $service_ensure == 'running' {
    $refused = 'systemctl show --value --property=StatusText fedrelay.service | grep -q "^the last reload was refused"'
    exec { 'settings that fedrelay has refused':
      command  => @("END"/L),
        runuser -u fedrelay -- /usr/bin/fedrelay check --config /etc/fedrelay/fedrelay.yaml && \
        systemctl reload fedrelay.service && { ! ${refused} || systemctl restart fedrelay.service; }
        |-END
      onlyif   => $refused,
      path     => ['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
      provider => shell,
      require  => Service['fedrelay'],
    }
  }
}
