class { 'fedrelay': cluster => 'london' }
