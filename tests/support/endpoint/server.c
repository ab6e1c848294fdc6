/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>

#include "answers.h"
#include "record.h"
#include "slurp.h"

#define BODY_BYTES_MAX (16u << 20)

struct server {
	struct MHD_Daemon *daemon;
	bool tls;
	char *cert;
	char *key;
	char *client_ca;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopping;
	atomic_bool started;
};

/* A request while it comes in. */
struct request {
	bool begun;
	char *path;
	char *body;
	size_t body_len;
};

static void *on_uri(void *user, const char *uri, struct MHD_Connection *connection)
{
	struct request *r = calloc(1, sizeof *r);

	(void)user;
	(void)connection;
	if (r)
		r->path = strdup(uri);
	return r;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode code)
{
	struct request *r = *request;

	(void)user;
	(void)connection;
	(void)code;
	if (!r)
		return;
	free(r->path);
	free(r->body);
	free(r);
	*request = NULL;
}

static enum MHD_Result add_body(struct request *r, const char *data, size_t len)
{
	char *longer;

	if (len > BODY_BYTES_MAX - r->body_len)
		return MHD_NO;
	longer = realloc(r->body, r->body_len + len);
	if (!longer)
		return MHD_NO;
	memcpy(longer + r->body_len, data, len);
	r->body = longer;
	r->body_len += len;
	return MHD_YES;
}

static enum MHD_Result on_header(
	void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	record_add_header(user, name, value);
	return MHD_YES;
}

/* The subject of a certificate that the authority signed; NULL where there is none. */
static char *client_subject(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	const gnutls_datum_t *chain;
	gnutls_datum_t text = {NULL, 0};
	gnutls_x509_crt_t crt;
	unsigned status = 0;
	unsigned n = 0;
	char *subject = NULL;

	chain = session ? gnutls_certificate_get_peers(session, &n) : NULL;
	if (!chain || !n || gnutls_certificate_verify_peers2(session, &status) < 0 || status)
		return NULL;
	if (gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	if (gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
		gnutls_x509_crt_get_dn3(crt, &text, 0) == 0)
		subject = strndup((const char *)text.data, text.size);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(crt);
	return subject;
}

/* Sleeps, but not beyond the end of the server. */
static void delay(struct server *s, unsigned ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&s->lock);
	while (!s->stopping && pthread_cond_timedwait(&s->stop, &s->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&s->lock);
}

static ssize_t on_endless(void *user, uint64_t position, char *buffer, size_t max)
{
	struct server *s = user;
	bool stopping;

	(void)position;
	pthread_mutex_lock(&s->lock);
	stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	if (stopping)
		return MHD_CONTENT_READER_END_OF_STREAM;
	memset(buffer, '.', max);
	return (ssize_t)max;
}

static struct MHD_Response *make_response(struct server *s, const struct answer *a)
{
	struct MHD_Response *response;

	if (a->endless)
		response = MHD_create_response_from_callback(
			MHD_SIZE_UNKNOWN, 4096, on_endless, s, NULL);
	else
		response = MHD_create_response_from_buffer(
			strlen(a->body), (void *)(uintptr_t)a->body, MHD_RESPMEM_MUST_COPY);
	for (size_t i = 0; response && i < a->n_headers; i++)
		MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
	return response;
}

static enum MHD_Result send_answer(
	struct server *s, struct MHD_Connection *connection, const struct answer *a)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (a->delay_ms)
		delay(s, a->delay_ms);
	if (a->cut)
		return MHD_NO;
	response = make_response(s, a);
	if (!response)
		return MHD_NO;
	result = MHD_queue_response(connection, a->status, response);
	MHD_destroy_response(response);
	return result;
}

static int write_record(const struct server *s, struct MHD_Connection *connection,
	const char *method, const struct request *r, const char *subject, const struct answer *a)
{
	struct record record = {
		.method = method,
		.path = r->path ? r->path : "",
		.headers = json_object(),
		.body = r->body ? r->body : "",
		.body_len = r->body_len,
		.tls = s->tls,
		.client_cert = subject,
		.answer = a->line ? a->line : "-",
	};
	int result;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, record.headers);
	result = record_write(&record);
	json_decref(record.headers);
	return result;
}

/* What can't be recorded is not answered: a test must not see a request that left no trace. */
static enum MHD_Result finish(struct server *s, struct MHD_Connection *connection,
	const char *method, const struct request *r)
{
	char *subject = s->client_ca ? client_subject(connection) : NULL;
	enum MHD_Result result = MHD_NO;
	struct answer a;

	answers_next(&a);
	if (s->client_ca && !subject) {
		a.status = 403;
		a.body = "a client certificate is needed\n";
	}
	if (!a.cut_before && write_record(s, connection, method, r, subject, &a) == 0)
		result = send_answer(s, connection, &a);
	answer_done(&a);
	free(subject);
	return result;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len,
	void **request)
{
	struct request *r = *request;
	enum MHD_Result result;

	(void)url;
	(void)version;
	if (!r)
		return MHD_NO;
	/* The first call comes with the headers, the last one after the body. */
	if (!r->begun) {
		r->begun = true;
		return MHD_YES;
	}
	if (*upload_len) {
		result = add_body(r, upload, *upload_len);
		*upload_len = 0;
		return result;
	}
	return finish(user, connection, method, r);
}

static bool read_pem(const char *path, char **ret_text)
{
	if (!path)
		return true;
	*ret_text = slurp(path);
	if (!*ret_text)
		fprintf(stderr, "ctm-endpoint: \"%s\": %s\n", path, strerror(errno));
	return *ret_text != NULL;
}

/* While it starts, what libmicrohttpd says matters; later it only says what was cut on purpose. */
__attribute__((format(printf, 2, 0))) static void on_log(
	void *user, const char *format, va_list args)
{
	struct server *s = user;

	if (atomic_load(&s->started))
		return;
	fputs("ctm-endpoint: ", stderr);
	vfprintf(stderr, format, args);
}

static bool start_daemon(struct server *s, int listen_fd)
{
	const struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, s->key},
		{s->client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, s->client_ca},
		{MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	/* A thread a connection, so that one that waits for its delay holds up no other. */
	const unsigned flags = MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD |
			       MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC | MHD_USE_ERROR_LOG |
			       (s->tls ? MHD_USE_TLS : 0u);

	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, s, MHD_OPTION_LISTEN_SOCKET, listen_fd,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, 1000u, MHD_OPTION_ARRAY,
		s->tls ? tls : none, MHD_OPTION_END);
	if (!s->daemon)
		fputs("ctm-endpoint: the server can't be started\n", stderr);
	atomic_store(&s->started, true);
	return s->daemon != NULL;
}

static void server_free(struct server *s)
{
	free(s->cert);
	free(s->key);
	free(s->client_ca);
	pthread_cond_destroy(&s->stop);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct server *server_start(const struct options *options, int listen_fd)
{
	struct server *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->stop, NULL);
	s->tls = options->tls_cert != NULL;
	if (read_pem(options->tls_cert, &s->cert) && read_pem(options->tls_key, &s->key) &&
		read_pem(options->client_ca, &s->client_ca) && start_daemon(s, listen_fd))
		return s;
	server_free(s);
	return NULL;
}

void server_stop(struct server *server)
{
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_cond_broadcast(&server->stop);
	pthread_mutex_unlock(&server->lock);
	MHD_stop_daemon(server->daemon);
	server_free(server);
}
