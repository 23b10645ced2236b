// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver that shares its device as mediated devices, as those of some graphics cards do. It has
 * no table of devices: one comes to it by driver_override alone. What it makes has a group of its
 * own and can be opened, and does nothing.
 */
#include <linux/err.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/version.h>
#include <linux/vfio.h>

#define NAME "hostdev_lab_mdev"

static struct mdev_type type;
static struct mdev_type *types[] = {&type};

/* One device is shared at a time, as the kernel keeps the state of a type in it. */
static struct mdev_parent parent;
static atomic_t is_shared = ATOMIC_INIT(0);

static const struct vfio_device_ops share_ops = {
	.name = NAME,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	.release = vfio_free_device,
#endif
#if IS_ENABLED(CONFIG_IOMMUFD)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

struct share {
	struct vfio_device vdev; /* the kernel wants it first */
};

static int share_probe(struct mdev_device *device)
{
	struct share *share = vfio_alloc_device(share, vdev, &device->dev, &share_ops);
	int ret;

	if (IS_ERR(share))
		return PTR_ERR(share);
	ret = vfio_register_emulated_iommu_dev(&share->vdev);
	if (ret) {
		vfio_put_device(&share->vdev);
		return ret;
	}
	dev_set_drvdata(&device->dev, share);
	return 0;
}

static void share_remove(struct mdev_device *device)
{
	struct share *share = dev_get_drvdata(&device->dev);

	vfio_unregister_group_dev(&share->vdev);
	vfio_put_device(&share->vdev);
}

static struct mdev_driver share_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.max_instances = 4,
	.probe = share_probe,
	.remove = share_remove,
	.driver = {.name = NAME, .owner = THIS_MODULE, .mod_name = KBUILD_MODNAME},
};

static int parent_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	int ret = pcim_enable_device(device);

	if (ret)
		return ret;
	if (atomic_cmpxchg(&is_shared, 0, 1))
		return -EBUSY;
	/* The kernel's own state is in it, and must be new each time. */
	type = (struct mdev_type){.sysfs_name = "share", .pretty_name = "a share of it"};
	ret = mdev_register_parent(&parent, &device->dev, &share_driver, types, ARRAY_SIZE(types));
	if (ret)
		atomic_set(&is_shared, 0);
	return ret;
}

/* The shares vanish with it. */
static void parent_remove(struct pci_dev *device)
{
	mdev_unregister_parent(&parent);
	atomic_set(&is_shared, 0);
}

static struct pci_driver parent_driver = {
	.name = NAME,
	.probe = parent_probe,
	.remove = parent_remove,
};

static int __init lab_mdev_init(void)
{
	int ret = mdev_register_driver(&share_driver);

	if (ret)
		return ret;
	ret = pci_register_driver(&parent_driver);
	if (ret)
		mdev_unregister_driver(&share_driver);
	return ret;
}

static void __exit lab_mdev_exit(void)
{
	pci_unregister_driver(&parent_driver);
	mdev_unregister_driver(&share_driver);
}

module_init(lab_mdev_init);
module_exit(lab_mdev_exit);

MODULE_DESCRIPTION("A driver that shares its device as mediated devices");
MODULE_LICENSE("GPL");
