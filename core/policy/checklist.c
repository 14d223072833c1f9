#include "policy/checklist.h"

#include <string.h>

#include "ringlock/buf.h"
#include "ringlock/profile.h"

const char *const rl_step_state_names[] = {"open", "done", "not applicable", "blocked", NULL};

/* One phone under judgement. */
struct judged {
    const struct rl_checklist_in *in;
    const char *name, *model, *protocol, *profile; /* of the phone */
    struct rl_checklist_step *out;                 /* all steps; those before are judged already */
    struct rl_checklist_step *step;
};

#define SAY(j, state, ...) say(j, state, rl_fail(&(j)->step->why, RL_OK, (j)->name, __VA_ARGS__))
#define BLAME(j, code, ...) \
    say(j, RL_CHECK_OPEN, rl_fail(&(j)->step->why, code, (j)->name, __VA_ARGS__))
#define REMEDY(j, ...)         rl_err_remedy(&(j)->step->why, __VA_ARGS__)
#define NOT_APPLICABLE(j, ...) SAY(j, RL_CHECK_NOT_APPLICABLE, __VA_ARGS__)

static void say(struct judged *j, enum rl_step_state state, enum rl_code code)
{
    (void)code; /* it is in the step */
    j->step->state = state;
}

static void mend(struct judged *j, const char *kind, const char *name)
{
    j->step->kind = kind;
    j->step->name = name;
}

/* R82: only types that have TLS have a mode. */
static bool can_be_secure(const struct judged *j)
{
    return rl_profile_has(j->in->type, j->protocol, RL_PROFILE_MODE);
}

static bool is_open(const struct judged *j, int step)
{
    return j->out[step - 1].state == RL_CHECK_OPEN || j->out[step - 1].state == RL_CHECK_BLOCKED;
}

/* --- the steps --- */

static void check_cluster(struct judged *j)
{
    mend(j, "cluster", "");
    if (j->in->mixed && j->in->server) {
        mend(j, "certificate", RL_STORE_CALLMANAGER);
        BLAME(j, RL_E_SERVER_CERT,
              "The CallManager certificate of the server %s: no phone registers securely.",
              j->in->server);
    } else if (j->in->mixed && j->in->ctl && j->in->ctl_old) {
        BLAME(j, RL_E_DEVICE_CTL_OLD,
              "The phone was last seen with a CTL file that lacks the active CallManager "
              "certificate: it does not register securely.");
    } else if (j->in->mixed && j->in->ctl) {
        SAY(j, RL_CHECK_DONE, "The cluster is in mixed mode, and a CTL file is published.");
    } else if (j->in->mixed) {
        BLAME(j, RL_W_CTL_MISSING, "The cluster is in mixed mode, but no CTL file is published.");
    } else {
        BLAME(j, RL_W_CLUSTER_NONSECURE,
              "The cluster is in nonsecure mode: phones do not register securely.");
    }
}

/* R76: the first point of the end check that is about the certificate and does not hold. */
static void check_uploaded(struct judged *j)
{
    static const char *const ids[] = {"certificate", "dates", "san", "name"};
    const struct rl_enabled *e = j->in->enabled;
    const char *name = "";
    for (size_t i = 0; i < e->n; i++) {
        const struct rl_point *p = &e->point[i];
        bool about = false;
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
            about |= strcmp(p->id, ids[k]) == 0;
        if (strcmp(p->id, "certificate") == 0)
            name = p->value;
        if (!about || p->ok)
            continue;
        j->step->state = RL_CHECK_OPEN;
        j->step->why = p->why;
        mend(j, "certificate", name);
        return;
    }
    SAY(j, RL_CHECK_DONE, "Certificate %s is on file and valid.", name);
    mend(j, "certificate", name);
}

/* R122: what has a MIC or an LSC needs none. Which a phone has, only its type or TLS tells. */
static void check_certificate(struct judged *j)
{
    const struct rl_row *type = j->in->type;
    bool capf = rl_type_says(type, RL_TYPE_LSC_CAPF, j->protocol) == RL_YES;
    if (!can_be_secure(j)) {
        NOT_APPLICABLE(j, "%s with %s has no TLS.", j->model, j->protocol);
    } else if (j->in->enabled) {
        j->step->label = "Upload certificate";
        check_uploaded(j);
    } else if (j->in->registered_secure) {
        SAY(j, RL_CHECK_DONE, "The phone registered with a certificate of its own.");
    } else if (j->in->lsc == RL_YES) {
        SAY(j, RL_CHECK_DONE, "An LSC is installed.");
    } else if (rl_type_says(type, RL_TYPE_HAS_MIC, j->protocol) == RL_YES) {
        SAY(j, RL_CHECK_DONE, "%s comes with a MIC%s.", j->model, capf ? "; an LSC is safer" : "");
    } else {
        mend(j, capf ? "capf" : "phone", j->name);
        BLAME(j, RL_W_LSC_NEEDED, "%s comes without a MIC, and no LSC of %s was seen.", j->model,
              j->name);
        if (capf)
            REMEDY(j, "Order one: ringlock capf set %s --operation install.", j->name);
        else
            REMEDY(j, "Put a certificate into the phone by its own menu.");
    }
}

static void check_secure_profile(struct judged *j)
{
    mend(j, "profile", "");
    if (!can_be_secure(j)) {
        NOT_APPLICABLE(j, "%s with %s has no Device Security Mode.", j->model, j->protocol);
    } else if (j->in->secure_profiles > 0) {
        SAY(j, RL_CHECK_DONE, "%zu security profile%s for %s with %s Authenticated or Encrypted.",
            j->in->secure_profiles, j->in->secure_profiles == 1 ? " is" : "s are", j->model,
            j->protocol);
    } else {
        SAY(j, RL_CHECK_OPEN, "No security profile for %s with %s is Authenticated or Encrypted.",
            j->model, j->protocol);
        REMEDY(j,
               "Make one: ringlock profile add NAME --type \"%s\" --protocol %s --mode encrypted.",
               j->model, j->protocol);
    }
}

static void check_assigned(struct judged *j)
{
    mend(j, "phone", j->name);
    if (!can_be_secure(j)) {
        NOT_APPLICABLE(j, "%s with %s has no Device Security Mode.", j->model, j->protocol);
    } else if (rl_profile_mode(j->in->profile) != RL_NONSECURE) {
        SAY(j, RL_CHECK_DONE, "Profile %s is %s.", j->profile,
            rl_security_text(rl_profile_mode(j->in->profile)));
    } else {
        bool blocked = is_open(j, 3);
        SAY(j, blocked ? RL_CHECK_BLOCKED : RL_CHECK_OPEN, "Profile %s is nonsecure.", j->profile);
        REMEDY(j,
               blocked ? "Step 3 first: a secure profile is made."
                       : "Give it a secure one: ringlock phone set %s --profile NAME.",
               j->name);
    }
}

static void check_digest(struct judged *j)
{
    const char *user = rl_row_get(j->in->phone, RL_PHONE_DIGEST_USER);
    mend(j, "phone", j->name);
    if (!rl_row_is(j->in->phone, RL_PHONE_PROTOCOL, "SIP")) {
        NOT_APPLICABLE(j, "Digest belongs to SIP; the phone speaks %s.", j->protocol);
    } else if (!rl_profile_has(j->in->type, j->protocol, RL_PROFILE_DIGEST)) {
        NOT_APPLICABLE(j, "%s has no digest authentication.", j->model);
    } else if (*user && j->in->credentials) {
        SAY(j, RL_CHECK_DONE, "Digest user %s has credentials.", user);
    } else if (*user) {
        BLAME(j, RL_E_DIGEST_NO_CRED, "Digest user %s has no credentials.", user);
        mend(j, "user", user);
    } else {
        SAY(j, RL_CHECK_OPEN, "No digest user is chosen; digest is %s in profile %s.",
            rl_row_yes(j->in->profile, RL_PROFILE_DIGEST) ? "on" : "off", j->profile);
        REMEDY(j,
               "Give a user credentials with ringlock user digest ID, then choose it: ringlock "
               "phone set %s --digest-user ID.",
               j->name);
    }
}

/* R127: ringlock cannot type at a phone; it reminds, and keeps who said that it was done. */
static void check_typed_in(struct judged *j)
{
    if (rl_type_says(j->in->type, RL_TYPE_DIGEST_KEYED_IN, j->protocol) != RL_YES ||
        j->out[4].state == RL_CHECK_NOT_APPLICABLE) {
        NOT_APPLICABLE(j, "Nothing is typed in at phones of type %s with %s.", j->model,
                       j->protocol);
    } else if (is_open(j, 5)) {
        SAY(j, RL_CHECK_BLOCKED, "There are no credentials to be typed in at the phone.");
        REMEDY(j, "Step 5 first: a digest user with credentials is chosen.");
    } else if (j->in->typed_in) {
        SAY(j, RL_CHECK_DONE, "Confirmed by %s.", j->in->typed_in);
    } else {
        SAY(j, RL_CHECK_OPEN,
            "User name and password of %s have to be typed in at the phone itself.",
            rl_row_get(j->in->phone, RL_PHONE_DIGEST_USER));
        REMEDY(j,
               "Do as the administration guide of %s tells, then say so: ringlock phone check %s "
               "--typed-in.",
               j->model, j->name);
    }
}

static void check_config(struct judged *j)
{
    const struct rl_row *profile = j->in->profile;
    bool digest = rl_row_yes(profile, RL_PROFILE_DIGEST);
    mend(j, "profile", j->profile);
    if (!rl_profile_has(j->in->type, j->protocol, RL_PROFILE_ENC_CONFIG)) {
        NOT_APPLICABLE(j, "%s with %s takes no encrypted configuration file.", j->model,
                       j->protocol);
    } else if (rl_row_yes(profile, RL_PROFILE_ENC_CONFIG) && j->in->not_encrypted) {
        BLAME(j, RL_W_ENC_KEY, "%s", j->in->not_encrypted);
    } else if (rl_row_yes(profile, RL_PROFILE_ENC_CONFIG)) {
        SAY(j, RL_CHECK_DONE, "Profile %s encrypts the configuration file.", j->profile);
    } else if (rl_row_yes(profile, RL_PROFILE_PREDEFINED)) {
        SAY(j, RL_CHECK_BLOCKED, "Profile %s is predefined and cannot be changed.", j->profile);
        REMEDY(j, "Step 4 first: give the phone a profile of your own.");
    } else if (digest) {
        BLAME(j, RL_W_DIGEST_CLEAR,
              "Profile %s has digest on and does not encrypt: credentials travel readable.",
              j->profile);
    } else {
        SAY(j, RL_CHECK_OPEN, "Profile %s does not encrypt the configuration file.", j->profile);
        REMEDY(j, "Turn it on: ringlock profile set \"%s\" --encrypted-config yes.", j->profile);
    }
}

/* Appends the label of each setting that the model has and that is not shut. Its number. */
static size_t find_open(const struct judged *j, struct rl_buf *labels, struct rl_buf *options)
{
    size_t n = 0;
    for (size_t i = 0; i < RL_HARDENINGS; i++) {
        const struct rl_hardening *h = &rl_hardenings[i];
        const struct rl_field *f = &j->in->profile->obj->fields[h->field];
        if (!rl_type_has_setting(j->in->type, h->field) ||
            rl_hardening_value(h, j->in->profile, (int)j->in->hardening[i]) <= h->shut)
            continue;
        rl_buf_addf(labels, "%s%s", n ? ", " : "", f->label);
        rl_buf_addf(options, " --%s disabled", f->name);
        n++;
    }
    for (size_t i = 0; i < options->len; i++)
        if (options->data[i] == '_')
            options->data[i] = '-';
    return n;
}

static void check_hardening(struct judged *j)
{
    struct rl_buf labels = {0}, options = {0};
    mend(j, "profile", j->profile);
    if (!rl_type_has_setting(j->in->type, RL_PROFILE_WEB_ACCESS)) {
        NOT_APPLICABLE(j, "%s has none of the settings that a configuration file turns off.",
                       j->model);
    } else if (!find_open(j, &labels, &options)) {
        SAY(j, RL_CHECK_DONE, "All that can be disabled is.");
    } else if (rl_row_yes(j->in->profile, RL_PROFILE_PREDEFINED)) {
        SAY(j, RL_CHECK_BLOCKED, "Not disabled: %s; profile %s is predefined.", rl_buf_str(&labels),
            j->profile);
        REMEDY(j, "Step 4 first: give the phone a profile of your own.");
    } else {
        SAY(j, RL_CHECK_OPEN, "Not disabled: %s.", rl_buf_str(&labels));
        REMEDY(j, "Disable what nobody needs: ringlock profile set \"%s\"%s.", j->profile,
               rl_buf_str(&options));
    }
    rl_buf_fini(&labels);
    rl_buf_fini(&options);
}

/* In the order of requirements.md 16. */
static const struct {
    const char *id, *label, *rule;
    void (*check)(struct judged *j);
} steps[] = {
    {"cluster",     "Cluster in mixed mode, CTL",    "R121", check_cluster       },
    {"certificate", "LSC or MIC",                    "R122", check_certificate   },
    {"profile",     "Secure profile for the type",   "R123", check_secure_profile},
    {"assign",      "Secure profile applied",        "R124", check_assigned      },
    {"digest",      "Digest user with credentials",  "R125", check_digest        },
    {"typed-in",    "Credentials typed in at phone", "R127", check_typed_in      },
    {"config",      "Configuration file encrypted",  "R129", check_config        },
    {"hardening",   "Phone settings disabled",       "R130", check_hardening     },
};
_Static_assert(sizeof steps / sizeof *steps == RL_CHECKLIST_STEPS, "one row for each step");

void rl_policy_checklist(const struct rl_checklist_in *in,
                         struct rl_checklist_step out[RL_CHECKLIST_STEPS])
{
    struct judged j = {.in = in,
                       .name = rl_row_get(in->phone, RL_PHONE_NAME),
                       .model = rl_row_get(in->type, RL_TYPE_MODEL),
                       .protocol = rl_row_get(in->phone, RL_PHONE_PROTOCOL),
                       .profile = rl_row_get(in->profile, RL_PROFILE_NAME),
                       .out = out};
    for (size_t i = 0; i < RL_CHECKLIST_STEPS; i++) {
        j.step = &out[i];
        *j.step = (struct rl_checklist_step){.id = steps[i].id,
                                             .label = steps[i].label,
                                             .rule = steps[i].rule,
                                             .kind = "",
                                             .name = ""};
        steps[i].check(&j);
    }
}
