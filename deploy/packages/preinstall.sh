#!/bin/sh
# Files of the package belong to the group, so it must be there before they are.
set -e
if ! getent group fedrelay > /dev/null; then
	groupadd --system fedrelay
fi
if ! getent passwd fedrelay > /dev/null; then
	useradd --system --gid fedrelay --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fedrelay
fi
