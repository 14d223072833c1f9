/* ringlock: the console, and with a noun and a verb a command. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/cli.h"
#include "commands/help.h"
#include "commands/output.h"
#include "ringlock/protocol.h"

/* A closed standard stream must not become the socket of the engine. */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static int run(const struct rl_parsed *args)
{
    if (args->list_commands)
        rl_help_list_commands(stdout);
    else if (args->version)
        printf("ringlock %s\n", RL_RELEASE);
    else if (args->help)
        rl_help_print(stdout, args->noun, args->cmd ? args->cmd->verb : NULL);
    else if (args->cmd)
        return rl_cli_run(args);
    else
        rl_help_print(stdout, NULL, NULL);
    return rl_output_finish();
}

int main(int argc, char **argv)
{
    struct rl_parsed args;
    struct rl_err err = {0};
    fill_standard_streams();
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN);
    enum rl_code code = rl_parse_args(argc, argv, &args, &err);
    int status = code == RL_OK ? run(&args) : rl_tell_failure(args.format, &err);
    rl_parsed_fini(&args);
    return status;
}
