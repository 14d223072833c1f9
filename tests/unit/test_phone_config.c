/* Configuration files of phones: what libxml2 reads back is what went in. */
#include "trust/phone_config.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char *const managers[] = {"192.0.2.10", "cm2.example.org", NULL};
static const char *const nobody[] = {NULL};

struct scene {
    struct rl_phone_site site;
    struct rl_row phone, type, profile;
    struct rl_phone_config in;
    xmlDocPtr doc;
};

static int set_up(void **state)
{
    struct scene *s = rl_alloc(sizeof *s);
    rl_phone_config_init();
    rl_row_init(&s->phone, rl_object(RL_PHONE));
    rl_row_init(&s->type, rl_object(RL_TYPE));
    rl_row_init(&s->profile, rl_object(RL_PROFILE));
    rl_row_set(&s->phone, RL_PHONE_NAME, "SEP001122334455");
    rl_row_set(&s->phone, RL_PHONE_PROTOCOL, "SIP");
    rl_row_set(&s->phone, RL_PHONE_DESCRIPTION, "Ann's <desk> & \"co\" \xc3\xa9");
    rl_row_set(&s->phone, RL_PHONE_LINES, "1001;+4930*22");
    rl_row_set(&s->type, RL_TYPE_MODEL, "Cisco 8841");
    rl_row_set(&s->type, RL_TYPE_VENDOR, "Cisco");
    rl_row_set(&s->type, RL_TYPE_CLASS, "phone");
    rl_row_set(&s->profile, RL_PROFILE_MODE, "encrypted");
    rl_row_set(&s->profile, RL_PROFILE_TRANSPORT, "tls");
    s->site = (struct rl_phone_site){
        .mixed = true,
        .call_managers = managers,
        .capf = nobody,
        .tvs = nobody,
        .sip_port = 5060,
        .secure_sip_port = 5061,
        .capf_port = 3804,
        .tvs_port = 2445,
        .tls_resumption = 3600,
        .url = {"https://a.example/?x=1&y=2", "", "", "", "", "", ""}
    };
    for (size_t i = 0; i < RL_HARDENINGS; i++)
        s->site.hardening[i] = rl_hardenings[i].usual;
    s->in = (struct rl_phone_config){.site = &s->site,
                                     .phone = &s->phone,
                                     .type = &s->type,
                                     .profile = &s->profile,
                                     .digest_user = "",
                                     .digest_password = "",
                                     .stamp = ""};
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    rl_row_fini(&s->phone);
    rl_row_fini(&s->type);
    rl_row_fini(&s->profile);
    free(s);
    return 0;
}

static void parse(struct scene *s, struct rl_buf *made)
{
    s->doc = xmlReadMemory(made->data, (int)made->len, "it", NULL, XML_PARSE_NONET);
    assert_non_null(s->doc);
    assert_string_equal((const char *)xmlDocGetRootElement(s->doc)->name, "device");
    rl_buf_fini(made);
}

static void write_it(struct scene *s)
{
    struct rl_buf made = {0};
    rl_phone_config_write(&s->in, &made);
    parse(s, &made);
}

/* What an XPath expression says. */
static void assert_says(struct scene *s, const char *path, const char *want)
{
    xmlXPathContextPtr ctx = xmlXPathNewContext(s->doc);
    char *expression = rl_asprintf("string(%s)", path);
    xmlXPathObjectPtr found = xmlXPathEvalExpression((const xmlChar *)expression, ctx);
    assert_non_null(found);
    if (strcmp((const char *)found->stringval, want) != 0)
        fail_msg("%s is \"%s\" and not \"%s\"", path, found->stringval, want);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(ctx);
    free(expression);
}

struct said {
    const char *path, *want;
};

static void assert_all(struct scene *s, const struct said *said, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_says(s, said[i].path, said[i].want);
    xmlFreeDoc(s->doc);
}
#define ASSERT_ALL(s, said) assert_all(s, said, sizeof(said) / sizeof *(said))

static void the_whole_configuration_means_what_the_rows_do(void **state)
{
    static const struct said said[] = {
        {"/device/fullConfig",                                    "true"                          },
        {"/device/deviceProtocol",                                "SIP"                           },
        {"/device/versionStamp",                                  "{7}"                           },
        {"/device/devicePool/callManagerGroup/members/member[@priority='0']/callManager/ports/"
         "sipPort",                                      "5060"                          },
        {"/device/devicePool/callManagerGroup/members/member[@priority='1']/callManager/ports"
         "/securedSipPort",                              "5061"                          },
        {"/device/devicePool/callManagerGroup/members/member[@priority='1']/callManager"
         "/processNodeName",                             "cm2.example.org"               },
        {"count(//devicePool//member)",                           "2"                             },
        {"/device/TVS/members/member[@priority='1']/address",     "cm2.example.org"               },
        {"/device/TVS/members/member[@priority='0']/port",        "2445"                          },
        {"/device/deviceSecurityMode",                            "3"                             },
        {"/device/transportLayerProtocol",                        "3"                             },
        {"/device/TLSResumptionTimer",                            "3600"                          },
        {"/device/capfAuthMode",                                  "2"                             },
        {"/device/capfList/capf/phonePort",                       "3804"                          },
        {"/device/capfList/capf/processNodeName",                 "192.0.2.10"                    },
        {"/device/certHash",                                      ""                              },
        {"/device/encrConfig",                                    "false"                         },
        {"/device/authenticationURL",                             "https://a.example/?x=1&y=2"    },
        {"/device/secureAuthenticationURL",                       "https://a.example/?x=1&y=2"    },
        {"count(/device/servicesURL)",                            "0"                             },
        {"/device/sipProfile/sipLines/line[@button='1']/name",    "1001"                          },
        {"/device/sipProfile/sipLines/line[@lineIndex='2']/name", "+4930*22"                      },
        {"/device/sipProfile/sipLines/line[1]/displayName",       "Ann's <desk> & \"co\" \xc3\xa9"},
        {"/device/sipProfile/sipLines/line[1]/proxy",             "USECALLMANAGER"                },
        {"/device/sipProfile/sipLines/line[1]/port",              "5061"                          },
        {"/device/sipProfile/sipLines/line[2]/authName",          "ann"                           },
        {"/device/sipProfile/sipLines/line[2]/authPassword",      "s<e>c&ret"                     },
        {"count(//line)",                                         "2"                             },
    };
    struct scene *s = *state;
    s->in.stamp = "{7}";
    s->in.capf_auth_mode = 2;
    s->in.digest_user = "ann";
    s->in.digest_password = "s<e>c&ret";
    write_it(s);
    ASSERT_ALL(s, said);
}

/* R130: what the profile says, else the site; what the model lacks is left out. */
static void settings_are_those_of_profile_site_and_model(void **state)
{
    static const struct said usual[] = {
        {"/device/vendorConfig/settingsAccess",  "1"},
        {"/device/vendorConfig/webAccess",       "1"},
        {"/device/vendorConfig/webProtocol",     "0"},
        {"/device/vendorConfig/sshAccess",       "1"},
        {"/device/vendorConfig/pcPort",          "0"},
        {"/device/vendorConfig/spanToPCPort",    "1"},
        {"/device/vendorConfig/voiceVlanAccess", "0"},
        {"/device/vendorConfig/garp",            "1"},
    };
    static const struct said set[] = {
        {"/device/vendorConfig/settingsAccess",      "2"},
        {"/device/vendorConfig/webAccess",           "0"},
        {"/device/vendorConfig/webProtocol",         "1"},
        {"/device/vendorConfig/pcPort",              "1"},
        {"count(/device/vendorConfig/spanToPCPort)", "0"},
        {"/device/vendorConfig/voiceVlanAccess",     "1"},
    };
    static const struct said none[] = {
        {"count(/device/vendorConfig/*)", "0"},
    };
    struct scene *s = *state;
    write_it(s);
    ASSERT_ALL(s, usual);
    rl_row_set(&s->type, RL_TYPE_MODEL, "Cisco 7960");
    rl_row_set(&s->profile, RL_PROFILE_SETTINGS_ACCESS, "restricted");
    rl_row_set(&s->profile, RL_PROFILE_WEB_ACCESS, "https-only");
    rl_row_set(&s->profile, RL_PROFILE_VOICE_VLAN_ACCESS, "disabled");
    s->site.hardening[3] = 0;
    write_it(s);
    ASSERT_ALL(s, set);
    rl_row_set(&s->type, RL_TYPE_CLASS, "softphone");
    write_it(s);
    ASSERT_ALL(s, none);
}

/* Outside of mixed mode nothing is secure, whatever the profile says. */
static void modes_and_transports(void **state)
{
    static const struct {
        const char *mode, *transport;
        bool mixed;
        const char *want_mode, *want_transport, *port;
    } cases[] = {
        {"nonsecure",     "tcp+udp", true,  "1", "4", "5060"},
        {"nonsecure",     "tcp",     true,  "1", "1", "5060"},
        {"nonsecure",     "udp",     false, "1", "2", "5060"},
        {"authenticated", "tls",     true,  "2", "3", "5061"},
        {"encrypted",     "tls",     true,  "3", "3", "5061"},
        {"encrypted",     "tls",     false, "1", "4", "5060"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct said said[] = {
            {"/device/deviceSecurityMode",     cases[i].want_mode     },
            {"/device/transportLayerProtocol", cases[i].want_transport},
            {"//line[1]/port",                 cases[i].port          },
        };
        rl_row_set(&s->profile, RL_PROFILE_MODE, cases[i].mode);
        rl_row_set(&s->profile, RL_PROFILE_TRANSPORT, cases[i].transport);
        s->site.mixed = cases[i].mixed;
        write_it(s);
        ASSERT_ALL(s, said);
    }
}

static void a_phone_with_sccp_has_no_lines_here(void **state)
{
    static const struct said said[] = {
        {"/device/deviceProtocol",                "SCCP"},
        {"//ports/ethernetPhonePort",             "2000"},
        {"count(//sipProfile)",                   "0"   },
        {"count(/device/transportLayerProtocol)", "0"   },
        {"/device/deviceSecurityMode",            "3"   },
    };
    struct scene *s = *state;
    rl_row_set(&s->phone, RL_PHONE_PROTOCOL, "SCCP");
    write_it(s);
    ASSERT_ALL(s, said);
}

static void the_short_one_tells_of_the_other_and_no_secret(void **state)
{
    static const struct said said[] = {
        {"/device/fullConfig",                    "false"     },
        {"/device/capfAuthMode",                  "1"         },
        {"/device/capfList/capf/processNodeName", "192.0.2.10"},
        {"/device/certHash",                      "485e4906"  },
        {"/device/encrConfig",                    "true"      },
        {"count(/device/*)",                      "5"         },
    };
    struct scene *s = *state;
    struct rl_buf made = {0};
    s->in.capf_auth_mode = 1;
    s->in.digest_password = "secret";
    rl_phone_config_write_short(&s->in, "485e4906", &made);
    assert_null(strstr(made.data, "secret"));
    parse(s, &made);
    ASSERT_ALL(s, said);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_whole_configuration_means_what_the_rows_do),
        T(settings_are_those_of_profile_site_and_model),
        T(modes_and_transports),
        T(a_phone_with_sccp_has_no_lines_here),
        T(the_short_one_tells_of_the_other_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
