/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For a child that only looks. From now on this process, and every process that it starts, may read
 * any file and look into any process, and has no other capability, for good. It still is user 0 and
 * could write to what that user owns. The function cannot fail: if the system does not take a
 * capability away, the child may look all the same.
 */
void confine_to_looking(void);
