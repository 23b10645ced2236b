/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For a child that only looks: from now on this process, and whatever it starts, may read any file
 * and look into any process, and has no other capability, for good. It is user 0 still: what that
 * user owns it could write and signal. No error: a system that does not let a capability go is no
 * reason not to look.
 */
void confine_to_looking(void);
