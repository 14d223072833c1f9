#include "commands/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ringlock/text.h"

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { NENDING = sizeof ending / sizeof *ending };

/* One line without its end, byte by byte: what follows it is not ours. -1 on a read error or
 * signal. */
static ssize_t read_line(char out[RL_SECRET_MAX])
{
    size_t n = 0;
    char c;
    ssize_t got;
    while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        if (n < RL_SECRET_MAX)
            out[n++] = c;
    if (n > 0 && n <= RL_SECRET_MAX && out[n - 1] == '\r')
        n--;
    return got < 0 ? -1 : (ssize_t)n;
}

static ssize_t read_unseen(const char *prompt, char out[RL_SECRET_MAX])
{
    struct termios seen, unseen;
    struct sigaction old[NENDING], ours = {.sa_handler = catch};
    tcgetattr(STDIN_FILENO, &seen);
    unseen = seen;
    unseen.c_lflag &= ~(tcflag_t)ECHO;
    caught = 0;
    for (int i = 0; i < NENDING; i++)
        sigaction(ending[i], &ours, &old[i]);
    ssize_t n = write(STDERR_FILENO, prompt, strlen(prompt));
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
    n = read_line(out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
    for (int i = 0; i < NENDING; i++)
        sigaction(ending[i], &old[i], NULL);
    if (write(STDERR_FILENO, "\n", 1) < 0 || caught)
        n = -1;
    if (caught)
        raise(caught);
    return n;
}

enum rl_code rl_secret_read(const char *prompt, char out[RL_SECRET_MAX], struct rl_err *err)
{
    ssize_t n = isatty(STDIN_FILENO) ? read_unseen(prompt, out) : read_line(out);
    if (n <= 0)
        return rl_fail(err, RL_E_REQUIRED, "", "Standard input gave no secret.");
    if (n >= RL_SECRET_MAX)
        return rl_fail(err, RL_E_VALUE, "", "The secret is longer than %d bytes.",
                       RL_SECRET_MAX - 1);
    out[n] = '\0';
    if (strlen(out) != (size_t)n || !rl_text_is_utf8(out, (size_t)n))
        return rl_fail(err, RL_E_VALUE, "", "The secret is not valid UTF-8.");
    return RL_OK;
}
