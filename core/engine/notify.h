/* Tell systemd how the engine is: sd_notify(3) without libsystemd. */
#ifndef RL_ENGINE_NOTIFY_H
#define RL_ENGINE_NOTIFY_H

/* Send "READY=1", "STOPPING=1", ... to $NOTIFY_SOCKET; nothing happens where there is none. */
void rl_notify(const char *state);

#endif
