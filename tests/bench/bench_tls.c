/* GnuTLS's own share in what CAPF and TVS cost, and phones to measure them with:
 *   bench_tls serve KEY CERT           a plain server on a free port, which it prints
 *   bench_tls sign KEY N               so many RSA signatures with SHA-256
 *   bench_tls shake PORT N             so many connections that end after the handshake
 *   bench_tls enrol PORT N FIRST SPKI  so many enrolments: phones SEP and twelve digits, whose
 * public key is the file SPKI (DER) The last three print how many succeeded. */
#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ringlock/buf.h"

enum { SPKI_MAX = 1024, MESSAGE_MAX = 16 * 1024, STORE_REQUEST = 9, END_SESSION = 15 };

static const char priority[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

static void die(const char *what, int rc)
{
    fprintf(stderr, "bench_tls: %s: %s\n", what, rc < 0 ? gnutls_strerror(rc) : "failed");
    exit(1);
}

static struct sockaddr_in here(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static gnutls_session_t begin(unsigned flags, gnutls_certificate_credentials_t cred, int fd)
{
    gnutls_session_t s;
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (gnutls_init(&s, flags) < 0)
        die("session", 0);
    gnutls_priority_set_direct(s, priority, NULL);
    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, cred);
    gnutls_transport_set_int(s, fd);
    return s;
}

static void serve(const char *key, const char *cert)
{
    struct sockaddr_in at = here(0);
    socklen_t n = sizeof at;
    gnutls_certificate_credentials_t cred;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    gnutls_certificate_allocate_credentials(&cred);
    int rc = gnutls_certificate_set_x509_key_file(cred, cert, key, GNUTLS_X509_FMT_PEM);
    if (rc < 0)
        die(key, rc);
    if (bind(fd, (struct sockaddr *)&at, n) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        die("socket", 0);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (int it; (it = accept(fd, NULL, NULL)) >= 0; close(it)) {
        gnutls_session_t s = begin(GNUTLS_SERVER, cred, it);
        if (gnutls_handshake(s) >= 0)
            gnutls_record_recv(s, &rc, sizeof rc);
        gnutls_deinit(s);
    }
}

static long sign(const char *path, long n)
{
    gnutls_datum_t pem, data = {(unsigned char *)"to be signed", 12}, out;
    gnutls_privkey_t key;
    long done = 0;

    if (gnutls_load_file(path, &pem) < 0 || gnutls_privkey_init(&key) < 0 ||
        gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
        die(path, 0);
    for (; done < n && gnutls_privkey_sign_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &out) >= 0;
         done++)
        gnutls_free(out.data);
    return done;
}

/* One message of CAPF, as one record; its command, -1 at the end. */
static int hear(gnutls_session_t s, uint8_t *message)
{
    ssize_t n;

    do
        n = gnutls_record_recv(s, message, MESSAGE_MAX);
    while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
    return n < 8 ? -1 : message[1];
}

static void say(gnutls_session_t s, uint8_t command, const uint8_t *heard,
                const struct rl_buf *body)
{
    struct rl_buf message = {0};

    rl_buf_addc(&message, 0x55);
    rl_buf_addc(&message, (char)command);
    rl_buf_add(&message, heard + 2, 4);
    rl_buf_u16(&message, (uint16_t)body->len);
    rl_buf_add(&message, body->data, body->len);
    gnutls_record_send(s, message.data, message.len);
    rl_buf_fini(&message);
}

static void element(struct rl_buf *b, uint8_t tag, const void *value, size_t n)
{
    rl_buf_addc(b, (char)tag);
    rl_buf_u16(b, (uint16_t)n);
    rl_buf_add(b, value, n);
}

/* A phone that has no password (capf.md 5); true if it got a certificate. */
static bool enrol(gnutls_session_t s, long number, const struct rl_bytes *spki)
{
    uint8_t message[MESSAGE_MAX];
    struct rl_buf auth = {0}, key = {0}, stored = {0};
    char name[16];

    snprintf(name, sizeof name, "SEP%012ld", number);
    element(&auth, 1, "\1", 1);
    element(&auth, 7, "\3", 1);
    element(&auth, 11, "", 1);
    element(&auth, 13, name, sizeof name);
    element(&key, 9, spki->p, spki->n);
    element(&stored, 1, "\1", 1);
    int command = hear(s, message);
    if (command >= 0)
        say(s, 2, message, &auth);
    if (command >= 0 && (command = hear(s, message)) == 3)
        say(s, 4, message, &key);
    bool got = command == 3 && hear(s, message) == STORE_REQUEST;
    if (got)
        say(s, 10, message, &stored);
    got = got && hear(s, message) == END_SESSION && message[11] == 1;
    rl_buf_fini(&auth);
    rl_buf_fini(&key);
    rl_buf_fini(&stored);
    return got;
}

static long connect_all(int port, long n, long first, const struct rl_bytes *spki)
{
    gnutls_certificate_credentials_t cred;
    struct sockaddr_in at = here(port);
    long done = 0;

    gnutls_certificate_allocate_credentials(&cred);
    for (long i = 0; i < n; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
            die("connect", 0);
        gnutls_session_t s = begin(GNUTLS_CLIENT, cred, fd);
        if (gnutls_handshake(s) >= 0)
            done += spki->n == 0 || enrol(s, first + i, spki);
        gnutls_bye(s, GNUTLS_SHUT_WR);
        gnutls_deinit(s);
        close(fd);
    }
    return done;
}

int main(int argc, char **argv)
{
    uint8_t key[SPKI_MAX];
    struct rl_bytes spki = {key, 0};
    FILE *f = argc == 6 ? fopen(argv[5], "re") : NULL;

    if (f != NULL) {
        spki.n = fread(key, 1, sizeof key, f);
        fclose(f);
    }
    if (argc == 4 && strcmp(argv[1], "serve") == 0)
        serve(argv[2], argv[3]);
    else if (argc == 4 && strcmp(argv[1], "sign") == 0)
        printf("%ld\n", sign(argv[2], atol(argv[3])));
    else if (argc == 4 || spki.n > 0)
        printf("%ld\n",
               connect_all(atoi(argv[2]), atol(argv[3]), spki.n > 0 ? atol(argv[4]) : 0, &spki));
    else
        return 2;
    return 0;
}
