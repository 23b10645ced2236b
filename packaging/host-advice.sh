# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What "hostdevctl check" cannot know of a machine: how libvirt is installed and started on this distribution. All else that a
# machine lacks is told by that command. Read by install.sh, which gives "say", "family" and "root"; packages may print the same.

: "${root=}" # the folder that stands for /

# Where both daemons are there and none runs: the one whose socket is enabled; else the modular one, as where it is there the
# distribution has turned to it.
daemon_to_start() {
	local daemon found=
	for daemon in virtqemud libvirtd; do
		[[ -x $root/usr/sbin/$daemon || -x $root/usr/bin/$daemon ]] || continue
		found=${found:-$daemon}
		if [[ -d $root/run/systemd/system ]] && systemctl -q is-enabled "$daemon.socket" 2> /dev/null; then
			found=$daemon
			break
		fi
	done
	echo "$found"
}

advise_libvirt() {
	local daemon what
	daemon=$(daemon_to_start)
	if [[ -z $daemon ]]; then
		case $(family) in
		debian) what="apt install libvirt-daemon-system qemu-system-x86" ;;
		fedora) what="dnf install libvirt-daemon-kvm, then systemctl enable --now virtqemud.socket" ;;
		arch) what="pacman -S libvirt qemu-base, then systemctl enable --now libvirtd.socket" ;;
		opensuse) what="zypper install libvirt-daemon-qemu qemu-x86, then systemctl enable --now virtqemud.socket" ;;
		*) what="install it from your distribution" ;;
		esac
		say "libvirt is not installed: $what."
	elif [[ -d $root/run/systemd/system ]]; then
		systemctl -q is-active libvirtd.service libvirtd.socket virtqemud.service virtqemud.socket ||
			say "libvirt is not running: systemctl enable --now $daemon.socket."
	# Not by a pipe, at whose early end "cat" would fail.
	elif ! grep -qxE 'libvirtd|virtqemud' <<< "$(cat "$root"/proc/[0-9]*/comm 2> /dev/null)"; then
		say "libvirt is not running: start $daemon."
	fi
}

# Debian's profile of libvirt's daemon lets it run programs directly in /usr/sbin; elsewhere it must be told.
advise_apparmor() { # PREFIX
	local daemon profile
	[[ $1 != /usr && -e $root/sys/kernel/security/apparmor/profiles ]] || return 0
	for daemon in libvirtd virtqemud; do
		profile=$root/etc/apparmor.d/usr.sbin.$daemon
		[[ -e $profile ]] || continue
		! grep -qsF "$1/sbin/hostdev-hook" "$root/etc/apparmor.d/local/usr.sbin.$daemon" || continue
		say "AppArmor confines $daemon to programs below /usr. So that it may run the hook below $1, run as root:"
		say "    printf '%s PUx,\\n' $1/sbin/hostdev-hook $1/libexec/hostdev-hook/engine >> /etc/apparmor.d/local/usr.sbin.$daemon"
		say "    apparmor_parser -r /etc/apparmor.d/usr.sbin.$daemon"
	done
}
