#!/bin/sh
# Installs hapair from this archive, on a Linux distribution without dpkg, or removes it again.
#
#   ./install.sh            install or upgrade; configuration that is there is kept
#   ./install.sh remove     take the program away; configuration, key and history stay
#   ./install.sh purge      take everything away
#
# Needs: iproute2, nftables, arping of iputils, libatomic, libstdc++, glibc 2.28 or later; systemd for the service.
set -eu
# The service is not root, and has to read what is installed.
umask 022

here=$(cd "$(dirname "$0")" && pwd)
state=/usr/lib/hapair
# What the version that is installed consists of: the archive at hand may be of another one.
installed=$state/installed-files

is_conffile() {
	grep -qxF "$1" "$here/conffiles"
}

# Not what the archive says: an archive unpacked by somebody with a strict umask has lost it.
mode_of() {
	if [ -x "$1" ]; then echo 755; else echo 644; fi
}

list_installed() {
	if [ -e "$installed" ]; then cat "$installed"; else cat "$here/list"; fi
}

# Deletes files that are named on stdin, and the directories that are empty then.
take_away() {
	while IFS= read -r path; do
		rm -f "/$path"
		rmdir -p "/$(dirname "$path")" 2>/dev/null || true
	done
}

install_files() {
	before=
	[ -e "$state/main.js" ] && before=older
	former=$(list_installed)
	while IFS= read -r path; do
		mkdir -p "/$(dirname "$path")"
		source=$here/files/$path
		target=/$path
		if is_conffile "$path" && [ -e "$target" ]; then
			# A `.dist` of these bytes was announced when it came.
			cmp -s "$source" "$target" && rm -f "$target.dist" && continue
			cmp -s "$source" "$target.dist" && continue
			target=$target.dist
			echo "hapair: /$path is kept as it is; the one of this version is $target" >&2
		fi
		# Beside and moved into place: the program that runs keeps its own file.
		cp -p "$source" "$target.new"
		chown 0:0 "$target.new"
		chmod "$(mode_of "$source")" "$target.new"
		mv -f "$target.new" "$target"
	done <"$here/list"
	# Parts of the version before that this one does not have.
	printf '%s\n' "$former" | while IFS= read -r path; do
		grep -qxF "$path" "$here/list" || is_conffile "$path" || echo "$path"
	done | take_away
	cat "$here/list" >"$installed"
	echo "$(/usr/bin/hapair --version) is installed"
	"$here/scripts/postinst" configure "$before"
}

remove_files() {
	[ ! -e /usr/lib/systemd/system/hapair.service ] || "$here/scripts/prerm" remove
	former=$(list_installed)
	rm -f "$installed"
	printf '%s\n' "$former" | while IFS= read -r path; do
		is_conffile "$path" || echo "$path"
	done | take_away
	"$here/scripts/postrm" remove
}

case "${1-install}" in
install | remove | purge) ;;
*)
	echo 'usage, as root: install.sh [install|remove|purge]' >&2
	exit 2
	;;
esac
[ "$(id -u)" = 0 ] || {
	echo 'hapair: run this as root' >&2
	exit 1
}
if [ "$(dpkg-query -W -f '${db:Status-Status}' hapair 2>/dev/null)" = installed ]; then
	echo 'hapair: it is installed here as a Debian package; apt upgrades and removes that' >&2
	exit 1
fi

case "${1-install}" in
install)
	for tool in ip nft arping; do
		command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || echo "hapair: $tool is not installed, and a node needs it" >&2
	done
	"$here/files/usr/lib/hapair/bin/node" --version >/dev/null || {
		echo 'hapair: its Node does not run here: is this the right processor, and are libatomic and libstdc++ installed?' >&2
		exit 1
	}
	install_files
	;;
remove)
	remove_files
	echo 'hapair: removed; configuration, key and history stay in /etc/hapair and /var/lib/hapair'
	;;
purge)
	remove_files
	sed 'p;s/$/.dist/' "$here/conffiles" | take_away
	"$here/scripts/postrm" purge
	echo 'hapair: removed, with configuration, key, history and users'
	;;
esac
