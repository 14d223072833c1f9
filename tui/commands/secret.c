#include "commands/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client/files.h"
#include "ringlock/text.h"

enum { FILE_MAX = 4096 };

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

static enum rl_code read_first_line(const char *file, char out[RL_SECRET_MAX], struct rl_err *err)
{
    char *bytes = NULL;
    size_t n = 0;
    enum rl_code code = rl_file_read(file, FILE_MAX, &bytes, &n, err);
    if (code != RL_OK)
        return code;
    size_t len = strcspn(bytes, "\r\n");
    if (len == 0)
        code = rl_fail(err, RL_E_REQUIRED, file, "%s holds no passphrase.", file);
    else if (len >= RL_SECRET_MAX || !rl_text_is_utf8(bytes, len))
        code = rl_fail(err, RL_E_VALUE, file, "The passphrase in %s is no text of up to %d bytes.",
                       file, RL_SECRET_MAX - 1);
    else
        memcpy(out, bytes, len);
    out[code == RL_OK ? len : 0] = '\0';
    explicit_bzero(bytes, n);
    free(bytes);
    return code;
}

enum rl_code rl_passphrase_read(const char *file, bool twice, char out[RL_SECRET_MAX],
                                struct rl_err *err)
{
    char again[RL_SECRET_MAX];
    if (file && strcmp(file, "-") != 0)
        return read_first_line(file, out, err);
    enum rl_code code = rl_secret_read("Passphrase: ", out, err);
    if (code != RL_OK || !twice || !isatty(STDIN_FILENO))
        return code;
    code = rl_secret_read("Once more: ", again, err);
    if (code == RL_OK && strcmp(out, again) != 0)
        code = rl_fail(err, RL_E_VALUE, "", "The two passphrases are not the same.");
    explicit_bzero(again, sizeof again);
    return code;
}
