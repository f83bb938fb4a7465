#!/bin/bash
# Mails every change of state. An example of an exec hook: adapt it.
#
#   on change exec /etc/hapair/hooks/notify-mail.sh admin@example.org
#   on solo   exec /etc/hapair/hooks/notify-mail.sh admin@example.org 10.0.0.25
#
# Arguments: recipient, mail relay (default 127.0.0.1), its port (default 25); hapair adds keepalived's four:
# INSTANCE, the pair's name, MASTER|BACKUP|FAULT|STOP, the priority. HAPAIR_* variables tell the rest.
# Speaks SMTP itself, since `sendmail` is set-gid and the unit file forbids that (NoNewPrivileges).
set -euo pipefail

recipient=$1
relay=127.0.0.1
port=25
# The last four arguments are hapair's.
[ $# -ge 6 ] && relay=$2
[ $# -ge 7 ] && port=$3
state=${*: -2:1}
from="hapair@$(uname -n)"

# Reads one reply, which may have several lines, and ends unless it begins with the digit given.
expect() {
	local line
	while IFS= read -r -t 5 line <&3; do
		[ "${line:3:1}" = - ] && continue
		[ "${line:0:1}" = "$1" ] && return
		break
	done
	echo "notify-mail: $relay answered: ${line:-nothing}" >&2
	exit 1
}

say() {
	printf '%s\r\n' "$@" >&3
}

exec 3<>"/dev/tcp/$relay/$port"
expect 2
say "EHLO $(uname -n)"
expect 2
say "MAIL FROM:<$from>"
expect 2
say "RCPT TO:<$recipient>"
expect 2
say DATA
expect 3
# No line of the text begins with a dot, which would end it: each begins with a word.
say "From: hapair on $HAPAIR_NODE <$from>" \
	"To: <$recipient>" \
	"Date: $(LC_ALL=C date -R)" \
	"Message-ID: <$HAPAIR_EVENT_ID@$(uname -n)>" \
	"Subject: [hapair] $HAPAIR_PAIR: $HAPAIR_NODE is $state (${HAPAIR_EVENT})" \
	"Content-Type: text/plain; charset=utf-8" \
	"" \
	"$HAPAIR_NODE: $HAPAIR_OLD_STATE -> $HAPAIR_NEW_STATE, term $HAPAIR_TERM" \
	"Reason: $HAPAIR_REASON" \
	"Address: $HAPAIR_VIRTUAL_IPS on $HAPAIR_INTERFACE" \
	"Peer: $HAPAIR_PEER" \
	"Time: $HAPAIR_TIME" \
	.
expect 2
say QUIT
