/* SPDX-License-Identifier: MIT */
/*
 * local.h - whether a URL leads to this machine itself
 */
#ifndef CTM_HTTP_LOCAL_H
#define CTM_HTTP_LOCAL_H

/*
 * 1 if its host is localhost, a name below it, or a loopback or unspecified address; 0 if not, or
 * if it is no URL; -ENOMEM. Nothing is resolved.
 */
int ctm_local_is_url(const char *url);

#endif
