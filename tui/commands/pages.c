#include "commands/pages.h"

#include <limits.h>

static void print_row(const struct rl_pages *pages, struct rl_listing *listing, const json_t *row)
{
    json_t *shown = pages->row ? pages->row(row) : json_incref((json_t *)row);
    rl_listing_row(listing, shown);
    json_decref(shown);
}

/* One part; *more is false after the last. */
static int print_part(struct rl_cli *cli, const struct rl_pages *pages, struct rl_listing *listing,
                      long limit, bool *more)
{
    json_t *part;
    size_t i;
    const json_t *row = NULL;
    long left = limit - (long)listing->rows;
    json_object_set_new(pages->params, "limit", json_integer(left < RL_PART ? left : RL_PART));
    int status = rl_cli_ask(cli, pages->method, json_deep_copy(pages->params), &part);
    json_array_foreach (json_object_get(part, pages->rows ? pages->rows : "rows"), i, row)
        print_row(pages, listing, row);
    *more = row && pages->next && !json_is_false(json_object_get(part, "more")) &&
            rl_listing_part(listing) && (long)listing->rows < limit;
    if (*more)
        pages->next(pages->params, row, pages->ctx);
    json_decref(part);
    return status;
}

int rl_cmd_pages(struct rl_cli *cli, const struct rl_pages *pages)
{
    struct rl_listing listing;
    long limit;
    int status = 0;
    bool more = true;
    if (!rl_cli_number(cli, "limit", 1, LONG_MAX, LONG_MAX, &limit)) {
        json_decref(pages->params);
        return rl_code_info(RL_E_USAGE)->exit_status;
    }
    status = rl_listing_begin(&listing, cli, pages->column, pages->ncolumns);
    while (status == 0 && more)
        status = print_part(cli, pages, &listing, limit, &more);
    bool none = listing.rows == 0;
    if (status == 0)
        rl_listing_end(&listing);
    if (status == 0 && none && pages->none && cli->args->format == RL_PLAIN)
        rl_print_line(cli, pages->none);
    rl_listing_drop(&listing);
    json_decref(pages->params);
    return status;
}
