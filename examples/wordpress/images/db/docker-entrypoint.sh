#!/bin/bash
# Makes the database on first start from MARIADB_ROOT_PASSWORD, MARIADB_DATABASE,
# MARIADB_USER and MARIADB_PASSWORD, as the official image does, and runs the server
# as mysql.
set -euo pipefail

datadir=/var/lib/mysql
[ "${1:-}" = mariadbd ] || exec "$@"

# quoted VALUE: the value as an SQL string.
quoted() {
	local value=${1//\\/\\\\}
	printf "'%s'" "${value//\'/\\\'}"
}

# first_start prints the SQL that names the users of a new database.
first_start() {
	echo "FLUSH PRIVILEGES;"
	echo "ALTER USER root@localhost IDENTIFIED BY $(quoted "$MARIADB_ROOT_PASSWORD");"
	echo "CREATE USER healthcheck@localhost IDENTIFIED BY '';"
	if [ -n "${MARIADB_DATABASE:-}" ]; then
		echo "CREATE DATABASE \`$MARIADB_DATABASE\`;"
	fi
	if [ -n "${MARIADB_USER:-}" ]; then
		echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
		echo "GRANT ALL ON \`${MARIADB_DATABASE:-*}\`.* TO $(quoted "$MARIADB_USER")@'%';"
	fi
}

mkdir -p /run/mysqld
chown mysql:mysql /run/mysqld "$datadir"

if [ ! -d "$datadir/mysql" ]; then
	: "${MARIADB_ROOT_PASSWORD:?must be set for a new database}"
	mariadb-install-db --user=mysql --datadir="$datadir" --skip-test-db --auth-root-authentication-method=normal >/dev/null
	first_start | mariadbd --user=mysql --datadir="$datadir" --bootstrap --silent-startup
fi

exec mariadbd --user=mysql --datadir="$datadir" --socket=/run/mysqld/mysqld.sock --pid-file=/run/mysqld/mysqld.pid \
	--bind-address=0.0.0.0 "${@:2}"
