/* What the tracker asks about devices, remembered: the store answers once for each name, number and
 * address. */
#ifndef RL_ENGINE_DIRECTORY_H
#define RL_ENGINE_DIRECTORY_H

#include "calls/tracker.h"
#include "store/store.h"

struct rl_devices;

struct rl_devices *rl_devices_new(struct rl_store *store); /* store is borrowed */
void rl_devices_free(struct rl_devices **devices);
/* How the tracker asks; borrowed by it until rl_devices_free. */
struct rl_directory rl_devices_directory(struct rl_devices *devices);
/* Objects changed: forget all. */
void rl_devices_forget(struct rl_devices *devices);
/* A certificate came on file, or was taken off: forget what was said of it and of the devices that
 * it concerns. Profiles that name it stay as they are known, unless they named it before. */
void rl_devices_forget_certificate(struct rl_devices *devices, const struct rl_row *cert);

#endif
