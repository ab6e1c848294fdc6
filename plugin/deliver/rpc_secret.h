/* SPDX-License-Identifier: MIT */
/*
 * rpc_secret.h - the token that aria2 wants before each call
 */
#ifndef CTM_RPC_SECRET_H
#define CTM_RPC_SECRET_H

#include "errors.h"

#define CTM_RPC_SECRET_MAX 1024 /* bytes of the secret */
#define CTM_RPC_TOKEN_SIZE (sizeof "token:" + CTM_RPC_SECRET_MAX)

/*
 * "token:" and the first line of `path`, without the white space at its end; wiped by the caller. A
 * regular file (a link to one will do) that others can neither read nor write. 0; negative errno
 * in *e, which names the file and never its content: -EPERM open to others, -EINVAL not a regular
 * file or no such line, others from opening it.
 */
int ctm_rpc_secret_read(const char *path, char ret_token[CTM_RPC_TOKEN_SIZE], struct ctm_error *e);

#endif
