#include "ringlock/model.h"

#include "ringlock/text.h"

static const struct {
    const char *text, *icon, *word;
} levels[] = {
    [RL_NONSECURE] = {"nonsecure",     "unlock", "OPEN"},
    [RL_AUTHENTICATED] = {"authenticated", "shield", "SHLD"},
    [RL_ENCRYPTED] = {"encrypted",     "lock",   "LOCK"},
};

const char *rl_security_text(enum rl_security s)
{
    return levels[s].text;
}

const char *rl_security_icon(enum rl_security s)
{
    return levels[s].icon;
}

const char *rl_security_word(enum rl_security s)
{
    return levels[s].word;
}

bool rl_security_parse(const char *text, enum rl_security *out)
{
    static const struct {
        const char *text;
        enum rl_security level;
    } spellings[] = {
        {"nonsecure",     RL_NONSECURE    },
        {"non secure",    RL_NONSECURE    },
        {"non-secure",    RL_NONSECURE    },
        {"authenticated", RL_AUTHENTICATED},
        {"encrypted",     RL_ENCRYPTED    },
    };
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (rl_text_casecmp(text, spellings[i].text))
            continue;
        *out = spellings[i].level;
        return true;
    }
    return false;
}
