# What is installed, and which rights its users need on the NATS servers, ready to be printed or pasted
# (puppet facts show fedrelay).
Facter.add(:fedrelay) do
  confine { File.executable?('/usr/bin/fedrelay') && File.readable?('/etc/fedrelay/fedrelay.yaml') }
  setcode do
    run = ->(args) { Facter::Core::Execution.execute("/usr/bin/fedrelay #{args}", on_fail: '').strip }
    {
      'version'     => run.call('version').lines.first.to_s.split[1],
      'permissions' => run.call('config permissions --config /etc/fedrelay/fedrelay.yaml'),
    }
  end
end
