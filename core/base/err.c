#include "ringlock/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringlock/buf.h"

#define CODE_INFO(name, tag, exit_status, rule, remedy) {tag, exit_status, rule, remedy},
static const struct rl_code_info code_table[] = {RL_CODES(CODE_INFO)};
#undef CODE_INFO

static void fill(struct rl_err *err, enum rl_code code, const char *object, const char *field)
{
    memset(err, 0, sizeof *err);
    err->code = code;
    snprintf(err->object, sizeof err->object, "%s", object ? object : "");
    snprintf(err->field, sizeof err->field, "%s", field ? field : "");
    snprintf(err->remedy, sizeof err->remedy, "%s", rl_code_info(code)->remedy);
}

enum rl_code rl_fail(struct rl_err *err, enum rl_code code, const char *object, const char *fmt,
                     ...)
{
    if (err) {
        va_list ap;
        fill(err, code, object, NULL);
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return code;
}

enum rl_code rl_fail_field(struct rl_err *err, enum rl_code code, const char *object,
                           const char *field, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        fill(err, code, object, field);
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return code;
}

void rl_err_remedy(struct rl_err *err, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return;
    va_start(ap, fmt);
    vsnprintf(err->remedy, sizeof err->remedy, fmt, ap);
    va_end(ap);
}

const struct rl_code_info *rl_code_info(enum rl_code code)
{
    return &code_table[(unsigned)code < RL_CODE_COUNT ? code : RL_E_INTERNAL];
}

enum rl_code rl_code_by_tag(const char *tag)
{
    for (size_t i = 0; i < RL_CODE_COUNT; i++)
        if (strcmp(code_table[i].tag, tag) == 0)
            return (enum rl_code)i;
    return RL_E_INTERNAL;
}

bool rl_code_is_warning(enum rl_code code)
{
    return strncmp(rl_code_info(code)->tag, "W-", 2) == 0;
}

bool rl_code_informs(enum rl_code code)
{
    return code == RL_W_TRUST_UNKNOWN || code == RL_W_DIGEST_CLEAR || code == RL_W_CTL_MISSING ||
           code == RL_W_CTL_STALE || code == RL_W_CERT_ORIGIN ||
           code == RL_W_VENDOR_NO_INSTRUCTIONS || code == RL_W_PROFILE_CAPF ||
           code == RL_W_NULL_STRING || code == RL_W_CAPF_PROOF || code == RL_W_LSC_NEEDED ||
           code == RL_W_TRUST_FILE;
}

void rl_problems_add(struct rl_problems *list, const struct rl_err *err)
{
    if (rl_code_is_warning(err->code))
        list->warnings++;
    else
        list->errors++;
    if (list->n == RL_PROBLEMS_MAX)
        return;
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 4;
        list->item = rl_realloc(list->item, list->cap * sizeof *list->item);
    }
    list->item[list->n++] = *err;
}

void rl_problems_drop(struct rl_problems *list, size_t from, enum rl_code code, const char *field)
{
    size_t n = from;
    for (size_t i = from; i < list->n; i++)
        if (list->item[i].code == code && (!field || !strcmp(list->item[i].field, field)))
            list->errors--;
        else
            list->item[n++] = list->item[i];
    list->n = n < list->n ? n : list->n;
}

void rl_problems_fini(struct rl_problems *list)
{
    free(list->item);
    memset(list, 0, sizeof *list);
}

const struct rl_err *rl_problems_first_error(const struct rl_problems *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (!rl_code_is_warning(list->item[i].code))
            return &list->item[i];
    return NULL;
}
