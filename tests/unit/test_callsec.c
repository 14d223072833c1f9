/* Call security as truth tables; each names the requirement that it holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "policy/callsec.h"

static struct rl_party_in good_party(void)
{
    return (struct rl_party_in){
        .known = true,
        .trusted = RL_YES,
        .mode = RL_ENCRYPTED,
        .sig = RL_SIG_ENCRYPTED,
        .media_known = true,
        .nstreams = 1,
        .stream = {{.kind = RL_STREAM_AUDIO, .active = true, .prot = RL_PROT_SDES}}};
}

static struct rl_call_in good_call(const struct rl_party_in *party, size_t n)
{
    return (struct rl_call_in){
        .mixed = true, .answered = true, .nparties = n, .party = party, .conference = RL_ENCRYPTED};
}

static bool has_reason(const struct rl_verdict *v, enum rl_reason_code code, int party)
{
    for (size_t i = 0; i < v->nreasons; i++)
        if (v->reason[i].code == code && v->reason[i].party == party)
            return true;
    return false;
}

/* R50, R51: the lock if and only if all three criteria are yes; R52, R54 for the rest. */
static void all_eight_combinations_of_the_criteria(void **state)
{
    static const struct {
        bool trusted, signaling, media;
        enum rl_security want;
    } rows[] = {
        {false, false, false, RL_NONSECURE    },
        {false, false, true,  RL_NONSECURE    },
        {false, true,  false, RL_NONSECURE    },
        {false, true,  true,  RL_NONSECURE    },
        {true,  false, false, RL_NONSECURE    },
        {true,  false, true,  RL_NONSECURE    },
        {true,  true,  false, RL_AUTHENTICATED},
        {true,  true,  true,  RL_ENCRYPTED    },
    };

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct rl_party_in p[2] = {good_party(), good_party()};
            struct rl_call_in in = good_call(p, 2);
            struct rl_verdict v;

            p[side].trusted = rows[i].trusted ? RL_YES : RL_NO;
            p[side].sig = rows[i].signaling ? RL_SIG_ENCRYPTED : RL_SIG_NO_FACT;
            p[side].stream[0].prot = rows[i].media ? RL_PROT_SDES : RL_PROT_NONE;
            rl_verdict(&in, &v);
            assert_int_equal(v.trusted, rows[i].trusted);
            assert_int_equal(v.signaling, rows[i].signaling);
            assert_int_equal(v.media, rows[i].media);
            assert_int_equal(v.security, rows[i].want);
            assert_int_equal(v.icon, rows[i].want);
            assert_int_equal(v.nreasons == 0, rows[i].want == RL_ENCRYPTED);
        }
}

/* security-model 5, R19, R20, R22: the pair table, and that a level is never above the profile
 * (4.9). */
static void pairs_of_device_modes(void **state)
{
    static const enum rl_security want[3][3] = {
        {RL_NONSECURE, RL_NONSECURE,     RL_NONSECURE    },
        {RL_NONSECURE, RL_AUTHENTICATED, RL_AUTHENTICATED},
        {RL_NONSECURE, RL_AUTHENTICATED, RL_ENCRYPTED    },
    };
    static const enum rl_sig_state sig[] = {RL_SIG_NOT_TLS, RL_SIG_NULL_CIPHER, RL_SIG_ENCRYPTED};

    (void)state;
    for (int by_profile = 0; by_profile < 2; by_profile++)
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) {
                struct rl_party_in p[2] = {good_party(), good_party()};
                struct rl_call_in in = good_call(p, 2);
                struct rl_verdict v;

                p[0].mode = (enum rl_security)a;
                p[1].mode = (enum rl_security)b;
                if (!by_profile) {
                    p[0].sig = sig[a];
                    p[1].sig = sig[b];
                }
                rl_verdict(&in, &v);
                assert_int_equal(v.security, want[a][b]);
                assert_int_equal(v.party[0].signaling, a);
                assert_int_equal(v.party[1].signaling, b);
                assert_int_equal(v.signaling, a == 2 && b == 2);
            }
}

/* R52, R55, R57, R58: untrusted anywhere: no lock and no shield; gateways count as phones do;
 * unknown is no. */
static void one_untrusted_device_makes_the_call_nonsecure(void **state)
{
    static const struct {
        bool known;
        enum rl_tristate trusted;
        enum rl_reason_code why;
    } rows[] = {
        {true,  RL_NO,      RL_WHY_NOT_TRUSTED   },
        {true,  RL_UNKNOWN, RL_WHY_TRUST_UNKNOWN },
        {false, RL_YES,     RL_WHY_DEVICE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t n = 2; n <= 5; n++)
            for (size_t weak = 0; weak < n; weak++) {
                struct rl_party_in p[5];
                struct rl_call_in in = good_call(p, n);
                struct rl_verdict v;

                for (size_t k = 0; k < n; k++)
                    p[k] = good_party();
                p[weak].known = rows[i].known;
                p[weak].trusted = rows[i].trusted;
                rl_verdict(&in, &v);
                assert_int_equal(v.security, RL_NONSECURE);
                assert_int_equal(v.icon, RL_NONSECURE);
                assert_false(v.trusted);
                assert_true(has_reason(&v, rows[i].why, (int)weak));
            }
}

/* R50: what is not proven counts as no; R54: NULL cipher at most a shield. */
static void states_of_the_signaling(void **state)
{
    static const struct {
        enum rl_sig_state sig;
        enum rl_security want;
        enum rl_reason_code why;
    } rows[] = {
        {RL_SIG_NO_FACT,       RL_NONSECURE,     RL_WHY_SIG_NO_FACT      },
        {RL_SIG_NOT_TLS,       RL_NONSECURE,     RL_WHY_SIG_NOT_TLS      },
        {RL_SIG_NO_CERT,       RL_NONSECURE,     RL_WHY_SIG_NO_CERT      },
        {RL_SIG_CERT_UNPROVEN, RL_NONSECURE,     RL_WHY_SIG_CERT_UNPROVEN},
        {RL_SIG_CERT_OTHER,    RL_NONSECURE,     RL_WHY_SIG_CERT_OTHER   },
        {RL_SIG_NULL_CIPHER,   RL_AUTHENTICATED, RL_WHY_SIG_NULL_CIPHER  },
        {RL_SIG_CLOSED,        RL_NONSECURE,     RL_WHY_SIG_CLOSED       },
        {RL_SIG_UNLISTED,      RL_NONSECURE,     RL_WHY_SIG_UNLISTED     },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_party_in p[2] = {good_party(), good_party()};
        struct rl_call_in in = good_call(p, 2);
        struct rl_verdict v;

        p[1].sig = rows[i].sig;
        rl_verdict(&in, &v);
        assert_int_equal(v.security, rows[i].want);
        assert_int_equal(v.party[0].signaling, RL_ENCRYPTED);
        assert_int_equal(v.party[1].signaling, rows[i].want);
        assert_false(v.signaling);
        assert_true(has_reason(&v, rows[i].why, 1));
        assert_int_equal(v.nreasons, 1);
    }
}

/* security-model 7: which plain media take the lock away, for each display policy. */
static void display_policies(void **state)
{
    static const struct {
        enum rl_display_policy policy;
        bool locked_though_plain[4]; /* video, BFCP, iX, other */
    } rows[] = {
        {RL_SHOW_ALL_BUT_BFCP_IX, {false, true, true, false}  },
        {RL_SHOW_ALL_BUT_IX,      {false, false, true, false} },
        {RL_SHOW_ALL_BUT_BFCP,    {false, true, false, false} },
        {RL_SHOW_ALL,             {false, false, false, false}},
        {RL_SHOW_AUDIO_ONLY,      {true, true, true, true}    },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int kind = RL_STREAM_VIDEO; kind <= RL_STREAM_OTHER; kind++) {
            struct rl_party_in p[2] = {good_party(), good_party()};
            struct rl_call_in in = good_call(p, 2);
            struct rl_verdict v;
            bool locked = rows[i].locked_though_plain[kind - RL_STREAM_VIDEO];

            in.policy = rows[i].policy;
            p[0].nstreams = 2;
            p[0].stream[1] = (struct rl_stream_in){.kind = (uint8_t)kind, .active = true};
            rl_verdict(&in, &v);
            assert_int_equal(v.security, locked ? RL_ENCRYPTED : RL_AUTHENTICATED);
            p[0].stream[1].active = false;
            rl_verdict(&in, &v);
            assert_int_equal(v.security, RL_ENCRYPTED);
            p[0].stream[1].active = true;
            p[0].stream[1].prot = RL_PROT_DTLS;
            rl_verdict(&in, &v);
            assert_int_equal(v.security, RL_ENCRYPTED);
        }
}

/* R50: audio is always needed, and needed encrypted, under every policy. */
static void audio_is_needed(void **state)
{
    static const struct {
        bool active, bad, known;
        uint8_t prot;
        enum rl_reason_code why;
        int level;
    } rows[] = {
        {true,  false, true,  RL_PROT_NONE, RL_WHY_MEDIA_NOT_SRTP, RL_NONSECURE},
        {true,  false, true,  RL_PROT_OFF,  RL_WHY_MEDIA_OFF,      RL_NONSECURE},
        {false, false, true,  RL_PROT_SDES, RL_WHY_MEDIA_NO_AUDIO, -1          },
        {true,  true,  true,  RL_PROT_SDES, RL_WHY_SDP,            RL_NONSECURE},
        {true,  false, false, RL_PROT_SDES, RL_WHY_MEDIA_UNKNOWN,  -1          },
    };

    (void)state;
    for (int policy = 0; rl_display_policy_names[policy]; policy++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct rl_party_in p[2] = {good_party(), good_party()};
            struct rl_call_in in = good_call(p, 2);
            struct rl_verdict v;

            in.policy = (enum rl_display_policy)policy;
            p[0].stream[0] = (struct rl_stream_in){
                .kind = RL_STREAM_AUDIO, .active = rows[i].active, .prot = rows[i].prot};
            p[0].sdp_bad = rows[i].bad;
            p[0].media_known = rows[i].known;
            rl_verdict(&in, &v);
            assert_int_equal(v.security, RL_AUTHENTICATED);
            assert_false(v.media);
            assert_true(has_reason(&v, rows[i].why, 0));
            assert_int_equal(v.party[0].media, rows[i].level);
            assert_int_equal(v.party[1].media, RL_ENCRYPTED);
        }
}

/* R50, R53: media that is not secure is the fault of whoever said plain RTP; there is always a
 * reason, and the verdict is the same. */
static void plain_media_is_blamed_on_who_said_it(void **state)
{
    static const struct {
        uint8_t own[2], other[2];
        enum rl_reason_code why[2]; /* RL_WHY_COUNT: none */
    } rows[] = {
        {{RL_PROT_NONE, RL_PROT_NONE},
         {RL_PROT_NONE, RL_PROT_NONE},
         {RL_WHY_MEDIA_NOT_SRTP, RL_WHY_MEDIA_NOT_SRTP}    },
        {{RL_PROT_SDES, RL_PROT_NONE},
         {RL_PROT_NONE, RL_PROT_SDES},
         {RL_WHY_COUNT, RL_WHY_MEDIA_NOT_SRTP}             },
        {{RL_PROT_NONE, RL_PROT_DTLS},
         {RL_PROT_DTLS, RL_PROT_NONE},
         {RL_WHY_MEDIA_NOT_SRTP, RL_WHY_COUNT}             },
        {{RL_PROT_SDES, RL_PROT_DTLS},
         {RL_PROT_DTLS, RL_PROT_SDES},
         {RL_WHY_MEDIA_NOT_AGREED, RL_WHY_MEDIA_NOT_AGREED}},
 /* something between the two rewrote what they said */
        {{RL_PROT_SDES, RL_PROT_SDES},
         {RL_PROT_NONE, RL_PROT_NONE},
         {RL_WHY_MEDIA_NOT_AGREED, RL_WHY_MEDIA_NOT_AGREED}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_party_in p[2] = {good_party(), good_party()};
        struct rl_call_in in = good_call(p, 2);
        struct rl_verdict v;
        size_t reasons = 0;

        for (int k = 0; k < 2; k++)
            p[k].stream[0] = (struct rl_stream_in){.kind = RL_STREAM_AUDIO,
                                                   .active = true,
                                                   .own = rows[i].own[k],
                                                   .other = rows[i].other[k],
                                                   .offered = k == 0};
        rl_verdict(&in, &v);
        assert_int_equal(v.security, RL_AUTHENTICATED);
        assert_false(v.media);
        for (int k = 0; k < 2; k++) {
            bool blamed = rows[i].why[k] != RL_WHY_COUNT;

            assert_int_equal(v.party[k].media, RL_NONSECURE);
            assert_int_equal(v.party[k].other_plain, !blamed);
            assert_true(!blamed || has_reason(&v, rows[i].why[k], k));
            reasons += blamed;
        }
        assert_int_equal(v.nreasons, reasons);
    }
    assert_string_equal(rl_stream_said(&(struct rl_stream_in){.other = RL_PROT_SDES}),
                        "answered plain RTP to an offer of SRTP");
    assert_string_equal(rl_stream_said(&(struct rl_stream_in){.offered = true}),
                        "offered plain RTP");
}

/* security-model 2 and 4.1: in a nonsecure cluster every device counts as nonsecure. */
static void nonsecure_cluster_never_locks(void **state)
{
    struct rl_party_in p[2] = {good_party(), good_party()};
    struct rl_call_in in = good_call(p, 2);
    struct rl_verdict v;

    (void)state;
    in.mixed = false;
    rl_verdict(&in, &v);
    assert_int_equal(v.security, RL_NONSECURE);
    assert_false(v.signaling);
    assert_int_equal(v.party[0].signaling, RL_NONSECURE);
    assert_true(has_reason(&v, RL_WHY_CLUSTER, -1));
}

/* R50: an answer is needed, and two sides. */
static void unanswered_or_one_sided_never_locks(void **state)
{
    struct rl_party_in p[2] = {good_party(), good_party()};
    struct rl_call_in in = good_call(p, 2);
    struct rl_verdict v;

    (void)state;
    in.answered = false;
    rl_verdict(&in, &v);
    assert_int_equal(v.security, RL_NONSECURE);
    assert_false(v.media);
    assert_true(has_reason(&v, RL_WHY_NOT_ANSWERED, -1));
    for (size_t n = 0; n < 2; n++) {
        in = good_call(p, n);
        rl_verdict(&in, &v);
        assert_int_equal(v.security, RL_NONSECURE);
        assert_false(v.trusted || v.signaling || v.media);
    }
}

/* R57-R60: the icon is the conference's level, the call keeps its own; it rises when the weak one
 * leaves. */
static void conference_lowers_the_icon_only(void **state)
{
    (void)state;
    for (int own = 0; own < 3; own++)
        for (int others = 0; others < 3; others++) {
            struct rl_party_in p[2] = {good_party(), good_party()};
            struct rl_call_in in = good_call(p, 2);
            struct rl_verdict v;

            p[0].mode = (enum rl_security)own;
            in.in_conference = true;
            in.conference = (enum rl_security)others;
            rl_verdict(&in, &v);
            assert_int_equal(v.security, own);
            assert_int_equal(v.icon, others < own ? others : own);
            assert_int_equal(has_reason(&v, RL_WHY_CONFERENCE, -1), others < own);
            in.conference = RL_ENCRYPTED;
            rl_verdict(&in, &v);
            assert_int_equal(v.icon, own);
        }
}

/* R58: whom the others of a conference are told to blame. */
static void the_party_that_takes_the_level_is_the_weakest(void **state)
{
    static const struct {
        enum rl_security mode;    /* of party 0 */
        enum rl_sig_state sig;    /* of party 1 */
        enum rl_stream_prot prot; /* of party 1 */
        int want;
    } rows[] = {
        {RL_ENCRYPTED,     RL_SIG_ENCRYPTED,   RL_PROT_SDES, -1},
        {RL_ENCRYPTED,     RL_SIG_ENCRYPTED,   RL_PROT_NONE, 1 },
        {RL_AUTHENTICATED, RL_SIG_ENCRYPTED,   RL_PROT_NONE, 0 },
        {RL_AUTHENTICATED, RL_SIG_NULL_CIPHER, RL_PROT_SDES, 0 },
        {RL_AUTHENTICATED, RL_SIG_NOT_TLS,     RL_PROT_SDES, 1 },
        {RL_NONSECURE,     RL_SIG_NOT_TLS,     RL_PROT_NONE, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rl_party_in p[2] = {good_party(), good_party()};
        struct rl_call_in in = good_call(p, 2);
        struct rl_verdict v;

        p[0].mode = rows[i].mode;
        p[1].sig = rows[i].sig;
        p[1].stream[0].prot = (uint8_t)rows[i].prot;
        rl_verdict(&in, &v);
        assert_int_equal(rl_verdict_weakest(&v), rows[i].want);
    }
}

/* R21, R58: the sentence names the party, its call, the level, and how many more there are. */
static void a_conference_reason_names_the_weakest_member(void **state)
{
    const struct rl_reason_info *info = rl_reason_info(RL_WHY_CONFERENCE);
    char text[200];
    struct rl_reason_names names = {.device = "2001", .call = "c6b0-3", .level = "nonsecure"};

    (void)state;
    assert_string_equal(rl_reason_write(info->text, &names, text, sizeof text),
                        "2001 in call c6b0-3 makes the conference nonsecure.");
    names.more = ", and 2 more members do";
    assert_string_equal(
        rl_reason_write(info->text, &names, text, sizeof text),
        "2001 in call c6b0-3 makes the conference nonsecure, and 2 more members do.");
}

/* R21: each weak device is named; more parties than fit are still judged. */
static void every_weak_party_is_named(void **state)
{
    static struct rl_party_in p[RL_POLICY_PARTIES + 1];
    struct rl_call_in in = good_call(p, RL_POLICY_PARTIES + 1);
    static struct rl_verdict v;

    (void)state;
    for (size_t i = 0; i < in.nparties; i++)
        p[i] = good_party();
    p[3].sig = RL_SIG_NOT_TLS;
    p[RL_POLICY_PARTIES].trusted = RL_NO;
    rl_verdict(&in, &v);
    assert_int_equal(v.security, RL_NONSECURE);
    assert_true(has_reason(&v, RL_WHY_SIG_NOT_TLS, 3));
    assert_true(has_reason(&v, RL_WHY_NOT_TRUSTED, RL_POLICY_PARTIES));
    for (size_t i = 0; i < in.nparties; i++)
        p[i] = (struct rl_party_in){.sig = RL_SIG_NO_FACT};
    rl_verdict(&in, &v);
    assert_int_equal(v.nreasons, RL_POLICY_REASONS);
}

/* R38, R56, R143: what phones show, in text. */
static void what_phones_show(void **state)
{
    static const struct {
        enum rl_security level;
        enum rl_tristate lock, shield;
        const char *want;
    } icons[] = {
        {RL_ENCRYPTED,     RL_YES,     RL_YES,     "[LOCK]"},
        {RL_ENCRYPTED,     RL_YES,     RL_NO,      "[LOCK]"},
        {RL_ENCRYPTED,     RL_NO,      RL_NO,      "n/a"   },
        {RL_ENCRYPTED,     RL_UNKNOWN, RL_UNKNOWN, "n/a"   },
        {RL_AUTHENTICATED, RL_YES,     RL_YES,     "[SHLD]"},
        {RL_AUTHENTICATED, RL_YES,     RL_NO,      "[play]"},
        {RL_AUTHENTICATED, RL_NO,      RL_NO,      "n/a"   },
        {RL_NONSECURE,     RL_YES,     RL_YES,     "[    ]"},
        {RL_NONSECURE,     RL_UNKNOWN, RL_NO,      "n/a"   },
    };
    static const struct {
        enum rl_tristate tone;
        bool own, other;
        enum rl_security level;
        const char *want;
    } tones[] = {
        {RL_YES,     true,  true,  RL_ENCRYPTED,     "secure"   },
        {RL_YES,     true,  true,  RL_AUTHENTICATED, "nonsecure"},
        {RL_YES,     true,  false, RL_ENCRYPTED,     "nonsecure"},
        {RL_YES,     false, true,  RL_ENCRYPTED,     "none"     },
        {RL_NO,      true,  true,  RL_ENCRYPTED,     "n/a"      },
        {RL_UNKNOWN, true,  true,  RL_ENCRYPTED,     "n/a"      },
    };

    (void)state;
    for (size_t i = 0; i < sizeof icons / sizeof *icons; i++)
        assert_string_equal(rl_phone_shows(icons[i].level, icons[i].lock, icons[i].shield, RL_NO,
                                           false, false, RL_ENCRYPTED)
                                .icon,
                            icons[i].want);
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++)
        assert_string_equal(rl_phone_shows(tones[i].level, RL_YES, RL_YES, tones[i].tone,
                                           tones[i].own, tones[i].other, RL_ENCRYPTED)
                                .tone,
                            tones[i].want);
    assert_string_equal(
        rl_phone_shows(RL_ENCRYPTED, RL_YES, RL_YES, RL_YES, true, true, RL_AUTHENTICATED).tone,
        "nonsecure");
}

/* R21, R53: every reason has a sentence and a remedy that names a screen or command. */
static void every_reason_says_what_to_do(void **state)
{
    static const char *const tags[] = {
#define TAG(name, tag) tag,
        RL_REASONS(TAG)
#undef TAG
    };
    const struct rl_reason_names names = {
        .device = "SEP1", .profile = "enc", .call = "c1-2", .level = "nonsecure", .more = ""};
    char text[512];

    (void)state;
    for (int c = 0; c < RL_WHY_COUNT; c++) {
        const struct rl_reason_info *info = rl_reason_info((enum rl_reason_code)c);

        assert_string_equal(info->tag, tags[c]);
        assert_true(info->text[0] && info->text[strlen(info->text) - 1] == '.');
        assert_true(strstr(info->remedy, "ringlock") || strpbrk(info->remedy, "123456789"));
        assert_int_equal(info->rule[0], 'R');
        rl_reason_write(info->text, &names, text, sizeof text);
        assert_null(strchr(text, '%'));
        rl_reason_write(info->remedy, &names, text, sizeof text);
        assert_null(strchr(text, '%'));
    }
    assert_string_equal(rl_reason_write("%D in %P, 5%", &(struct rl_reason_names){.device = "A"},
                                        text, sizeof text),
                        "A in its profile, 5%");
    assert_string_equal(
        rl_reason_write("%D is long",
                        &(struct rl_reason_names){.device = "ABCDEFGH", .profile = ""}, text, 6),
        "ABCDE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_eight_combinations_of_the_criteria),
        cmocka_unit_test(pairs_of_device_modes),
        cmocka_unit_test(one_untrusted_device_makes_the_call_nonsecure),
        cmocka_unit_test(states_of_the_signaling),
        cmocka_unit_test(display_policies),
        cmocka_unit_test(audio_is_needed),
        cmocka_unit_test(plain_media_is_blamed_on_who_said_it),
        cmocka_unit_test(nonsecure_cluster_never_locks),
        cmocka_unit_test(unanswered_or_one_sided_never_locks),
        cmocka_unit_test(conference_lowers_the_icon_only),
        cmocka_unit_test(the_party_that_takes_the_level_is_the_weakest),
        cmocka_unit_test(a_conference_reason_names_the_weakest_member),
        cmocka_unit_test(every_weak_party_is_named),
        cmocka_unit_test(what_phones_show),
        cmocka_unit_test(every_reason_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
