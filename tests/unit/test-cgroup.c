// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control groups as systemd, logind, libvirt and managers of containers name them.
 */
#include "tests/host/check.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/users/cgroup.h"

#define ID "4f5c6e7d8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d"

/* "manager unit session container guest", with "-" for what there is not. */
static void assert_cgroup(const char *text, const char *expected)
{
	cleanup(cgroup_done) struct cgroup cgroup;
	auto_free char *found = NULL;

	cgroup_parse(text, &cgroup);
	found = xasprintf("%u %s %s %s %s", (unsigned int)cgroup.manager,
			  cgroup.unit ? cgroup.unit : "-", cgroup.session ? cgroup.session : "-",
			  cgroup.container ? cgroup.container : "-",
			  cgroup.guest ? cgroup.guest : "-");
	assert_string_equal(found, expected);
}

static void units_of_the_system(void **state)
{
	(void)state;
	assert_cgroup("0::/system.slice/gdm.service\n", "0 gdm.service - - -");
	assert_cgroup("0::/system.slice/system-getty.slice/getty@tty1.service\n",
		      "0 getty@tty1.service - - -");
	assert_cgroup("0::/init.scope\n", "0 init.scope - - -");
	/* What a service makes below itself is its own business. */
	assert_cgroup("0::/system.slice/foo.service/payload/bar.service\n", "0 foo.service - - -");
	assert_cgroup("0::/system.slice/foo\\x2dbar.service\n", "0 foo\\x2dbar.service - - -");
	assert_cgroup("0::/system.slice/_cgroup.service\n", "0 cgroup.service - - -");
}

static void sessions_and_users(void **state)
{
	(void)state;
	assert_cgroup("0::/user.slice/user-1000.slice/session-2.scope\n",
		      "0 session-2.scope 2 - -");
	assert_cgroup("0::/user.slice/user-42.slice/session-c1.scope", "0 session-c1.scope c1 - -");
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		      "app-mpv-77.scope\n",
		      "1000 app-mpv-77.scope - - -");
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/session.slice/"
		      "pipewire.service\n",
		      "1000 pipewire.service - - -");
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n",
		      "1000 init.scope - - -");
	/* root's own manager is none of a user: its units cannot be told from the system's. */
	assert_cgroup("0::/user.slice/user-0.slice/user@0.service/app.slice/a.service\n",
		      "0 user@0.service - - -");
	/* Nobody's session: a unit that looks like one, of a user's making. */
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/session-2.scope\n",
		      "1000 session-2.scope - - -");
}

static void version_1_is_read_where_systemd_keeps_to_it(void **state)
{
	(void)state;
	assert_cgroup("12:pids:/user.slice\n1:name=systemd:/system.slice/x.service\n0::/\n",
		      "0 x.service - - -");
	assert_cgroup("3:cpu:/\n1:name=systemd:/user.slice/user-7.slice/session-3.scope\n",
		      "0 session-3.scope 3 - -");
	assert_cgroup("1:name=systemd:/system.slice/old.service\n0::/system.slice/new.service\n",
		      "0 new.service - - -");
}

static void containers(void **state)
{
	(void)state;
	assert_cgroup("0::/system.slice/docker-" ID ".scope\n",
		      "0 docker-" ID ".scope - docker-4f5c6e7d8a9b -");
	assert_cgroup("0::/docker/" ID "\n", "0 - - docker-4f5c6e7d8a9b -");
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		      ".scope/container\n",
		      "1000 libpod-" ID ".scope - libpod-4f5c6e7d8a9b -");
	assert_cgroup("0::/system.slice/web.service/libpod-payload-" ID "\n",
		      "0 web.service - libpod-4f5c6e7d8a9b -");
	/* podman's own process, outside. */
	assert_cgroup("0::/machine.slice/libpod-conmon-" ID ".scope\n",
		      "0 libpod-conmon-" ID ".scope - - -");
	assert_cgroup("0::/kubepods.slice/kubepods-burstable.slice/kubepods-pod12.slice/"
		      "cri-containerd-" ID ".scope\n",
		      "0 cri-containerd-" ID ".scope - cri-containerd-4f5c6e7d8a9b -");
	assert_cgroup("0::/kubepods/burstable/pod12/" ID "\n", "0 - - kubepods-4f5c6e7d8a9b -");
	assert_cgroup("0::/lxc.payload.web/system.slice/nginx.service\n", "0 - - lxc-web -");
	assert_cgroup("0::/lxc.monitor.web\n", "0 - - - -");
	assert_cgroup("0::/machine.slice/machine-deb.scope/payload/system.slice/nginx.service\n",
		      "0 machine-deb.scope - deb -");
	assert_cgroup("0::/machine.slice/systemd-nspawn@deb.service/payload\n",
		      "0 systemd-nspawn@deb.service - deb -");
	assert_cgroup("0::/lxc.payload.a\\b\n", "0 - - lxc-a\\x5cb -");
}

static void guests_of_libvirt(void **state)
{
	(void)state;
	assert_cgroup("0::/machine.slice/machine-qemu\\x2d3\\x2dwin\\x2d11.scope/libvirt/emulator",
		      "0 machine-qemu\\x2d3\\x2dwin\\x2d11.scope - - win-11");
	assert_cgroup("0::/machine.slice/machine-lxc\\x2d3\\x2dweb.scope",
		      "0 machine-lxc\\x2d3\\x2dweb.scope - lxc-3-web -");
	assert_cgroup("0::/machine/qemu-1-win11.libvirt-qemu/emulator\n", "0 - - - win11");
	/* A name with a line in it stays on one. */
	assert_cgroup("0::/machine.slice/machine-qemu\\x2d3\\x2da\\x0ab.scope",
		      "0 machine-qemu\\x2d3\\x2da\\x0ab.scope - - a\\x0ab");
}

/* As anybody can make them with mkdir. */
static void names_below_a_users_manager_are_not_believed(void **state)
{
#define MANAGER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/"

	(void)state;
	assert_cgroup(MANAGER "machine-qemu\\x2d1\\x2dwin11.scope/libvirt",
		      "1000 machine-qemu\\x2d1\\x2dwin11.scope - - -");
	assert_cgroup(MANAGER "a.service/machine-qemu\\x2d1\\x2dwin11.scope",
		      "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/qemu-1-win11.libvirt-qemu", "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/machine-web.scope", "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/systemd-nspawn@web.service", "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/lxc.payload.web", "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/lxc/web", "1000 a.service - - -");
	assert_cgroup(MANAGER "a.service/libpod-" ID ".scope",
		      "1000 a.service - libpod-4f5c6e7d8a9b -");
}

static void what_is_none_of_these(void **state)
{
	(void)state;
	assert_cgroup("", "0 - - - -");
	assert_cgroup("\n", "0 - - - -");
	assert_cgroup("0::/\n", "0 - - - -");
	assert_cgroup("0::/user.slice\n", "0 - - - -");
	assert_cgroup("nonsense", "0 - - - -");
	assert_cgroup("0::/system.slice/bad name.service\n", "0 - - - -");
	assert_cgroup("0::/user.slice/user@.service/a.service\n", "0 user@.service - - -");
	assert_cgroup("0::/user@99999999999.service/a.service\n",
		      "0 user@99999999999.service - - -");
	assert_cgroup("0::/session-.scope\n", "0 session-.scope - - -");
	assert_cgroup("0::/session-..scope\n", "0 session-..scope - - -");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_of_the_system),
		cmocka_unit_test(sessions_and_users),
		cmocka_unit_test(version_1_is_read_where_systemd_keeps_to_it),
		cmocka_unit_test(containers),
		cmocka_unit_test(guests_of_libvirt),
		cmocka_unit_test(names_below_a_users_manager_are_not_believed),
		cmocka_unit_test(what_is_none_of_these),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
