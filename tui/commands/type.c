#include "commands/type.h"

#include <stdlib.h>

#include "commands/output.h"
#include "ringlock/buf.h"

void rl_cmd_type_details(const struct rl_cli *cli, const json_t *type)
{
    size_t i;
    const json_t *feature;
    rl_print_heading(cli, "Security features");
    json_array_foreach (json_object_get(type, "features"), i, feature) {
        char *label = rl_asprintf("  %s", rl_cmd_str(feature, "label"));
        char *value = rl_cmd_text(json_object_get(feature, "value"));
        rl_print_field(cli, label, *value ? value : "unknown");
        free(label);
        free(value);
    }
}
