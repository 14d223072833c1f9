#include "trust/phone_config.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "ringlock/profile.h"
#include "ringlock/text.h"

#define X(text) ((const xmlChar *)(text))

void rl_phone_config_init(void)
{
    xmlInitParser();
}

/* ---- elements ---- */

static xmlNodePtr group(xmlNodePtr parent, const char *name)
{
    return xmlNewChild(parent, NULL, X(name), NULL);
}

static void text(xmlNodePtr parent, const char *name, const char *value)
{
    xmlNewTextChild(parent, NULL, X(name), X(value));
}

static void number(xmlNodePtr parent, const char *name, long value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%ld", value);
    text(parent, name, digits);
}

static xmlNodePtr member(xmlNodePtr members, int priority)
{
    char digits[12];
    xmlNodePtr node = group(members, "member");
    snprintf(digits, sizeof digits, "%d", priority);
    xmlNewProp(node, X("priority"), X(digits));
    return node;
}

static bool is_sip(const struct rl_phone_config *in)
{
    return rl_text_casecmp(rl_row_get(in->phone, RL_PHONE_PROTOCOL), "SIP") == 0;
}

/* ---- servers ---- */

/* The ports of SCCP are those that every call manager has. */
static void add_ports(const struct rl_phone_config *in, xmlNodePtr manager)
{
    enum { SCCP_PORT = 2000, SECURE_SCCP_PORT = 2443 };
    xmlNodePtr ports = group(manager, "ports");
    number(ports, is_sip(in) ? "sipPort" : "ethernetPhonePort",
           is_sip(in) ? in->site->sip_port : SCCP_PORT);
    number(ports, is_sip(in) ? "securedSipPort" : "securedEthernetPhonePort",
           is_sip(in) ? in->site->secure_sip_port : SECURE_SCCP_PORT);
}

static void add_call_managers(const struct rl_phone_config *in, xmlNodePtr device)
{
    xmlNodePtr members = group(group(group(device, "devicePool"), "callManagerGroup"), "members");
    for (int i = 0; i < RL_PHONE_SERVERS && in->site->call_managers[i]; i++) {
        xmlNodePtr manager = group(member(members, i), "callManager");
        add_ports(in, manager);
        text(manager, "processNodeName", in->site->call_managers[i]);
    }
}

static void add_tvs(const struct rl_phone_config *in, xmlNodePtr device)
{
    const char *const *host = in->site->tvs;
    if (!*host)
        host = in->site->call_managers;
    if (!*host)
        return;
    xmlNodePtr members = group(group(device, "TVS"), "members");
    for (int i = 0; i < RL_PHONE_SERVERS && host[i]; i++) {
        xmlNodePtr server = member(members, i);
        number(server, "port", in->site->tvs_port);
        text(server, "address", host[i]);
    }
}

/* The list is always there, with an empty name where there is no server, as CUCM has it. */
static void add_capf(const struct rl_phone_config *in, xmlNodePtr device)
{
    xmlNodePtr list = group(device, "capfList");
    const char *const *host = in->site->capf;
    const char *const first[] = {*in->site->call_managers ? *in->site->call_managers : "", NULL};
    if (!*host)
        host = first;
    for (int i = 0; i < RL_PHONE_SERVERS && host[i]; i++) {
        xmlNodePtr server = group(list, "capf");
        number(server, "phonePort", in->site->capf_port);
        text(server, "processNodeName", host[i]);
    }
}

/* ---- security ---- */

/* What the mode is worth: a cluster that is not mixed has nonsecure phones only. */
static enum rl_security mode_of(const struct rl_phone_config *in)
{
    return in->site->mixed ? rl_profile_mode(in->profile) : RL_NONSECURE;
}

static int transport_of(const struct rl_phone_config *in)
{
    enum { TCP = 1, UDP, TLS, TCP_UDP };
    static const struct {
        const char *name;
        int number;
    } transports[] = {
        {"tcp", TCP},
        {"udp", UDP}
    };
    if (mode_of(in) != RL_NONSECURE)
        return TLS;
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++)
        if (rl_row_is(in->profile, RL_PROFILE_TRANSPORT, transports[i].name))
            return transports[i].number;
    return TCP_UDP;
}

static void add_security(const struct rl_phone_config *in, xmlNodePtr device)
{
    static const int modes[] = {[RL_NONSECURE] = 1, [RL_AUTHENTICATED] = 2, [RL_ENCRYPTED] = 3};
    number(device, "deviceSecurityMode", modes[mode_of(in)]);
    if (is_sip(in))
        number(device, "transportLayerProtocol", transport_of(in));
    number(device, "TLSResumptionTimer", in->site->tls_resumption);
    number(device, "capfAuthMode", in->capf_auth_mode);
    add_capf(in, device);
    text(device, "certHash", "");
    text(device, "encrConfig", "false");
}

/* R130: settings that the model lacks are left out. */
static void add_settings(const struct rl_phone_config *in, xmlNodePtr device)
{
    enum { HTTPS_ONLY = 2 }; /* of rl_web_access */
    xmlNodePtr vendor = group(device, "vendorConfig");
    for (size_t i = 0; i < RL_HARDENINGS; i++) {
        const struct rl_hardening *h = &rl_hardenings[i];
        if (!rl_type_has_setting(in->type, h->field))
            continue;
        int value = rl_hardening_value(h, in->profile, (int)in->site->hardening[i]);
        number(vendor, h->element, h->numbers[value] - '0');
        if (h->field == RL_PROFILE_WEB_ACCESS)
            number(vendor, "webProtocol", value == HTTPS_ONLY);
    }
}

/* ---- lines ---- */

static void add_line(const struct rl_phone_config *in, xmlNodePtr lines, int index, const char *dn,
                     size_t n)
{
    enum { LINE = 9 };
    char position[12], name[256];
    const char *shown = rl_row_get(in->phone, RL_PHONE_DESCRIPTION);
    xmlNodePtr line = group(lines, "line");
    snprintf(position, sizeof position, "%d", index);
    snprintf(name, sizeof name, "%.*s", (int)n, dn);
    xmlNewProp(line, X("button"), X(position));
    xmlNewProp(line, X("lineIndex"), X(position));
    number(line, "featureID", LINE);
    text(line, "featureLabel", name);
    text(line, "proxy", "USECALLMANAGER");
    number(line, "port",
           mode_of(in) == RL_NONSECURE ? in->site->sip_port : in->site->secure_sip_port);
    text(line, "name", name);
    text(line, "displayName", *shown ? shown : name);
    text(line, "contact", name);
    text(line, "authName", in->digest_user);
    text(line, "authPassword", in->digest_password);
}

static void add_sip(const struct rl_phone_config *in, xmlNodePtr device)
{
    xmlNodePtr profile = group(device, "sipProfile");
    const char *port = rl_row_get(in->profile, RL_PROFILE_SIP_PORT);
    text(profile, "voipControlPort", *port ? port : "5060");
    xmlNodePtr lines = group(profile, "sipLines");
    const char *dn = rl_row_get(in->phone, RL_PHONE_LINES);
    for (int index = 1; *dn; index++) {
        size_t n = strcspn(dn, ";");
        add_line(in, lines, index, dn, n);
        dn += dn[n] ? n + 1 : n;
    }
}

/* ---- addresses of services ---- */

/* One over HTTPS stands under both names: which one a phone takes depends on its release. */
static void add_urls(const struct rl_phone_config *in, xmlNodePtr device)
{
    static const char *const names[RL_PHONE_URLS][2] = {
        {"authenticationURL", "secureAuthenticationURL"},
        {"servicesURL",       "secureServicesURL"      },
        {"directoryURL",      "secureDirectoryURL"     },
        {"messagesURL",       "secureMessagesURL"      },
        {"idleURL",           "secureIdleURL"          },
        {"informationURL",    "secureInformationURL"   },
        {"proxyServerURL",    NULL                     },
    };
    for (size_t i = 0; i < RL_PHONE_URLS; i++) {
        const char *url = in->site->url[i];
        if (!*url)
            continue;
        text(device, names[i][0], url);
        if (names[i][1] && strncmp(url, "https:", 6) == 0)
            text(device, names[i][1], url);
    }
}

/* ---- the two files ---- */

static xmlDocPtr begin(xmlNodePtr *device)
{
    xmlDocPtr doc = xmlNewDoc(X("1.0"));
    *device = xmlNewDocNode(doc, NULL, X("device"), NULL);
    xmlDocSetRootElement(doc, *device);
    return doc;
}

static void end(xmlDocPtr doc, struct rl_buf *out)
{
    xmlChar *bytes = NULL;
    int n = 0;
    xmlDocDumpFormatMemoryEnc(doc, &bytes, &n, "UTF-8", 1);
    rl_buf_add(out, bytes, (size_t)n);
    explicit_bzero(bytes, (size_t)n);
    xmlFree(bytes);
    xmlFreeDoc(doc);
}

void rl_phone_config_write(const struct rl_phone_config *in, struct rl_buf *out)
{
    xmlNodePtr device;
    xmlDocPtr doc = begin(&device);
    text(device, "fullConfig", "true");
    text(device, "deviceProtocol", rl_row_get(in->phone, RL_PHONE_PROTOCOL));
    if (*in->stamp)
        text(device, "versionStamp", in->stamp);
    add_call_managers(in, device);
    add_tvs(in, device);
    if (is_sip(in))
        add_sip(in, device);
    add_settings(in, device);
    add_security(in, device);
    add_urls(in, device);
    end(doc, out);
}

void rl_phone_config_write_short(const struct rl_phone_config *in, const char *cert_hash,
                                 struct rl_buf *out)
{
    xmlNodePtr device;
    xmlDocPtr doc = begin(&device);
    text(device, "fullConfig", "false");
    number(device, "capfAuthMode", in->capf_auth_mode);
    add_capf(in, device);
    text(device, "certHash", cert_hash);
    text(device, "encrConfig", "true");
    end(doc, out);
}
