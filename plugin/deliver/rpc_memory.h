/* SPDX-License-Identifier: MIT */
/*
 * rpc_memory.h - the memory of jansson, in programs that ask aria2
 *
 * jansson makes copies of the token that is in a request, and where a text of an answer cannot grow
 * it may leave out a part of it and say nothing: a path, say, that is then another one.
 */
#ifndef CTM_RPC_MEMORY_H
#define CTM_RPC_MEMORY_H

/*
 * From now on what jansson lets go is wiped, and what it could not get is counted. For a program,
 * not a library: this is one setting for all of a process. Before any thread.
 */
void ctm_rpc_memory_watch(void);

/* How often there was none for it so far; 0 where nobody watches. From any thread. */
unsigned ctm_rpc_memory_failures(void);

#endif
