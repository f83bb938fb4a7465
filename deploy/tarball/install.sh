#!/bin/sh
# Installs hapair from this archive, on a Linux distribution without dpkg, or removes it again.
#
#   ./install.sh            install or upgrade; configuration that is there is kept
#   ./install.sh remove     take the program away; configuration, key and history stay
#   ./install.sh purge      take everything away
#
# Needs: iproute2, nftables, arping of iputils, libatomic, libstdc++, glibc 2.28 or later; systemd for the service.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
state=/usr/lib/hapair

[ "$(id -u)" = 0 ] || {
	echo 'hapair: run this as root' >&2
	exit 1
}

is_conffile() {
	grep -qxF "$1" "$here/conffiles"
}

install_files() {
	before=
	[ -e "$state/main.js" ] && before=older
	while IFS= read -r path; do
		mkdir -p "/$(dirname "$path")"
		target=/$path
		if is_conffile "$path" && [ -e "$target" ]; then
			cmp -s "$here/files/$path" "$target" && continue
			target=$target.dist
			echo "hapair: /$path is kept as it is; the one of this version is $target" >&2
		fi
		# Beside and moved into place: the program that runs keeps its own file.
		cp -p "$here/files/$path" "$target.new"
		chown 0:0 "$target.new"
		mv -f "$target.new" "$target"
	done <"$here/list"
	# Parts of another version.
	find "$state" -type f | while IFS= read -r file; do
		grep -qxF "${file#/}" "$here/list" || rm -f "$file"
	done
	"$here/scripts/postinst" configure "$before"
}

remove_files() {
	"$here/scripts/prerm" remove
	while IFS= read -r path; do
		is_conffile "$path" || rm -f "/$path"
	done <"$here/list"
	# Directories that are empty now are those that the installation made.
	while IFS= read -r path; do
		rmdir -p "/$(dirname "$path")" 2>/dev/null || true
	done <"$here/list"
	"$here/scripts/postrm" remove
}

case "${1-install}" in
install)
	for tool in ip nft arping; do
		command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || echo "hapair: $tool is not installed" >&2
	done
	"$here/files/usr/lib/hapair/bin/node" --version >/dev/null || {
		echo 'hapair: its Node does not run here: is this the right processor, and are libatomic and libstdc++ installed?' >&2
		exit 1
	}
	install_files
	;;
remove)
	remove_files
	;;
purge)
	remove_files
	while IFS= read -r path; do
		rm -f "/$path" "/$path.dist"
	done <"$here/conffiles"
	"$here/scripts/postrm" purge
	;;
*)
	echo 'usage: install.sh [install|remove|purge]' >&2
	exit 2
	;;
esac
