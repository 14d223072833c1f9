/* The functions behind the command table, by file. Each returns an exit status. */
#ifndef RL_COMMANDS_VERBS_H
#define RL_COMMANDS_VERBS_H

#include "commands/cli.h"

int rl_cmd_object_list(struct rl_cli *cli);   /* object.c */
int rl_cmd_object_show(struct rl_cli *cli);   /* object.c */
int rl_cmd_object_add(struct rl_cli *cli);    /* object.c */
int rl_cmd_object_set(struct rl_cli *cli);    /* object.c */
int rl_cmd_object_remove(struct rl_cli *cli); /* object.c */
int rl_cmd_object_copy(struct rl_cli *cli);
int rl_cmd_user_digest(struct rl_cli *cli);
int rl_cmd_backup(struct rl_cli *cli);
int rl_cmd_restore(struct rl_cli *cli);
int rl_cmd_init(struct rl_cli *cli);   /* site.c */
int rl_cmd_status(struct rl_cli *cli); /* status.c */
int rl_cmd_cluster_mode(struct rl_cli *cli);
int rl_cmd_cluster_check(struct rl_cli *cli);   /* phone.c */
int rl_cmd_profile_users(struct rl_cli *cli);   /* profile.c */
int rl_cmd_profile_rename(struct rl_cli *cli);  /* profile.c */
int rl_cmd_phone_check(struct rl_cli *cli);     /* phone.c */
int rl_cmd_phone_security(struct rl_cli *cli);  /* phone.c */
int rl_cmd_type_import(struct rl_cli *cli);     /* type.c */
int rl_cmd_cert_upload(struct rl_cli *cli);     /* cert.c */
int rl_cmd_cert_show(struct rl_cli *cli);       /* cert.c */
int rl_cmd_cert_csr(struct rl_cli *cli);        /* own.c */
int rl_cmd_cert_install(struct rl_cli *cli);    /* own.c */
int rl_cmd_cert_regenerate(struct rl_cli *cli); /* own.c */
int rl_cmd_cert_activate(struct rl_cli *cli);   /* own.c */
int rl_cmd_cert_retire(struct rl_cli *cli);     /* own.c */
int rl_cmd_cert_history(struct rl_cli *cli);    /* own.c */
int rl_cmd_cert_impact(struct rl_cli *cli);     /* impact.c */
int rl_cmd_ctl_show(struct rl_cli *cli);        /* ctl.c */
int rl_cmd_ctl_verify(struct rl_cli *cli);      /* ctl.c */
int rl_cmd_ctl_status(struct rl_cli *cli);      /* lists.c */
int rl_cmd_ctl_update(struct rl_cli *cli);      /* lists.c */
int rl_cmd_ctl_holders(struct rl_cli *cli);     /* lists.c */
int rl_cmd_ctl_seen(struct rl_cli *cli);        /* lists.c */
int rl_cmd_publish(struct rl_cli *cli);         /* publish.c */
int rl_cmd_phone_files(struct rl_cli *cli);     /* publish.c */
int rl_cmd_line_list(struct rl_cli *cli);       /* line.c */
int rl_cmd_line_show(struct rl_cli *cli);       /* line.c */
int rl_cmd_capf_list(struct rl_cli *cli);       /* capf.c */
int rl_cmd_capf_show(struct rl_cli *cli);       /* capf.c */
int rl_cmd_capf_set(struct rl_cli *cli);        /* capf.c */
int rl_cmd_capf_cancel(struct rl_cli *cli);     /* capf.c */
int rl_cmd_call_list(struct rl_cli *cli);       /* call.c */
int rl_cmd_call_show(struct rl_cli *cli);       /* call_show.c */
int rl_cmd_call_watch(struct rl_cli *cli);      /* call.c */
int rl_cmd_hep_replay(struct rl_cli *cli);      /* hep.c */
int rl_cmd_import(struct rl_cli *cli);          /* transfer.c */
int rl_cmd_export(struct rl_cli *cli);          /* transfer.c */
int rl_cmd_report_features(struct rl_cli *cli); /* report_types.c */
int rl_cmd_report_eol(struct rl_cli *cli);      /* report_types.c */
int rl_cmd_report_expiring(struct rl_cli *cli); /* report.c */
int rl_cmd_report_overview(struct rl_cli *cli); /* report_site.c */
int rl_cmd_report_shared_lines(struct rl_cli *cli);
int rl_cmd_wizard(struct rl_cli *cli);       /* wizard.c */
int rl_cmd_wizard_apply(struct rl_cli *cli); /* wizard.c */
int rl_cmd_wizard_drop(struct rl_cli *cli);  /* wizard.c */
int rl_cmd_wizard_list(struct rl_cli *cli);  /* wizard_show.c */
int rl_cmd_wizard_show(struct rl_cli *cli);  /* wizard_show.c */
int rl_cmd_draft_list(struct rl_cli *cli);   /* draft.c */
int rl_cmd_draft_drop(struct rl_cli *cli);   /* draft.c */
int rl_cmd_view_list(struct rl_cli *cli);    /* view.c */
int rl_cmd_view_show(struct rl_cli *cli);    /* view.c */
int rl_cmd_view_save(struct rl_cli *cli);    /* view.c */
int rl_cmd_view_rename(struct rl_cli *cli);  /* view.c */
int rl_cmd_view_share(struct rl_cli *cli);   /* view.c */
int rl_cmd_view_remove(struct rl_cli *cli);  /* view.c */
int rl_cmd_audit_list(struct rl_cli *cli);
int rl_cmd_undo(struct rl_cli *cli);
int rl_cmd_history(struct rl_cli *cli);      /* log.c */
int rl_cmd_audit_verify(struct rl_cli *cli); /* log.c */
int rl_cmd_event_list(struct rl_cli *cli);   /* log.c */
int rl_cmd_help(struct rl_cli *cli);         /* help.c */

#endif
