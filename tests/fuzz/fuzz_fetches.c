/* Logs of servers: any bytes tell of no list that was given, or of a name and a time that can be
 * told on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "commands/fetches.h"
#include "ringlock/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    enum { NOW = 1796000000 };
    struct rl_fetch fetch;
    char *line = malloc(n + 1); /* with nothing behind it that could be read */
    memcpy(line, bytes, n);
    if (rl_fetch_read(line, n, NOW * 1000000LL, &fetch)) {
        size_t length = strlen(fetch.file);
        assert(length > 7 && length < RL_FETCH_NAME && rl_text_is_utf8(fetch.file, length));
        assert(!strchr(fetch.file, '/') && strcmp(fetch.file + length - 4, ".tlv") == 0);
    }
    free(line);
    return 0;
}
