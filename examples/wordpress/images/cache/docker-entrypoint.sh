#!/bin/sh
# Starts the command as redis, as the official image does: a server given as root
# takes its data directory over first.
set -eu

if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
	# Clients come from other containers; the network of the project is the fence.
	[ $# -gt 1 ] || set -- "$@" --protected-mode no
	chown redis:redis .
	exec setpriv --reuid redis --regid redis --clear-groups -- "$@"
fi
exec "$@"
