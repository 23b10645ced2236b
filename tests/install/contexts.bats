#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packaging/selinux/hostdev_hook.fc, looked up as SELinux does: a distribution's policy may have another spelling looked up in
# place of a path (Fedora /usr/bin for /usr/sbin, others /var/run for /run).

setup() {
	contexts=$BATS_TEST_TMPDIR/contexts
	{
		printf '%s(/.*)?\tsystem_u:object_r:%s:s0\n' /usr/bin bin_t /usr/sbin bin_t /usr/libexec bin_t \
			/usr/local/bin bin_t /usr/local/sbin bin_t /run var_run_t /var/run var_run_t /var/lib var_lib_t
		sed -E 's/gen_context\((.*),s0\)/\1:s0/' "$BATS_TEST_DIRNAME/../../packaging/selinux/hostdev_hook.fc"
	} > "$contexts"
}

@test "each file has its type, whatever spelling is looked up" {
	for substitution in '' '/usr/sbin /usr/bin' '/run /var/run'; do
		printf '%s' "${substitution:+$substitution$'\n'}" > "$contexts.subs_dist"
		while read -r path type; do
			run selabel_lookup -b file -f "$contexts" -k "$path"
			[[ $output == *":$type:s0" ]] || { echo "$path ($substitution): $output"; false; }
		done <<- 'END'
			/usr/sbin/hostdev-hook hostdev_hook_exec_t
			/usr/bin/hostdev-hook hostdev_hook_exec_t
			/usr/local/sbin/hostdev-hook hostdev_hook_exec_t
			/usr/libexec/hostdev-hook/engine hostdev_hook_exec_t
			/usr/local/libexec/hostdev-hook/engine hostdev_hook_exec_t
			/run/hostdev-hook/a.journal hostdev_hook_runtime_t
			/var/lib/hostdev-hook/a.pins hostdev_hook_var_lib_t
			/usr/bin/hostdevctl bin_t
		END
	done
}
