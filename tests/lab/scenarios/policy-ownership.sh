# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Files and folders of the policy that others than root may have written are not believed.

guest g1 "$(hostdev no "$NIC")"
file=/etc/hostdev-hook/guests/g1.conf
conf guests/g1.conf 'group = whole'
must chown alice "$file"
refused g1 guests/g1.conf
must chown root "$file"
must chmod 664 "$file"
refused g1 guests/g1.conf
must chmod 644 "$file"
must chmod 777 "${file%/*}"
refused g1 /etc/hostdev-hook/guests
must chmod 755 "${file%/*}"
conf hostdev-hook.conf.d/10-lab.conf 'group = whole'
must chown alice /etc/hostdev-hook/hostdev-hook.conf.d
refused g1 /etc/hostdev-hook/hostdev-hook.conf.d
must chown root /etc/hostdev-hook/hostdev-hook.conf.d
start g1
on_vfio "$NIC"
stop g1
