/* SPDX-License-Identifier: MIT */
#include "answers.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "slurp.h"
#include "words.h"

static struct {
	pthread_mutex_t lock;
	const char *path;
	struct stat seen; /* the file as it was read last */
	char *text;
	const char *next; /* the line for the next request */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

void answers_init(const char *path)
{
	state.path = path;
}

static bool is_changed(const struct stat *now)
{
	const struct stat *seen = &state.seen;

	return !state.text || now->st_ino != seen->st_ino || now->st_size != seen->st_size ||
	       now->st_mtim.tv_sec != seen->st_mtim.tv_sec ||
	       now->st_mtim.tv_nsec != seen->st_mtim.tv_nsec;
}

static void refresh(void)
{
	struct stat now;
	char *text;

	if (!state.path || stat(state.path, &now) < 0 || !is_changed(&now))
		return;
	text = slurp(state.path);
	if (!text) {
		fprintf(stderr, "ctm-endpoint: \"%s\": %s\n", state.path, strerror(errno));
		return;
	}
	free(state.text);
	state.text = text;
	state.next = text;
	state.seen = now;
}

/* The line for this request; moves on unless it is the last. */
static char *take_line(void)
{
	const char *line = state.next ? state.next : "";
	const size_t len = strcspn(line, "\n");

	if (line[len] && line[len + 1])
		state.next = line + len + 1;
	return len ? strndup(line, len) : strdup("-");
}

static bool parse_number(const char *s, unsigned max, unsigned *ret_number)
{
	char *end;
	const unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || n > max)
		return false;
	*ret_number = (unsigned)n;
	return true;
}

static bool take_header(struct answer *a, char *value)
{
	char *colon = strchr(value, ':');

	if (!colon || colon == value || a->n_headers == ANSWER_HEADERS_MAX)
		return false;
	*colon = '\0';
	a->headers[a->n_headers].name = value;
	a->headers[a->n_headers++].value = colon + 1 + strspn(colon + 1, " ");
	return true;
}

static bool take_body(struct answer *a, char *value)
{
	a->body = value;
	return true;
}

static bool take_delay(struct answer *a, char *value)
{
	return parse_number(value, 600000, &a->delay_ms);
}

static bool take_endless(struct answer *a, char *value)
{
	(void)value;
	return a->endless = true;
}

static bool take_cut(struct answer *a, char *value)
{
	(void)value;
	return a->cut = true;
}

static bool take_cut_before(struct answer *a, char *value)
{
	(void)value;
	return a->cut_before = true;
}

static const struct {
	const char *name; /* ends in '=' where a value follows */
	bool (*take)(struct answer *a, char *value);
} directives[] = {
	{"header=", take_header},
	{"body=", take_body},
	{"delay=", take_delay},
	{"endless", take_endless},
	{"cut", take_cut},
	{"cut-before", take_cut_before},
};

static bool take_word(struct answer *a, char *word)
{
	for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
		const char *name = directives[i].name;
		const size_t len = strlen(name);

		if (name[len - 1] == '=' ? strncmp(word, name, len) == 0 : strcmp(word, name) == 0)
			return directives[i].take(a, word + len);
	}
	if (strcmp(word, "-") == 0)
		return true;
	return parse_number(word, 599, &a->status) && a->status >= 200;
}

static void parse(struct answer *a)
{
	char *rest = a->copy;
	char *word;

	while ((word = word_next(&rest))) {
		if (take_word(a, word))
			continue;
		fprintf(stderr, "ctm-endpoint: \"%s\" in an answer is not understood\n", word);
		a->status = 500;
		a->body = "ctm-endpoint: this answer is not understood\n";
		return;
	}
}

void answers_next(struct answer *ret_answer)
{
	*ret_answer = (struct answer){.status = 200, .body = ""};
	pthread_mutex_lock(&state.lock);
	refresh();
	ret_answer->line = take_line();
	pthread_mutex_unlock(&state.lock);
	ret_answer->copy = ret_answer->line ? strdup(ret_answer->line) : NULL;
	if (ret_answer->copy)
		parse(ret_answer);
}

void answer_done(struct answer *answer)
{
	free(answer->line);
	free(answer->copy);
}
