/* ringlock: the console, and with a noun and a verb a command. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/files.h"
#include "commands/cli.h"
#include "commands/complete.h"
#include "commands/help.h"
#include "commands/login.h"
#include "commands/output.h"
#include "console/console.h"
#include "ringlock/buf.h"
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

static int run_console(const struct rl_parsed *args)
{
    static const char *const colors[] = {"auto", "always", "never"};
    struct rl_client_config config = rl_cli_config(args);
    struct rl_console_options options = {.color = UI_COLOR_AUTO, .locked = args->locked};
    for (int i = 0; args->color && i < 3; i++)
        if (strcmp(args->color, colors[i]) == 0)
            options.color = (enum ui_color)i;
    return rl_console_main(&config, &options);
}

static int run(const struct rl_parsed *args)
{
    if (args->list_commands)
        rl_help_list_commands(stdout);
    else if (args->list_keys)
        rl_console_list_keys(stdout, args->locked);
    else if (args->version)
        printf("ringlock %s\n", RL_RELEASE);
    else if (args->help)
        rl_help_print(stdout, args->noun, args->cmd ? args->cmd->verb : NULL);
    else if (args->cmd)
        return rl_cli_run(args);
    else
        return run_console(args);
    return rl_output_finish();
}

int main(int argc, char **argv)
{
    struct rl_login login;
    struct rl_parsed args;
    struct rl_err err = {0};
    json_set_alloc_funcs(malloc, rl_wipe_free); /* passphrases come and go in it */
    fill_standard_streams();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "--complete") == 0)
        return setlocale(LC_ALL, ""), rl_complete(argc - 2, argv + 2);
    enum rl_code code = rl_login_read(argc, argv, &login, &args, &err);
    if (args.locked)
        rl_login_clean_environment();
    if (code == RL_OK && args.locked)
        code = rl_files_confine(args.files, &err);
    setlocale(LC_ALL, "");
    int status = code == RL_OK ? run(&args) : rl_tell_failure(args.format, &err);
    rl_parsed_fini(&args);
    rl_login_fini(&login);
    return status;
}
