// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a machine looks to a program that reads sysfs: as many PCI functions as wanted, each an NVMe
 * disk in an IOMMU group of its own, and the few files of /proc, /run, /var and /lib/modules that
 * go with them.
 *
 *   make-host DIRECTORY FUNCTIONS
 *
 * Function number n is 0000:BB:SS.0 with BB = 1 + n / 32 and SS = n % 32. Attributes that nobody
 * writes are links to one file: they would take a page each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RELEASE "6.1.0-bench"
#define FUNCTIONS_MAX 8000
/* As a distribution's file: so long, and VFIO's lines that far down. */
#define ALIASES 26000
#define ALIASES_BEFORE_VFIO 20000

static const char *const shared_attributes[][2] = {
	{"vendor", "0x144d"},
	{"device", "0xa808"},
	{"subsystem_vendor", "0x144d"},
	{"subsystem_device", "0xa801"},
	{"class", "0x010802"},
	{"revision", "0x00"},
	{"enable", "1"},
	{"irq", "16"},
	{"numa_node", "-1"},
	{"reset_method", "flr bus"},
	{"resource", "0x0000000000000000 0x0000000000000000 0x0000000000000000"},
	{"config", "of 64 bytes, read as any other file: 0123456789abcdef0123456789"},
	{"modalias", "pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02"},
	{"power/runtime_status", "active"},
};

static const char *const own_attributes[][2] = {
	{"driver_override", "(null)"},
	{"d3cold_allowed", "1"},
	{"power/control", "on"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_SIZE 512

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "make-host: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((format(printf, 2, 0))) void path_format(char path[PATH_SIZE],
							      const char *format, va_list args)
{
	if (vsnprintf(path, PATH_SIZE, format, args) >= PATH_SIZE)
		die("path too long");
}

/* Makes a directory and those above it. */
static __attribute__((format(printf, 1, 2))) void make_dir(const char *format, ...)
{
	char path[PATH_SIZE];
	va_list args;

	va_start(args, format);
	path_format(path, format, args);
	va_end(args);
	for (char *at = path + 1; *at; at++)
		if (*at == '/') {
			*at = '\0';
			mkdir(path, 0755);
			*at = '/';
		}
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die(path);
}

static __attribute__((format(printf, 2, 3))) void make_file(const char *content, const char *format,
							    ...)
{
	char path[PATH_SIZE];
	va_list args;
	int fd;

	va_start(args, format);
	path_format(path, format, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || dprintf(fd, "%s\n", content) < 0)
		die(path);
	close(fd);
}

static __attribute__((format(printf, 2, 3))) void make_link(const char *target, const char *format,
							    ...)
{
	char path[PATH_SIZE];
	va_list args;

	va_start(args, format);
	path_format(path, format, args);
	va_end(args);
	if (symlink(target, path) < 0)
		die(path);
}

static void make_shared(void)
{
	make_dir("shared/power");
	for (size_t i = 0; i < COUNT(shared_attributes); i++)
		make_file(shared_attributes[i][1], "shared/%s", shared_attributes[i][0]);
}

static void make_attributes(const char *device)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	make_dir("%s/power", device);
	for (size_t i = 0; i < COUNT(shared_attributes); i++) {
		snprintf(from, sizeof(from), "shared/%s", shared_attributes[i][0]);
		snprintf(to, sizeof(to), "%s/%s", device, shared_attributes[i][0]);
		if (link(from, to) < 0)
			die(to);
	}
	for (size_t i = 0; i < COUNT(own_attributes); i++)
		make_file(own_attributes[i][1], "%s/%s", device, own_attributes[i][0]);
}

static void make_function(unsigned int number)
{
	unsigned int bus = 1 + number / 32, slot = number % 32;
	char addr[32], device[96], target[PATH_SIZE];

	snprintf(addr, sizeof(addr), "0000:%02x:%02x.0", bus, slot);
	snprintf(device, sizeof(device), "sys/devices/pci0000:%02x/%s", bus, addr);
	make_dir("%s", device);
	make_attributes(device);
	make_link("../../../bus/pci/drivers/nvme", "%s/driver", device);
	make_link("../../../bus/pci", "%s/subsystem", device);
	snprintf(target, sizeof(target), "../../../kernel/iommu_groups/%u", number);
	make_link(target, "%s/iommu_group", device);
	snprintf(target, sizeof(target), "../../../devices/pci0000:%02x/%s", bus, addr);
	make_link(target, "sys/bus/pci/devices/%s", addr);
	make_dir("sys/kernel/iommu_groups/%u/devices", number);
	make_file("DMA-FQ", "sys/kernel/iommu_groups/%u/type", number);
	snprintf(target, sizeof(target), "../../../../devices/pci0000:%02x/%s", bus, addr);
	make_link(target, "sys/kernel/iommu_groups/%u/devices/%s", number, addr);
}

static void make_driver(const char *driver, const char *module)
{
	char target[PATH_SIZE];

	make_dir("sys/bus/pci/drivers/%s", driver);
	make_dir("sys/module/%s/drivers", module);
	snprintf(target, sizeof(target), "../../../../module/%s", module);
	make_link(target, "sys/bus/pci/drivers/%s/module", driver);
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	make_link(target, "sys/module/%s/drivers/pci:%s", module, driver);
	for (size_t i = 0; i < 3; i++)
		make_file("", "sys/bus/pci/drivers/%s/%s", driver,
			  ((const char *[]){"bind", "unbind", "new_id"})[i]);
}

static void make_aliases(void)
{
	FILE *file;

	make_dir("lib/modules/" RELEASE);
	file = fopen("lib/modules/" RELEASE "/modules.alias", "we");
	if (!file)
		die("modules.alias");
	fputs("# Aliases extracted from modules themselves.\n", file);
	for (unsigned int i = 0; i < ALIASES; i++) {
		if (i == ALIASES_BEFORE_VFIO)
			fputs("alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
			      "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n",
			      file);
		fprintf(file, "alias pci:v%08Xd%08Xsv*sd*bc*sc*i* module_%u\n", 0x1000 + i / 40, i,
			i % 900);
	}
	if (fclose(file) != 0)
		die("modules.alias");
}

static void make_rest(void)
{
	make_dir("proc/sys/kernel/random");
	make_file("0d9e2c1e-5c86-4d9a-9d0a-3d3c9f1f2a5b", "proc/sys/kernel/random/boot_id");
	make_file(RELEASE, "proc/sys/kernel/osrelease");
	make_dir("run");
	/* Where pins are kept: only a guest's first lend writes there. */
	make_dir("var/lib");
	make_dir("etc/hostdev-hook");
	make_dir("dev/vfio");
	make_file("", "dev/vfio/vfio");
	make_aliases();
}

int main(int argc, char **argv)
{
	int functions = argc == 3 ? atoi(argv[2]) : 0;

	if (functions <= 0 || functions > FUNCTIONS_MAX) {
		fprintf(stderr, "usage: make-host DIRECTORY FUNCTIONS (1 to %d)\n", FUNCTIONS_MAX);
		return 2;
	}
	make_dir("%s", argv[1]);
	if (chdir(argv[1]) < 0)
		die(argv[1]);
	make_rest();
	make_shared();
	make_dir("sys/bus/pci/devices");
	make_driver("nvme", "nvme");
	make_driver("vfio-pci", "vfio_pci");
	for (int i = 0; i < functions; i++)
		make_function((unsigned int)i);
	return 0;
}
