#!/bin/sh
# Runs WordPress's scheduled jobs and counts the uploads, every EVERY seconds.
set -u

lock=/run/lock/worker.lock
log=/var/log/worker.log

# A new volume belongs to root; the web server uploads into it.
chown www-data:www-data /uploads
trap 'rm -f "$lock"; exit 0' TERM INT

say() { echo "$(date -u +%FT%TZ) $*" | tee -a "$log"; }

say "started, pid $$"
while :; do
	echo $$ >"$lock"
	if curl -fsS -o /dev/null http://web/wp-cron.php; then
		say "jobs done, $(find /uploads -type f | wc -l) uploaded files"
	else
		say "the site did not answer"
	fi
	rm -f "$lock"
	sleep "${EVERY:-15}" &
	wait $!
done
