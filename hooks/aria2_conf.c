/* SPDX-License-Identifier: MIT */
#include "aria2_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

#define CONF_LIMIT ((size_t)1 << 22)
#define BLANKS " \t\r\n"
#define BOM "\xef\xbb\xbf"

/* Without the blanks at both ends. NULL: no memory. */
static char *strip(const char *s, size_t len)
{
	while (len && strchr(BLANKS, s[0])) {
		s++;
		len--;
	}
	while (len && strchr(BLANKS, s[len - 1]))
		len--;
	return strndup(s, len);
}

static int add(struct ctm_aria2_conf *conf, char *name, char *value, unsigned line)
{
	struct ctm_aria2_option *options = conf->options;

	if (name && value && conf->n == conf->cap) {
		const size_t cap = conf->cap ? conf->cap * 2 : 32;

		options = reallocarray(conf->options, cap, sizeof *options);
		if (options) {
			conf->options = options;
			conf->cap = cap;
		}
	}
	if (!name || !value || !options) {
		free(name);
		free(value);
		return -ENOMEM;
	}
	conf->options[conf->n++] =
		(struct ctm_aria2_option){.name = name, .value = value, .line = line};
	return 0;
}

int ctm_aria2_conf_add(struct ctm_aria2_conf *conf, const char *name, const char *value)
{
	return add(conf, strdup(name), strdup(value), 0);
}

static int add_line(struct ctm_aria2_conf *conf, const char *s, size_t len, unsigned line)
{
	const char *equals = memchr(s, '=', len);
	const size_t name_len = equals ? (size_t)(equals - s) : len;
	const char *value = equals ? equals + 1 : s + len;

	if (!len || s[0] == '#' || strspn(s, BLANKS) >= name_len)
		return 0;
	return add(conf, strip(s, name_len), strip(value, (size_t)(s + len - value)), line);
}

int ctm_aria2_conf_read(const char *file, struct ctm_aria2_conf *conf)
{
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(CONF_LIMIT);
	CTM_CLEANUP_FD int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	unsigned line = 1;
	int r;

	*conf = (struct ctm_aria2_conf){0};
	if (fd < 0)
		return -errno;
	r = ctm_files_read(fd, &text);
	if (r == 0 && text.len)
		conf->begins_with_bom = strncmp(text.data, BOM, 3) == 0;
	for (size_t i = 0; r == 0 && i < text.len; line++) {
		const char *newline = memchr(text.data + i, '\n', text.len - i);
		const size_t len = newline ? (size_t)(newline - text.data) - i : text.len - i;

		r = add_line(conf, text.data + i, len, line);
		i += len + 1;
	}
	return r;
}

void ctm_aria2_conf_done(struct ctm_aria2_conf *conf)
{
	for (size_t i = 0; i < conf->n; i++) {
		free(conf->options[i].name);
		free(conf->options[i].value);
	}
	free(conf->options);
	*conf = (struct ctm_aria2_conf){0};
}

const struct ctm_aria2_option *ctm_aria2_conf_find(
	const struct ctm_aria2_conf *conf, const char *name)
{
	for (size_t i = conf->n; i-- > 0;)
		if (strcmp(conf->options[i].name, name) == 0)
			return &conf->options[i];
	return NULL;
}

const char *ctm_aria2_conf_value(
	const struct ctm_aria2_conf *conf, const char *name, const char *fallback)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(conf, name);

	return option ? option->value : fallback;
}

bool ctm_aria2_conf_bool(const struct ctm_aria2_conf *conf, const char *name, bool fallback)
{
	const char *value = ctm_aria2_conf_value(conf, name, NULL);

	return value ? !value[0] || strcmp(value, "true") == 0 : fallback;
}
