/* SPDX-License-Identifier: MIT */
/*
 * multi URL BODY N AT_ONCE - posts the file BODY to URL N times, AT_ONCE at a time
 *
 * A plain libcurl multi loop as its manual shows it, on connections that are kept: the floor of
 * delivering N messages. Each request has a ce-id of its own (multi/1 …), by which the receiver can
 * count. Status 1 if a request failed or was answered with anything but a 2xx.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#define BODY_LIMIT 65536

struct loop {
	CURLM *multi;
	const char *url;
	char body[BODY_LIMIT];
	size_t len;
	unsigned long begun;
	unsigned long wanted;
	unsigned long failed;
};

/* A handle with the headers of its request, which live as long as that. */
struct request {
	CURL *easy;
	struct curl_slist *headers;
};

static size_t ignore(char *data, size_t size, size_t n, void *context)
{
	(void)data;
	(void)context;
	return size * n;
}

static bool begin(struct loop *l, struct request *r)
{
	char id[64];

	if (l->begun == l->wanted)
		return false;
	snprintf(id, sizeof id, "ce-id: multi/%lu", ++l->begun);
	curl_slist_free_all(r->headers);
	r->headers = curl_slist_append(NULL, "Content-Type: application/json");
	r->headers = curl_slist_append(r->headers, id);
	if (!r->easy)
		r->easy = curl_easy_init();
	curl_easy_setopt(r->easy, CURLOPT_URL, l->url);
	curl_easy_setopt(r->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, l->body);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE, (long)l->len);
	curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(r->easy, CURLOPT_PRIVATE, (char *)r);
	return curl_multi_add_handle(l->multi, r->easy) == CURLM_OK;
}

/* Takes what has ended, and begins another in the place of each; whether any was begun. */
static bool take(struct loop *l)
{
	bool began = false;
	CURLMsg *message;
	int more;

	while ((message = curl_multi_info_read(l->multi, &more))) {
		struct request *r = NULL;
		long status = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&r);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		l->failed += message->data.result != CURLE_OK || status / 100 != 2;
		curl_multi_remove_handle(l->multi, r->easy);
		began |= begin(l, r);
	}
	return began;
}

static bool read_body(struct loop *l, const char *name)
{
	FILE *f = fopen(name, "rbe");

	if (!f)
		return false;
	l->len = fread(l->body, 1, sizeof l->body, f);
	fclose(f);
	return l->len > 0;
}

static void run(struct loop *l, struct request *requests, size_t n)
{
	int running = 0;

	for (size_t i = 0; i < n; i++)
		begin(l, &requests[i]);
	while (curl_multi_perform(l->multi, &running) == CURLM_OK) {
		if (take(l))
			continue;
		if (!running || curl_multi_poll(l->multi, NULL, 0, 1000, NULL) != CURLM_OK)
			break;
	}
}

int main(int argc, char **argv)
{
	static struct loop loop;
	const size_t at_once = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	struct request *requests = calloc(at_once ? at_once : 1, sizeof *requests);

	if (!at_once || !requests || !read_body(&loop, argv[2])) {
		fputs("usage: multi URL BODY N AT_ONCE\n", stderr);
		return 2;
	}
	loop.url = argv[1];
	loop.wanted = strtoul(argv[3], NULL, 10);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	loop.multi = curl_multi_init();
	run(&loop, requests, at_once);
	for (size_t i = 0; i < at_once; i++) {
		curl_easy_cleanup(requests[i].easy);
		curl_slist_free_all(requests[i].headers);
	}
	curl_multi_cleanup(loop.multi);
	curl_global_cleanup();
	free(requests);
	if (loop.failed || loop.begun != loop.wanted)
		fprintf(stderr, "multi: %lu of %lu failed, %lu begun\n", loop.failed, loop.wanted,
			loop.begun);
	return loop.failed || loop.begun != loop.wanted;
}
