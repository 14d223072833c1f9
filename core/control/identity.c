#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/rpc.h"
#include "engine/site.h"

/* The groups of a peer: those that its process had when it connected. */
struct groups {
    gid_t *gid;
    size_t n;
};

static struct groups peer_groups(int fd, gid_t primary)
{
    struct groups g = {0};
    socklen_t size = 0;
    /* the first call tells the size: ERANGE */
    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size);
    g.gid = rl_alloc(size + sizeof *g.gid);
    if (size > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, g.gid, &size) != 0)
        size = 0;
    g.n = size / sizeof *g.gid;
    g.gid[g.n++] = primary;
    return g;
}

static bool has_user(char *const *list, const char *user)
{
    for (; *list; list++)
        if (strcmp(*list, user) == 0)
            return true;
    return false;
}

static bool has_group(char *const *list, const struct groups *groups)
{
    for (; *list; list++) {
        const struct group *gr = getgrnam(*list);
        for (size_t i = 0; gr && i < groups->n; i++)
            if (groups->gid[i] == gr->gr_gid)
                return true;
    }
    return false;
}

static enum rl_role role_of(const struct rl_config *config, unsigned uid, const char *user,
                            const struct groups *groups)
{
    const struct {
        enum rl_role role;
        char *const *users, *const *groups;
    } rows[] = {
        {RL_ROLE_ADMINISTRATOR, config->administrator_users, config->administrator_groups},
        {RL_ROLE_OPERATOR,      config->operator_users,      config->operator_groups     },
        {RL_ROLE_VIEWER,        config->viewer_users,        config->viewer_groups       },
    };
    if (uid == 0 || uid == geteuid())
        return RL_ROLE_ADMINISTRATOR;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (has_user(rows[i].users, user) || has_group(rows[i].groups, groups))
            return rows[i].role;
    return RL_ROLE_NONE;
}

void rl_identity_read(int fd, const struct rl_config *config, struct rl_identity *out)
{
    struct ucred cred;
    socklen_t n = sizeof cred;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0) {
        *out = (struct rl_identity){.uid = (unsigned)-1, .user = rl_strdup("unknown")};
        return;
    }
    struct groups groups = peer_groups(fd, cred.gid);
    out->uid = cred.uid;
    out->user = rl_user_name(cred.uid);
    out->role = role_of(config, cred.uid, out->user, &groups);
    free(groups.gid);
}
