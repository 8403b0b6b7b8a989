#!/bin/bash
# Configures WordPress and PHP from the environment, as the official image does, and
# runs the command. Other commands than the web server run as they are.
set -euo pipefail

[ "${1:-}" = apache2-foreground ] || exec "$@"

# A volume mounted here starts with the image's files, a bind mount with nothing.
if [ ! -e index.php ]; then
	echo "no WordPress in $PWD: mount nothing there, or a volume" >&2
	exit 1
fi

if [ ! -e wp-config.php ]; then
	while IFS= read -r line; do
		if [[ $line == *'put your unique phrase here'* ]]; then
			line=${line/put your unique phrase here/$(head -c 48 /dev/urandom | base64 -w 0)}
		fi
		printf '%s\n' "$line"
	done <wp-config.php.template >wp-config.php
	chown www-data:www-data wp-config.php
fi

if [ -n "${PHP_UPLOAD_LIMIT:-}" ]; then
	sed -i -e "s/^upload_max_filesize = .*/upload_max_filesize = $PHP_UPLOAD_LIMIT/" \
		-e "s/^post_max_size = .*/post_max_size = $PHP_UPLOAD_LIMIT/" /etc/php/*/apache2/php.ini
fi

exec "$@"
