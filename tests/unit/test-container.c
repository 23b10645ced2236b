// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holders that are more than somebody's program: in containers, with the command that stops them,
 * boot splashes, and what is protected.
 */
#include "tests/unit/holders-helpers.h"

/* Each manager writes down in its own way what people call a container. */
static void containers_have_names_and_commands(void **state)
{
#define ID "4f5c6e7d8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d"
#define OTHER "5f5c6e7d8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d"
	static const struct {
		const char *cgroup, *container, *command;
	} cases[] = {
		{"/system.slice/docker-" ID ".scope", "jellyfin", "docker stop jellyfin"},
		{"/mine/" ID, "jellyfin", "docker stop jellyfin"},
		{"/mine/" OTHER, "container-5f5c6e7d8a9b", NULL},
		{"/machine.slice/libpod-" ID ".scope", "web", "podman stop web"},
		{"/machine.slice/libpod-" OTHER ".scope/container", "libpod-5f5c6e7d8a9b",
		 "podman stop 5f5c6e7d8a9b"},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" OTHER ".scope",
		 "libpod-5f5c6e7d8a9b", "podman stop 5f5c6e7d8a9b, as user alice"},
		{"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope",
		 "cri-containerd-4f5c6e7d8a9b",
		 "delete its pod, or scale it down, with kubectl; crictl stop 4f5c6e7d8a9b"},
		{"/lxc.payload.web", "lxc-web", "lxc-stop -n web"},
		{"/lxc.payload.blue", "lxc-blue", "incus stop blue"},
		{"/lxc.payload.red", "lxc-red", "lxc stop red"},
		{"/machine.slice/machine-web.scope/payload", "web", "machinectl stop web"},
	};

	(void)state;
	systemd_runs();
	record("var/lib/docker/containers/" ID "/config.v2.json",
	       "{\"Config\":{\"Image\":\"x\"},\"MountPoints\":{\"/a\":{\"Name\":\"volume\"}},"
	       "\"Name\":\"/jellyfin\",\"ID\":\"" ID "\"}");
	record("var/lib/containers/storage/overlay-containers/containers.json",
	       "[{\"id\":\"" OTHER "\",\"layer\":\"x\"},{\"id\":\"" ID "\",\"names\":[\"web\"]}]");
	tree_dir(host->root_fd, "var/lib/incus/containers/blue");
	tree_dir(host->root_fd, "var/lib/lxd/containers/red");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		process_add(200 + (int)i, strstr(cases[i].cgroup, "user@") ? 1000 : 0, "x",
			    cases[i].cgroup);
	read_holders();
	assert_int_equal(snapshot.holder_count, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < snapshot.holder_count; i++) {
		assert_int_equal(snapshot.holders[i].role, HOLDER_CONTAINER);
		assert_text(snapshot.holders[i].container, cases[i].container);
		if (cases[i].command)
			assert_text(snapshot.holders[i].container_stop, cases[i].command);
		else
			assert_null(snapshot.holders[i].container_stop);
	}
}

/* A name that a command line would take for something else is not passed on. */
static void a_containers_name_is_not_believed(void **state)
{
	(void)state;
	record("var/lib/docker/containers/" ID "/config.v2.json", "{\"Name\":\"/a;reboot\"}");
	process_add(95, 0, "x", "/docker/" ID);
	read_holders();
	assert_text(snapshot.holders[0].container_stop, "docker stop 4f5c6e7d8a9b");
}

/* A manager keeps its files on a share that does not answer: nobody waits for it twice. */
static void a_manager_whose_files_do_not_come(void **state)
{
	uint64_t begun = host_now_ms();

	(void)state;
	systemd_runs();
	record("var/lib/docker/containers/" ID "/hostname", "x");
	assert_int_equal(
		mkfifoat(host->root_fd, "var/lib/docker/containers/" ID "/config.v2.json", 0600),
		0);
	for (int pid = 95; pid < 98; pid++)
		process_add(pid, 0, "x", "/docker/" ID);
	process_add(98, 0, "x", "/lxc.payload.web");
	read_holders();
	assert_true(host_now_ms() - begun < 2 * 3000);
	assert_int_equal(snapshot.holder_count, 4);
	for (size_t i = 0; i < 3; i++)
		assert_text(snapshot.holders[i].container_stop, "docker stop 4f5c6e7d8a9b");
	assert_text(snapshot.holders[3].container_stop, "lxc-stop -n web");
}

/* Nor is that of a control group, which may be any that a folder can have. */
static void a_groups_name_is_no_part_of_a_command(void **state)
{
	static const char *const cgroups[] = {
		"/lxc.payload.a;reboot",
		"/lxc.payload.-a",
		"/lxc/$(reboot)",
		"/machine.slice/machine-a\\x20b.scope",
		"/machine.slice/machine-a\\x1b.scope",
	};

	(void)state;
	systemd_runs();
	for (size_t i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++)
		process_add(200 + (int)i, 0, "x", cgroups[i]);
	read_holders();
	for (size_t i = 0; i < snapshot.holder_count; i++) {
		assert_int_equal(snapshot.holders[i].role, HOLDER_CONTAINER);
		assert_null(snapshot.holders[i].container_stop);
	}
	assert_int_equal(snapshot.holder_count, sizeof(cgroups) / sizeof(cgroups[0]));
	assert_text(snapshot.holders[0].container, "lxc-a;reboot");
	assert_text(snapshot.holders[4].container, "a\\x1b");
}

static void a_container_that_is_a_service_is_a_service(void **state)
{
	(void)state;
	systemd_runs();
	process_add(95, 0, "x", "/machine.slice/systemd-nspawn@web.service/payload");
	process_add(96, 0, "x", "/system.slice/web.service/libpod-payload-" ID);
	process_add(97, 0, "dbus-daemon", "/docker/" ID);
	process_add(98, 0, "x", "/system.slice/docker.service/docker/" ID);
	read_holders();
	assert_int_equal(snapshot.holders[0].role, HOLDER_SERVICE);
	assert_int_equal(snapshot.holders[1].role, HOLDER_SERVICE);
	assert_int_equal(snapshot.holders[2].role, HOLDER_CONTAINER);
	assert_int_equal(snapshot.holders[3].role, HOLDER_CONTAINER);
}

static void splashes_are_no_sessions(void **state)
{
	(void)state;
	systemd_runs();
	record("sys/kernel/debug/dri/0/clients",
	       "command tgid dev master a uid magic\nplymouthd 95 0 y y 0 0\n");
	process_add(95, 0, "plymouthd", "/system.slice/plymouth-start.service");
	process_add(96, 0, "psplash-drm", "/");
	read_holders();
	assert_int_equal(snapshot.holders[0].role, HOLDER_SPLASH);
	assert_int_equal(snapshot.holders[1].role, HOLDER_SPLASH);
}

static void whoever_is_protected_has_a_reason(void **state)
{
	(void)state;
	systemd_runs();
	process_add(95, 0, "pppd", "/system.slice/NetworkManager.service");
	process_add(96, 0, "helper", "/system.slice/ssh.service");
	process_add(97, 0, "ceph-osd", "/");
	process_add(98, 0, "x", "/system.slice/system-sshd.slice/sshd@3-1.service");
	read_holders();
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(snapshot.holders[i].role, HOLDER_PROTECTED);
		assert_non_null(snapshot.holders[i].reason);
	}
	assert_contains(snapshot.holders[0].reason, "network");
	assert_contains(snapshot.holders[3].reason, "way into");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(containers_have_names_and_commands),
		TEST(a_containers_name_is_not_believed),
		TEST(a_manager_whose_files_do_not_come),
		TEST(a_groups_name_is_no_part_of_a_command),
		TEST(a_container_that_is_a_service_is_a_service),
		TEST(splashes_are_no_sessions),
		TEST(whoever_is_protected_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
