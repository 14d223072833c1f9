/* Certificates, as their own screen, the phone's and others show them. */
#ifndef RL_SCREENS_CERTS_H
#define RL_SCREENS_CERTS_H

#include "console/detail.h"
#include "console/form.h"

/* From so many days before its end on a certificate "ends soon": the site's first notice. */
void cert_soon(int days);

/* A line for each of them, which leads to it. */
void cert_lines(const json_t *certs, struct ui_lines *out);

/* cert_upload.c: the form; for a device, its name, else "". */
void cert_upload_open(struct ui_app *app, const char *device);

#endif
