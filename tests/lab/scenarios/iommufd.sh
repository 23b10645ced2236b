# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest wants its devices by way of iommufd, for all or for one, and this kernel has none: the option it lacks is named.
# The XML is that of newer releases of libvirt, so the hook is called as they would.

[[ ! -e /dev/iommu ]] || fail "this kernel has iommufd"
one=$(hostdev yes "$NIC")
described all "<iommufd enabled='yes' fdgroup='iommu'/>" "$one"
described one "${one/<source>/<driver iommufd=\'yes\'/><source>}"
for guest in all one; do
	hook "$guest" prepare begin - < "$(xml_file "$guest")"
	said_no "$guest is not started: $NIC" "iommufd" CONFIG_IOMMUFD "othing was changed"
done
# A device may go its own way.
described not "<iommufd enabled='yes'/>" "${one/<source>/<driver iommufd=\'no\'/><source>}"
hook not prepare begin - < "$(xml_file not)"
said_nothing
on_vfio "$NIC"
hook not release end - < "$(xml_file not)"
said_nothing
same_as_before
