/* The control protocol: JSON-RPC 2.0, one object a line, at most 1 MiB, over the engine's Unix
 * socket. The first request is "hello"; anything else before it ends the connection, as does
 * anything that is no JSON-RPC. Errors: {"code": exit status as a number, "message": sentence,
 * "data": {"code": "E-...", "object", "field", "rule", "remedy", "errors": how many, "problems":
 * [{"code", "object", "field", "line", "rule", "message", "remedy"}...]}}.
 *
 * Roles, each holding the ones before: viewer, operator, administrator. */
/* clang-format off */
/*
 *  method           role           parameters                          result
 *  hello            -              version, client                     version, release, site, name, user, role,
 *                                                                      mixed, private, hep:{udp,tcp} ("127.0.0.1:9060"),
 *                                                                      idle (seconds, 0 = off), lists: "no CTL file",
 *                                                                      "CTL out of date", ..., or null
 *  status           viewer         -                                   see ringlock status --json
 *  cancel           viewer         question (id of a request)          cancelled: whether it was under way
 *  cluster.mode     administrator  mode                                mode, ctl: version of the CTL that is published
 *                                                                      with it, or null, note; both are committed, or
 *                                                                      neither; code (W-CTL-MISSING) where it was mixed
 *                                                                      already, without a CTL
 *  object.list      viewer         kind, criteria:[{field,op,value}],  rows:[OBJECT], more:bool
 *                                  sort, descending, backwards, limit,
 *                                  after:{value,key}
 *  object.count     viewer         kind, criteria                      count
 *  object.show      viewer         kind, name                          OBJECT
 *  object.add       operator       kind, values:{}, accept:[]          OBJECT, with warnings:[]
 *  object.set       operator       kind, name, values, rev, accept     OBJECT, with warnings:[]; of a profile also
 *                                                                      phones: how many use it, notes:[text]
 *  object.remove    operator       kind, name, accept                  removed:name
 *  object.set_many  operator       kind, names, values, accept         items:[ITEM], done, refused, notes:[text]
 *  object.remove_many operator     kind, names, accept                 items:[ITEM], done, refused, notes:[]
 *  object.check     viewer         kind, name, values                  values:{}, problems:[]
 *  object.users_of  viewer         kind, name or names, skip, limit    users:[{kind,name}], more: what depends on it
 *  line.list        viewer         after, limit                        rows:[{number, phones:[name]}], more
 *  line.mixed       viewer         after:{value: number, key: phone},  rows:[{number,phone,mode,profile,type}] of lines
 *                                  limit                               whose phones differ in mode (R33), more
 *  line.show        viewer         number                              {number, phones:[OBJECT]}
 *  phone.check      viewer         name                                name, open: how many steps are open or blocked,
 *                                                                      steps:[{step: 1 to 8, id, label, state, rule,
 *                                                                      code or null, message, remedy, kind and name
 *                                                                      of what is opened to mend it}]; state is
 *                                                                      "open|done|not applicable|blocked"
 *  cluster.check    viewer         -                                   phones, steps:[{step, id, label, rule, done, open,
 *                                                                      blocked, not_applicable: how many phones, phone:
 *                                                                      one of those that are not done, or null}];
 *                                                                      registrations are not looked at
 *  phone.typed_in   operator       name                                the same, once it is noted that the digest
 *                                                                      credentials were typed in at the phone
 *  phone.files      viewer         name                                name, on (publishing), takes (such files), due,
 *                                                                      made, form: "signed|encrypted|typed-key|short",
 *                                                                      signer and certificate (fingerprints), code and
 *                                                                      why (not as the profile says), files:[{name,
 *                                                                      bytes}]; null what there is not
 *  publish          administrator  all                                 PUBLISHING with warnings:[]; with all it is turned
 *                                                                      on, the trust lists are published first, and
 *                                                                      all phones are looked at
 *  publish.status   viewer         -                                   PUBLISHING with forms:[{form, code, phones}]
 *  cert.upload      administrator  data (PEM text, or DER in base64),  certificates:[OBJECT], the one that was meant
 *                                  file, store, device, name,          first; warnings:[], notes:[text]
 *                                  description, origin, accept
 *  cert.csr         administrator  role, key, san:[text]               role, state, pem (RFC 2986), warnings:[]; key is
 *                                                                      "rsa2048|rsa3072|rsa4096|ec256|ec384|ec521"
 *  cert.install     administrator  role, data (as cert.upload), file,  role, state, warnings:[]: a CA's answer to what
 *                                  now, accept                         cert.csr asked
 *  cert.regenerate  administrator  role, key, san:[text], now, accept  role, state, certificate: OWN, warnings:[]
 *  cert.activate    administrator  role, accept                        role, state, warnings:[]: the next one is used
 *  cert.retire      administrator  role, next, accept                  role, state, warnings:[]: the former ones, or the
 *                                                                      next one, become history
 *  cert.impact      viewer         role, act, lscs, after (last of     role, act, IMPACT; act is "regenerate|activate|
 *                                  the page before), limit             retire|remove", regenerate (at once) if left out
 *  cert.history     viewer         role                                role, rows:[OWN], the newest first; request:
 *                                                                      {made, pem} that is outstanding, or null (R11)
 *  cert.expiring    viewer         days, after:{value,key}, limit      days, rows:[OBJECT of a certificate, with
 *                                                                      phones: how many depend on it], more
 *  import.begin     operator       kind, dry_run, accept               {}: until its end nothing else is changed
 *  import.part      operator       csv                                 lines, errors
 *  import.end       operator       -                                   lines, added, changed, same, dry_run, warnings, notes:[text]
 *  import.abort     operator       -                                   {}
 *  export           viewer         kind, after, limit                  csv, after (null at the end)
 *  type.import      administrator  pack (text), file, signature        pack, version, types:[{model, what}],
 *                                  (PEM text, or DER in base64),       devices, warnings:[]; what is
 *                                  accept                              "added|changed|same|removed"
 *  trust.read       viewer         data (base64), file,                TRUST LIST, read and checked
 *                                  signers:[PEM text, or DER in base64]
 *  capf.list        viewer         status, due, after (phone), limit   rows:[CAPF] of phones of which anything is known,
 *                                                                      by name; status is "none|pending|success|failed";
 *                                                                      due: those whose LSC is to be renewed, by time
 *  capf.show        viewer         name                                CAPF, also string: is one set; auth_mode,
 *                                                                      key_order, rsa_size, ec_size of the profile
 *  capf.known       viewer         -                                   phones, lsc, no_lsc, mic, no_mic: of how many it is
 *                                                                      known that they have one, or have none
 *  capf.set         operator       names, operation, string, generate, items:[ITEM, with string where one was
 *                                  completes_by (RFC 3339), accept     generated: it is told once], done, refused
 *  ctl.status       viewer         -                                   mode, lists:[LISTED, with phones, older, unknown]
 *  ctl.update       administrator  -                                   lists:[LISTED], warnings:[]: new versions
 *  ctl.show         viewer         list, version, signers              TRUST LIST that is published, or was, with
 *                                                                      list_version
 *  ctl.holders      viewer         list, older, before (place), limit  list, version, rows:[{list, phone, version and
 *                                                                      seen or null, code: E-DEVICE-CTL-OLD or null,
 *                                                                      place}], more: phones without the newest (R16)
 *  ctl.seen         operator       phones:[name], list; fetches:       seen, ignored, not_here, unknown:[name], at most
 *                                  [[file, time]]                      20: phones named, or by the log of a server
 *  call.list        viewer         all, before (serial), limit         rows:[CALL], more, counts
 *  call.show        viewer         id (ours, or a SIP Call-ID)         CALL with events:[{at,state,security,text}]
 *  call.watch       viewer         on, all                             counts; then notifications "calls" and "event"
 *  event.list       viewer         limit, device                       rows:[EVENT], the newest first
 *  wizard.list      viewer         limit                               rows:[DRAFT without answers], the latest
 *                                                                      first
 *  wizard.start     operator       kind, type, phones:[name], name     DRAFT
 *  wizard.open      operator       id, take                            DRAFT; its changes are told from now on
 *  wizard.save      operator       id, rev, step, answers, accept      DRAFT
 *  wizard.show      viewer         id                                  DRAFT
 *  wizard.apply     administrator  id, rev, accept                     done:[{kind, name, what}], enabled,
 *                                                                      points, warnings; what is
 *                                                                      "uploaded|added|changed|same"
 *  wizard.drop      operator       id                                  {}
 *  view.list        viewer         list                                rows:[{list,name,owner,shared,updated,view}],
 *                                                                     own and shared ones; used: the name
 *                                                                     used last in that list, or null
 *  view.save        viewer         list, name, view:{}, shared         {list,name}; shared ones are
 *  view.rename      viewer         list, name, to, shared              operators' to change
 *  view.remove      viewer         list, name, shared
 *  view.use         viewer         list, name                          remembers it for this user
 *  audit.list       viewer         object (with kind), kind, who,      rows:[{seq,time,who,what,object,before,after,
 *                                  since (RFC 3339), before (seq),     accepted,act,undoes,hash}], the newest
 *                                  limit                               first; of an object also by earlier names
 *  draft.list       viewer         kind, name, act, limit              rows:[FORM without values], the latest first
 *  draft.open       operator       id, take (from another)             FORM
 *  draft.save       operator       kind, act, name, values, before,    FORM without values; secrets are never kept
 *                                  object_rev; id, rev of one kept
 *  draft.drop       operator       id                                  {}
 *  undo.peek        operator       -                                   act, entries, rows:[as in audit.list, at most
 *                                                                      20], warnings: what undo would undo, the
 *                                                                      latest first; nothing is changed
 *  undo             operator       act (as peeked), accept             the same, when it is undone
 *  backup.begin     administrator  passphrase, or certificate (PEM     bytes: how long it will be, when the backup is
 *                                  text, or DER in base64)             prepared; the moment was fixed before that
 *  backup.part      administrator  -                                   data (base64): the next of its parts; last
 *  backup.end       administrator  -                                   bytes; the site notes that it has a backup
 *  audit.verify     viewer         -                                   entries, ok, message, code (if not ok),
 *                                                                      anchor: the last entry that was dropped, or 0
 */
/* clang-format on */
/* What takes long is done beside the rest: answers come in the order in which they are ready, each
 * with the id of its request. One that is not wanted any more is ended by "cancel", or by closing
 * the connection: its own answer is then E-CANCELLED, unless it was ready. A connection may have
 * about 60 such questions under way; more are refused with E-BUSY.
 *
 * Types and certificates are changed by administrators only, by object.* too.
 *
 * Fields to sort and choose by are those of the kind, and "trusted" for phones and gateways.
 *
 * Notifications: "calls" {"changed":[CALL without events], "forgotten":[id], "counts":{live,
 * ringing, locked, shielded, open, ended}}: the first change at once, then at most 20 a second.
 * "event" {EVENT}: of a flood the newest. "site" {"mixed", "lists" (as of hello)}.
 *
 * OBJECT: its fields by name (booleans and integers as such, lists as arrays, secrets as true/false
 * "is set", what the catalogue does not know as null), "rev", and for phones and gateways
 * "trusted": true|false|null, "trust_message": "Device is trusted" | "Device is not trusted" (R42,
 * R45). In object.list of phones also "registered": the level proven at registration, or null; in
 * object.show of a phone also "registration": {"state", "transport", "address", "signaling",
 * "cipher", "certificate" (on file, that it is judged by), "server" (the fingerprint of the active
 * CallManager certificate, R12), "since", "expires"}, "denials": [EVENT], "type_info": OBJECT,
 * "profile_info": OBJECT, "capf": CAPF, "certificates": [OBJECT of those bound to it and of the
 * shared one of its profile], "enabled": {"ok", "points": [POINT]}, the end check (R94, R110), null
 * where certificates do not come on file; of a profile "type_info", "phones": how many use it; of a
 * type "features": [{name, label, value}].
 *
 * FORM: what was typed into a form and not saved: {"id", "rev", "kind" (of the object), "act":
 * "add|set|copy|upload", "name" (of the object; "" for a new one), "owner", "updated", "values":
 * {field: text}, "before": {field: text} as they were read, "object_rev"}. Notification "draft"
 * {"id", "what": "kept|taken|dropped", "by"} goes to all others.
 *
 * ITEM: what came of one of the names, in their order, which are at most RL_NAMES_MAX: {"done":
 * true, "warnings": [PROBLEM]} or {"done": false, "error": PROBLEM, "problems": [PROBLEM]}, the one
 * that decided and all there are. Each is a change of its own, whole or not at all; what is
 * answered as done is durable. PROBLEM: as in an error's "problems".
 *
 * CAPF, of a phone: {"phone", "operation": "none|install|delete|troubleshoot", that waits,
 * "status": "none|pending|success|failed", "of": the operation that it is of, "reason", or null,
 * "status_text" (profiles.md 5), "completes_by", "tries" (logins that failed), "locked_until",
 * "lsc", "mic": installed, null if the phone has not shown, "lsc_sent": fingerprint of an LSC that
 * was sent and not confirmed, "renew_at", "updated"}. Notification "capf" {}: some have changed, at
 * most once a second.
 *
 * POINT: {"id", "label", "ok", "value", "step", "code", "message", "remedy"}; "step" is that of the
 * wizard that makes it good.
 *
 * IMPACT: "list": "CTL|ITL" whose holders are counted, or null; "since": its first version with the
 * certificate that is used after the act, or null; "counts": {"phones", "lacking", "never_seen"};
 * "effects": [{"kind": "trust|files|register|enrol|ask", "phones", "lscs": they are those with an
 * LSC, "text"}], empty if nothing becomes of phones; "steps" of the safe order: [{"step", "id",
 * "state": "done|next|open", "left", "text", "command"}]; "phones": a page of those with an older
 * list ([{"name", "version": 0 if never seen, "seen"}]), or with lscs those with an LSC ([{"name",
 * "certificate"}]); "more", "last".
 *
 * OWN: a certificate of the server's own, by its role
 * "CallManager|CallManager-ECDSA|TFTP|CAPF|TVS|ITLRecovery": as in status, also "name": its role,
 * "state": "next|active|former|retired", "made", "since" (in this state).
 *
 * OBJECT of a certificate: also "state": "valid|expired|not-yet-valid", "days_left" (whole days to
 * the end, negative after it); in object.list also "profile", the first that shares it, or null; in
 * object.show also "pem", "chain": [{"name", "subject", "state"}] from its issuer up, "used_by":
 * [{"kind", "name"}]. It is found by its name, by its fingerprint, or by the first digits of that.
 * Administrators alone change certificates and types.
 *
 * TRUST LIST: {"file", "bytes", "name" (in its header), "version", "signer_version",
 * "header_bytes", "signer", "issuer", "serial", "hash": "SHA-1|SHA-512", "key_bits", "time",
 * "count", "records":
 * [{"number", "at" (byte), "bytes", "role", "subject", "issuer", "serial", "dns_name", "address",
 * "certificate_hash", "signs" (the signature is by it), "fingerprint", "key_type", "key_bits",
 * "not_before", "not_after"}], "more" (records than fit), "signature": "right|wrong", "verdict":
 * "accept|warn|reject", "problems": [PROBLEM], at most 100, "fingerprint" (of the signer), "known":
 * "given" (among the signers), "on-file" (one of the site's own), or null, "unknown": PROBLEM or
 * null}. What cannot be read whole is E-TRUST-FILE. Long texts are cut.
 *
 * LISTED: {"list": "CTL|ITL", "file", "published", "placed" (in the directory that servers read),
 * "stale", "version", "made", "records", "bytes", "hash", "signer_version", "fingerprint" (of the
 * signer), "problems": [PROBLEM: W-CTL-STALE, W-CTL-MISSING]}; of the phones "older" were seen with
 * an older version last, "unknown" never. "list" of a question is ctl or itl; ctl when left out.
 *
 * PUBLISHING, of the configuration files of phones: {"on", "busy", "due" (notes of changes), since
 * the engine began "looked" (at so many phones), "written" (they have new files), "removed",
 * "failed"; "problem": PROBLEM or null, "failed_at"}.
 *
 * EVENT: {"time", "event": "registered|unregistered|denied|wrong-password|closed|expiring",
 * "device", "number", "why", "transport", "address", "message"}.
 *
 * CALL: as in `ringlock call list --json` (design: id, sip_call_ids, state, security, icon,
 * started, ended, conference, parties, criteria, reasons), with further members: "serial",
 * "answered", "end_reason"; in a party "name", "kind", "profile", "transport", "address", "cipher",
 * "certificate" (on file, that it is judged by), "sig" (rl_sig_state as text), "protection" ("SRTP
 * SDES", "RTP, answered", ...), "other_plain" (it said SRTP itself, and the other side did not),
 * "icon" and "tone" (what its phone shows and plays); in a reason "rule" and "screen" (with
 * "object": the name that the screen opens; for E-CONFERENCE-MEMBER the id of the weakest member's
 * call, as "device" is its device).
 *
 * DRAFT, a wizard under way (R93): {"id", "rev", "kind": "per-device|shared", "name", "owner",
 * "holder" (who has it open, or null), "step" (the open one), "updated", "type", "answers":
 * {"profile.name": text, ..., "certificate": {"file", "data"}, "phones": [{"name", "file", "data",
 * "lines", ...}]}, "steps": [{"id", "state": "open|ok|problem|again", "problems": [PROBLEM, with
 * "step", and "phone" where it is of one]}], "certificate": OBJECT read from the file, or null,
 * "phones": [{"name", "there", "will" (its fields after it, or null), "certificate",
 * "problems"}], "profiles": [name], "instructions": [text], "review": [{"kind", "name", "now",
 * "after", "step"}], "points": [POINT], "enabled": all points hold, "warnings": [PROBLEM],
 * "refusal": PROBLEM that applying it now would end in, or null}. In answers "data" is told back as
 * true: what was sent stays with the engine. Keys of an answer that are left out stay, null takes
 * one back. A step is "open" until it was gone through, "again" if an answer that it rests on
 * changed since; after the last one the open step is "check". POINT: {"id", "label", "ok", "value",
 * "step", "code", "message", "remedy"}. Notification "wizard" {"id", "rev", "step", "by", "what":
 * "opened|saved|taken|applied|dropped"} to everybody else who has the draft open.
 */
#ifndef RINGLOCK_PROTOCOL_H
#define RINGLOCK_PROTOCOL_H

enum {
    RL_PROTOCOL_VERSION = 1,
    RL_LINE_MAX = 1 << 20, /* bytes of one message, the line feed included */
    RL_NAMES_MAX = 250,    /* of one object.set_many: long lists travel in parts */
    RL_UNDO_MAX = 10100,   /* entries that one act may have and still be undone */
    /* of files that travel in one message, whatever has to be escaped in it */
    RL_PACK_BYTES = 150000,
    RL_CERT_BYTES = 150000,
    RL_SIGNATURE_BYTES = 64000,
    RL_TRUST_BYTES = 400000, /* of a trust list */
    RL_SIGNER_BYTES = 30000, /* of each file of certificates that goes with it */
    RL_SIGNERS_MAX = 8
};

enum rl_role { RL_ROLE_NONE, RL_ROLE_VIEWER, RL_ROLE_OPERATOR, RL_ROLE_ADMINISTRATOR };
extern const char *const rl_role_names[]; /* "none", "viewer", ... */

#define RL_SOCKET_NAME \
    "ringlock.sock" /* in the site directory, unless [control] socket names another */
#define RL_RELEASE "0.1.0"

#endif
