#include <string.h>

#include "screens/common.h"
#include "screens/jumps.h"
#include "screens/screens.h"

/* Why a call is locked, or not: the three criteria for each party, the reasons, what mends them. */
enum { LABEL = 22, PARTIES_SHOWN = 2, REASON_INDENT = 27 };

static const json_t *parties(const struct ui_detail *d)
{
    return json_object_get(d->data, "parties");
}

static const json_t *reasons(const struct ui_detail *d)
{
    return json_object_get(d->data, "reasons");
}

static json_t *call_params(struct ui_detail *d)
{
    return json_pack("{s:s}", "id", d->object);
}

static void call_name(struct ui_detail *d, struct rl_buf *out)
{
    call_title(d->data, out);
}

static int failed_criteria(const struct ui_detail *d)
{
    const json_t *c = json_object_get(d->data, "criteria");
    return !json_is_true(json_object_get(c, "trusted")) +
           !json_is_true(json_object_get(c, "signaling")) +
           !json_is_true(json_object_get(c, "media"));
}

/* How many fail, and whose fault it is (R21). */
static void failed_line(struct ui_detail *d, const char *word, int failed, struct ui_lines *out)
{
    struct rl_buf who = {0};
    unsigned named = 0;
    const json_t *reason;
    size_t i;
    json_array_foreach (reasons(d), i, reason) {
        if (json_is_integer(json_object_get(reason, "party")) && number(reason, "party") < 26)
            named |= 1u << number(reason, "party");
    }
    int left = __builtin_popcount(named);
    const char *before = left == 1 ? " at party " : " at parties ";
    for (int party = 0; party < 26; party++) {
        if (!(named >> party & 1))
            continue;
        rl_buf_addf(&who, "%s%c", before, party_letter(party));
        before = --left > 1 ? ", " : " and ";
    }
    ui_line(out, UI_NORMAL, "%s  %d of the 3 criteria fail%s%s; the lock needs all 3", word, failed,
            failed == 1 ? "s" : "", rl_buf_str(&who));
    rl_buf_fini(&who);
}

static void call_summary(struct ui_detail *d, struct ui_lines *out)
{
    const char *word = call_word(d->data), *state = member(d->data, "state");
    int failed = failed_criteria(d);
    if (strcmp(state, "ended") == 0)
        ui_line(out, UI_NORMAL, "end   ended: %s; the last state was %s",
                member(d->data, "end_reason"), security_word(member(d->data, "security")));
    else if (strcmp(word, "ring") == 0 || strcmp(word, "wait") == 0)
        ui_line(out, UI_NORMAL, "%s  not judged before it is answered, whatever was offered", word);
    else if (failed == 0)
        ui_line(out, UI_NORMAL, "%s  all 3 criteria hold%s", word,
                strcmp(word, "LOCK") == 0 ? ""
                                          : "; another party of the conference lowers the icon");
    else
        failed_line(d, word, failed, out);
    unsigned style = call_style(d->data);
    ui_line_span(out, 0, 4, style == UI_NORMAL ? UI_STRONG : style);
}

/* The two party columns, each as wide as the line allows. */
static int party_cells(const struct ui_lines *out)
{
    int cells = (out->cols - LABEL - 6) / PARTIES_SHOWN;
    return cells < 40 ? cells : 40;
}

static void row(struct ui_lines *out, const char *label, const char *call, const char *a,
                const char *b)
{
    struct rl_buf text = {0};
    int cells = party_cells(out);
    ui_fit(&text, label, LABEL, UI_LEFT);
    ui_fit(&text, call, 5, UI_LEFT);
    rl_buf_addc(&text, ' ');
    ui_fit(&text, a, cells - 1, UI_LEFT);
    rl_buf_addc(&text, ' ');
    ui_fit(&text, b, cells - 1, UI_LEFT);
    ui_line(out, UI_NORMAL, "%s", rl_buf_str(&text));
    rl_buf_fini(&text);
}

/* Colours the "NO" of the call and the marks of the parties. */
static void mark_row(struct ui_lines *out, bool yes, const bool *ok)
{
    ui_line_span(out, LABEL, 4, yes ? UI_LOCKED : UI_OPEN);
    for (int i = 0; i < PARTIES_SHOWN; i++)
        ui_line_span(out, LABEL + 6 + i * party_cells(out), 2, ok[i] ? UI_LOCKED : UI_OPEN);
}

/* What one criterion says of one party; true if it holds. */
typedef bool (*judge_fn)(const json_t *party, struct rl_buf *out);

static bool judge_trust(const json_t *party, struct rl_buf *out)
{
    const json_t *trusted = json_object_get(party, "trusted");
    const char *device = member(party, "device");
    if (json_is_true(trusted))
        rl_buf_adds(out, "Device is trusted");
    else if (!*device)
        rl_buf_adds(out, "no known device");
    else
        rl_buf_adds(out, "Device is not trusted");
    return json_is_true(trusted);
}

static bool judge_authenticated(const json_t *party, struct rl_buf *out)
{
    const char *transport = member(party, "transport");
    if (strcmp(member(party, "sig"), "not-tls") == 0) {
        upper_text(*transport ? transport : "no TLS", out);
        rl_buf_adds(out, ", ");
    }
    rl_buf_adds(out, sig_certificate(member(party, "sig")));
    return strcmp(member(party, "signaling"), "nonsecure") != 0;
}

static bool judge_encrypted(const json_t *party, struct rl_buf *out)
{
    const char *cipher = member(party, "cipher"), *text = sig_cipher(member(party, "sig"));
    bool yes = strcmp(member(party, "signaling"), "encrypted") == 0;
    rl_buf_adds(out, *cipher ? cipher : *text ? text : "encrypted");
    return yes;
}

static bool judge_signaling(const json_t *party, struct rl_buf *out)
{
    (void)out;
    return strcmp(member(party, "signaling"), "encrypted") == 0;
}

/* A party that said SRTP itself is not at fault, though the call has no secure media. */
static bool judge_media(const json_t *party, struct rl_buf *out)
{
    rl_buf_adds(out, member(party, "protection"));
    return strcmp(member(party, "media"), "encrypted") == 0 ||
           json_is_true(json_object_get(party, "other_plain"));
}

static void criterion(struct ui_detail *d, struct ui_lines *out, const char *label, int holds,
                      judge_fn judge)
{
    struct rl_buf text[PARTIES_SHOWN] = {{0}, {0}};
    bool ok[PARTIES_SHOWN] = {false, false}, all = true;
    const json_t *party;
    size_t i;
    json_array_foreach (parties(d), i, party) {
        struct rl_buf said = {0};
        bool yes = judge(party, &said);
        all = all && yes;
        if (i < PARTIES_SHOWN) {
            ok[i] = yes;
            rl_buf_addf(&text[i], "%s  %s", yes ? "ok" : "!!", rl_buf_str(&said));
        }
        rl_buf_fini(&said);
    }
    bool yes = holds < 0 ? all : holds > 0;
    row(out, label, yes ? "yes" : "NO", rl_buf_str(&text[0]), rl_buf_str(&text[1]));
    mark_row(out, yes, ok);
    rl_buf_fini(&text[0]);
    rl_buf_fini(&text[1]);
}

static void party_heads(struct ui_detail *d, struct ui_lines *out)
{
    struct rl_buf name[PARTIES_SHOWN] = {{0}, {0}}, device[PARTIES_SHOWN] = {{0}, {0}};
    for (size_t i = 0; i < PARTIES_SHOWN && i < json_array_size(parties(d)); i++) {
        const json_t *p = json_array_get(parties(d), i);
        rl_buf_addf(&name[i], "%c  ", party_letter((json_int_t)i));
        party_text(p, &name[i]);
        rl_buf_addf(&device[i], "%s%s%s", member(p, "device"), *member(p, "type") ? ", " : "",
                    member(p, "type"));
    }
    row(out, "   Criterion", "Call", rl_buf_str(&name[0]), rl_buf_str(&name[1]));
    row(out, "", "", rl_buf_str(&device[0]), rl_buf_str(&device[1]));
    for (size_t i = 0; i < PARTIES_SHOWN; i++) {
        rl_buf_fini(&name[i]);
        rl_buf_fini(&device[i]);
    }
}

/* What each phone shows and plays (R44, R56). */
static void phones_row(struct ui_detail *d, struct ui_lines *out)
{
    struct rl_buf text[PARTIES_SHOWN] = {{0}, {0}};
    for (size_t i = 0; i < PARTIES_SHOWN && i < json_array_size(parties(d)); i++) {
        const json_t *p = json_array_get(parties(d), i);
        rl_buf_addf(&text[i], "%s  tone: %s", member(p, "icon"), member(p, "tone"));
    }
    row(out, "    Icon on the phone", "", rl_buf_str(&text[0]), rl_buf_str(&text[1]));
    for (size_t i = 0; i < PARTIES_SHOWN; i++)
        rl_buf_fini(&text[i]);
}

struct reason_at {
    struct ui_lines *out;
    const json_t *reason;
    bool begun;
};

/* The code and the party stand before the first line of the sentence only. */
static void reason_line(void *ctx, const char *line)
{
    struct reason_at *at = ctx;
    if (at->begun) {
        ui_line(at->out, UI_NORMAL, "%*s%s", REASON_INDENT, "", line);
        return;
    }
    bool of_party = json_is_integer(json_object_get(at->reason, "party"));
    ui_line(at->out, UI_NORMAL, " %-22s %c  %s", member(at->reason, "code"),
            of_party ? party_letter(number(at->reason, "party")) : '-', line);
    ui_line_span(at->out, 1, 22, UI_WARNING);
    ui_line_focus(at->out, member(at->reason, "screen"), member(at->reason, "object"));
    ui_line_aim(at->out, "profile"); /* what mends most reasons on a phone */
    at->begun = true;
}

static void reason_lines(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *reason;
    size_t i;
    ui_line(out, UI_STRONG, " Reasons (%zu)", json_array_size(reasons(d)));
    json_array_foreach (reasons(d), i, reason) {
        struct reason_at at = {.out = out, .reason = reason};
        ui_wrap(member(reason, "text"), out->cols - REASON_INDENT, reason_line, &at);
        struct rl_buf remedy = {0};
        rl_buf_addf(&remedy, "Remedy: %s", member(reason, "remedy"));
        if (*member(reason, "rule"))
            rl_buf_addf(&remedy, " (%s)", member(reason, "rule"));
        ui_line_wrap(out, UI_FAINT, REASON_INDENT, rl_buf_str(&remedy));
        rl_buf_fini(&remedy);
    }
}

static void why_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *c = json_object_get(d->data, "criteria");
    size_t more = json_array_size(parties(d));
    party_heads(d, out);
    criterion(d, out, " 1  Trusted devices", json_is_true(json_object_get(c, "trusted")),
              judge_trust);
    int signaling = json_is_true(json_object_get(c, "signaling"));
    criterion(d, out, " 2  Signalling secure", signaling, judge_signaling);
    criterion(d, out, "      authenticated", -1, judge_authenticated);
    criterion(d, out, "      encrypted", -1, judge_encrypted);
    criterion(d, out, " 3  Media secure", json_is_true(json_object_get(c, "media")), judge_media);
    if (more > PARTIES_SHOWN)
        ui_line(out, UI_FAINT, "    %zu more parties: see Legs", more - PARTIES_SHOWN);
    ui_line_rule(out);
    ui_line(out, UI_NORMAL, "    Call security     %s", member(d->data, "security"));
    ui_line_span(out, LABEL, 14, security_style(member(d->data, "security")));
    phones_row(d, out);
    ui_line_rule(out);
    if (json_array_size(reasons(d)) > 0)
        reason_lines(d, out);
    else
        ui_line(out, UI_NORMAL, " No reason against it.");
}

static void leg_line(struct ui_lines *out, const char *label, const char *value)
{
    ui_line(out, UI_NORMAL, "      %-22s %s", label, *value ? value : "-");
}

static void legs_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *p;
    size_t i;
    json_array_foreach (parties(d), i, p) {
        struct rl_buf name = {0}, peer = {0};
        const char *device = member(p, "device"), *kind = member(p, "kind");
        party_text(p, &name);
        upper_text(member(p, "transport"), &peer);
        rl_buf_addf(&peer, " %s", member(p, "address"));
        ui_line(out, UI_STRONG, " %c  %s", party_letter((json_int_t)i), rl_buf_str(&name));
        ui_line_focus(out, *device ? (strcmp(kind, "gateway") == 0 ? "gateway" : "phone") : "",
                      device);
        leg_line(out, "Device", device);
        leg_line(out, "Type", member(p, "type"));
        leg_line(out, "Security profile", member(p, "profile"));
        leg_line(out, "Transport, address", rl_buf_str(&peer));
        leg_line(out, "Signalling", member(p, "signaling"));
        leg_line(out, "Cipher", member(p, "cipher"));
        leg_line(out, "Media", member(p, "protection"));
        leg_line(out, "Icon on the phone", member(p, "icon"));
        leg_line(out, "Tone", member(p, "tone"));
        rl_buf_fini(&name);
        rl_buf_fini(&peer);
    }
}

static void events_build(struct ui_detail *d, struct ui_lines *out)
{
    const json_t *e, *was = NULL;
    size_t i;
    json_array_foreach (json_object_get(d->data, "events"), i, e) {
        struct rl_buf at = {0};
        clock_text(member(e, "at"), &at);
        const char *now = security_word(member(e, "security"));
        ui_line(out, UI_NORMAL, " %-8s  %-9s  %s  %s", rl_buf_str(&at), member(e, "state"),
                was && strcmp(now, security_word(member(was, "security"))) == 0 ? "    " : now,
                member(e, "text"));
        ui_line_focus(out, NULL, NULL);
        was = e;
        rl_buf_fini(&at);
    }
}

static void events_badge(struct ui_detail *d, struct rl_buf *out)
{
    rl_buf_addf(out, "%zu", json_array_size(json_object_get(d->data, "events")));
}

static void call_status(struct ui_detail *d, struct rl_buf *out)
{
    (void)d;
    rl_buf_adds(out, "Judged from signalling only. Keys are never shown.");
}

/* A changed call is asked for again: the notification has no events. */
static void call_notify(struct ui_detail *d, const char *method, const json_t *params)
{
    const json_t *call, *events = json_object_get(d->data, "events");
    size_t i;
    if (strcmp(method, "calls") != 0)
        return;
    json_array_foreach (json_object_get(params, "changed"), i, call) {
        if (strcmp(member(call, "id"), d->object) != 0)
            continue;
        json_t *now = json_copy((json_t *)(uintptr_t)call);
        json_object_set(now, "events", (json_t *)(uintptr_t)events);
        ui_detail_set(d, now);
        json_decref(now);
        ui_load(&d->view);
    }
    json_array_foreach (json_object_get(params, "forgotten"), i, call)
        d->gone = d->gone || strcmp(json_string_value(call), d->object) == 0;
}

static const struct ui_tab call_tabs[] = {
    {"Why",    NULL, NULL, why_build,    NULL        },
    {"Legs",   NULL, NULL, legs_build,   NULL        },
    {"Events", NULL, NULL, events_build, events_badge},
};

static const struct ui_detail_spec call_spec = {
    .one = "call",
    .method = "call.show",
    .params = call_params,
    .tabs = call_tabs,
    .ntabs = sizeof call_tabs / sizeof call_tabs[0],
    .title = call_name,
    .summary = call_summary,
    .status = call_status,
    .notify = call_notify,
};

static struct ui_view *call_new(struct ui_app *app, const struct ui_screen *screen,
                                const char *object)
{
    return &ui_detail_new(app, screen, &call_spec, object)->view;
}

const struct ui_screen call_screen = {
    .name = "call",
    .title = "Call",
    .about = "The three criteria of the lock for each party, and every reason against it. Enter on "
             "a reason opens the screen that mends it.",
    .jumps = call_jumps,
    .class = &ui_detail_class,
    .open = call_new,
};
