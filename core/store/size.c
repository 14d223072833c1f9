#include <stdlib.h>
#include <sys/stat.h>

#include "store/db.h"

enum rl_code rl_store_size(struct rl_store *s, struct rl_store_size *out, struct rl_err *err)
{
    int64_t pages = 0, page = 0, unused = 0;
    struct stat st;
    char *log = rl_asprintf("%s-wal", sqlite3_db_filename(s->db, "main"));
    enum rl_code code = rl_db_number(s, err, &pages, "PRAGMA page_count", NULL);
    if (!code)
        code = rl_db_number(s, err, &page, "PRAGMA page_size", NULL);
    if (!code)
        code = rl_db_number(s, err, &unused, "PRAGMA freelist_count", NULL);
    *out = (struct rl_store_size){pages * page, unused * page,
                                  stat(log, &st) == 0 ? (int64_t)st.st_size : 0};
    free(log);
    return code;
}
