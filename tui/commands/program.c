#include "commands/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int rl_program_run(char *const *argv, int secret, struct rl_buf *said)
{
    int fd[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe2(fd, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDERR_FILENO);
    if (secret >= 0)
        posix_spawn_file_actions_adddup2(&actions, secret, RL_PROGRAM_SECRET);
    int rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(fd[1]);
    char part[1024];
    ssize_t n;
    while (rc == 0 && (n = read(fd[0], part, sizeof part)) > 0)
        rl_buf_add(said, part, (size_t)n);
    close(fd[0]);
    if (rc != 0) {
        errno = rc;
        return -1;
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}
