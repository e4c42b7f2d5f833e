#!/bin/sh
# A relay that runs is restarted, and drains before it ends. One that does not is left alone: without
# a configuration it has nothing to do.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	# A relay that does not start again is no reason to leave the package half installed.
	systemctl try-restart fedrelay.service || echo "fedrelay: not restarted; systemctl status fedrelay says why" >&2
fi
