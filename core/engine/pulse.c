#include "engine/pulse.h"

#include <stdio.h>
#include <unistd.h>

enum { MINUTE_US = 60 * 1000000 };

void rl_pulse_turn(struct rl_pulse *pulse, uv_loop_t *loop, int64_t now_us)
{
    int64_t idle_us = (int64_t)(uv_metrics_idle_time(loop) / 1000);
    int64_t busy = now_us - pulse->turn_us - (idle_us - pulse->idle_us);
    if (now_us - pulse->minute_us >= MINUTE_US) {
        pulse->longest_us[1] = pulse->longest_us[0];
        pulse->longest_us[0] = 0;
        pulse->minute_us = now_us;
    }
    if (pulse->turn_us > 0 && busy > 0) {
        pulse->busy_us += busy;
        if (busy > pulse->longest_us[0])
            pulse->longest_us[0] = busy;
    }
    pulse->turn_us = now_us;
    pulse->idle_us = idle_us;
}

int64_t rl_pulse_longest(const struct rl_pulse *pulse)
{
    const int64_t *longest = pulse->longest_us;
    return longest[longest[1] > longest[0]];
}

bool rl_pulse_feed(struct rl_pulse *pulse, const struct rl_feed_status *feed, int64_t wall_us)
{
    bool again = feed->restarts != pulse->restarts;
    pulse->restarts = feed->restarts;
    if (feed->kernel_drops != pulse->drops) {
        bool set_back = wall_us < pulse->drops_us;
        again = again || set_back || wall_us - pulse->drops_us > MINUTE_US;
        pulse->drops = feed->kernel_drops;
        pulse->drops_us = wall_us;
    }
    return again;
}

int64_t rl_process_memory(int pid)
{
    char path[32];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}
