#!/bin/sh
# $1 is "remove" in Debian's packages and 0 in RPM's, unless this is an upgrade.
set -e
case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now fedrelay.service || echo "fedrelay: systemd has not stopped fedrelay.service" >&2
	fi
	;;
esac
