#!/bin/sh
# The user stays, because files that it owns may.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
if [ "$1" = purge ] && [ -d /etc/fedrelay ]; then
	rmdir --ignore-fail-on-non-empty /etc/fedrelay # credentials are not ours to remove
fi
