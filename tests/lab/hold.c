/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hold [OPTION...] NODE - opens NODE, says "ready" and keeps it until it is killed.
 * hold --vfio=ADDRESS NODE - as a QEMU that does not end: NODE is the device's group in /dev/vfio.
 *
 * This file knows in which ways a process can hold a device and be hard to find or to be rid of:
 *
 *   --deaf    takes no notice of SIGTERM
 *   --thread  the process's first thread has ended, another one lives on
 *   --map     a graphics card of which only mapped memory is left, no descriptor
 *   --master  a graphics card, as who draws to the screen
 *   --polite  lets go when udev says that the card is removed, says "let go" and lives on
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/netlink.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Multicast groups of kobject events: the kernel's own are 1, those that udev passes on 2. */
#define UDEV_GROUP 2

/* The kernel's interface of graphics cards; not every release has its header without libdrm. */
struct dumb_buffer {
	uint32_t height, width, bpp, flags;
	uint32_t handle, pitch; /* the kernel's answer */
	uint64_t size;
};

struct dumb_map {
	uint32_t handle, pad;
	uint64_t offset; /* the kernel's answer */
};

#define DRM_SET_MASTER _IO('d', 0x1e)
#define DRM_DROP_MASTER _IO('d', 0x1f)
#define DRM_CREATE_DUMB _IOWR('d', 0xb2, struct dumb_buffer)
#define DRM_MAP_DUMB _IOWR('d', 0xb3, struct dumb_map)

static const char *node;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "hold: %s: %s: %s\n", node, what, strerror(errno));
	exit(1);
}

static void say(const char *what)
{
	puts(what);
	fflush(stdout);
}

static int node_open(void)
{
	int fd = open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		die("open");
	return fd;
}

_Noreturn static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static void *outlive(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	say("ready");
	wait_for_ever();
}

_Noreturn static void hold_by_thread(void)
{
	static pthread_t first;
	pthread_t other;

	first = pthread_self();
	errno = pthread_create(&other, NULL, outlive, &first);
	if (errno)
		die("create a thread");
	pthread_exit(NULL);
}

/* A "dumb buffer": memory of the card that any client may have. */
static void hold_by_map(int fd)
{
	struct dumb_buffer create = {.width = 64, .height = 64, .bpp = 32};
	struct dumb_map map = {0};
	volatile char *memory;

	if (ioctl(fd, DRM_CREATE_DUMB, &create) < 0)
		die("create a buffer");
	map.handle = create.handle;
	if (ioctl(fd, DRM_MAP_DUMB, &map) < 0)
		die("find the buffer");
	memory = mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
	if (memory == MAP_FAILED)
		die("map the buffer");
	memory[0] = 1;
	close(fd);
}

/* While the device is open, whoever unbinds it waits in the kernel. */
static void hold_by_vfio(int group, const char *address)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);

	if (container < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
		die("put it into a container");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) < 0)
		die("give it an IOMMU");
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address) < 0)
		die(address);
}

static int events_open(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = UDEV_GROUP};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die("listen to udev");
	return fd;
}

/* Behind a header of udev's own stand texts of the form KEY=VALUE, each with its NUL. */
static bool is_removal(const char *event, size_t size)
{
	char device[256];
	int sound;

	/* Sound servers listen to the card (in DEVPATH), not to its nodes. */
	if (sscanf(node, "/dev/snd/controlC%d", &sound) == 1)
		snprintf(device, sizeof(device), "/sound/card%d", sound);
	else
		snprintf(device, sizeof(device), "DEVNAME=%s", node);
	return memmem(event, size, "ACTION=remove", sizeof("ACTION=remove")) &&
	       memmem(event, size, device, strlen(device) + 1);
}

_Noreturn static void let_go_when_asked(int fd, int events)
{
	char event[16384];
	ssize_t size;

	do {
		size = recv(events, event, sizeof(event), 0);
		if (size < 0)
			die("hear from udev");
	} while (!is_removal(event, (size_t)size));
	close(fd);
	say("let go");
	wait_for_ever();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"deaf", no_argument, NULL, 'd'},
		{"thread", no_argument, NULL, 't'},
		{"map", no_argument, NULL, 'm'},
		{"master", no_argument, NULL, 'M'},
		{"polite", no_argument, NULL, 'p'},
		{"vfio", required_argument, NULL, 'v'},
		{0},
	};
	bool thread = false, map = false, master = false, polite = false;
	const char *address = NULL;
	int option, fd, events;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		thread |= option == 't';
		map |= option == 'm';
		master |= option == 'M';
		polite |= option == 'p';
		if (option == 'v')
			address = optarg;
		if (option == 'd')
			signal(SIGTERM, SIG_IGN);
		if (option == '?')
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	node = argv[optind];
	events = polite ? events_open() : -1;
	fd = node_open();
	if (address)
		hold_by_vfio(fd, address);
	/* Who opens a card first is its master without having asked. */
	else if (ioctl(fd, master ? DRM_SET_MASTER : DRM_DROP_MASTER, 0) < 0 && master)
		die("become master");
	if (map)
		hold_by_map(fd);
	if (thread)
		hold_by_thread();
	say("ready");
	if (polite)
		let_go_when_asked(fd, events);
	wait_for_ever();
}
