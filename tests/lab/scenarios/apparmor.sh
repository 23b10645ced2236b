# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # uuid_of is set in lib.sh
# Under libvirtd's enforced AppArmor profile, a guest confined by its own, the hook runs outside of both: it sees who
# holds the device, ends them, and the devices go and come home. Nothing of it is denied.
# deadline: 400

profiles=(/etc/apparmor.d/usr.sbin.libvirtd /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper)
# The daemon confines its guests for as long as it runs, and compiling their profiles takes an emulated processor minutes.
unload() {
	apparmor_parser -R "${profiles[@]}" 2> /dev/null || :
	daemon_down
	daemon_up
}
label_of() { cat "/proc/$1/attr/current"; }
engine_is() { engine=$(pgrep -o -f '^/usr/libexec/hostdev-hook/engine confined '); }

must apparmor_parser -r "${profiles[@]}"
trap unload EXIT
daemon_down
must daemon_up
[[ $(label_of "$(daemon_pid)") == 'libvirtd (enforce)' ]] || fail "libvirtd is not confined: $(label_of "$(daemon_pid)")"
must hostdevctl check > "$WORK/check"
grep -qE "^ok +apparmor-outside +AppArmor +profile libvirtd: the hook runs outside of it" "$WORK/check" || fail "check does not say so: $(< "$WORK/check")"

guest confined "$(policy processes=wait wait-time=120)" "$(hostdev yes "$GPU" "$SOUND")"
hold "$(control_node "$SOUND")"
# Its own profile is compiled five times on the way, which takes an emulated processor a minute.
timeout 240 virsh -q start confined > "$WORK/start.out" 2>&1 9>&- &
starting=$!
poll 60 engine_is || fail "the engine does not run: $(< "$WORK/start.out")"
label=$(label_of "$engine")
say "the engine runs as $label"
[[ $label == unconfined ]] || fail "the engine runs inside a profile"
end "$HELD"
wait "$starting" || fail "the guest does not start: $(< "$WORK/start.out")"
running confined
on_vfio "$GPU" "$SOUND"
label=$(label_of "$(qemu_pid confined)")
[[ $label == "libvirt-${uuid_of[confined]} (enforce)" ]] || fail "the guest runs as $label"
stop confined
same_as_before
! dmesg | grep -E 'apparmor="DENIED".*hostdev-hook|apparmor="DENIED".*comm="engine"' || fail "something was denied"
trap - EXIT
unload
[[ $(label_of "$(daemon_pid)") == unconfined ]] || fail "libvirtd stays confined"
