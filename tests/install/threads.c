/* SPDX-License-Identifier: MIT */
/*
 * A host with threads that all report and notify at once, while another one forks:
 * threads DIRECTORY THREADS EVENTS NOTIFICATIONS. The n-th event of thread t is that
 * DIRECTORY/t-n is complete. Exit status: 0 every event was recorded and every word taken.
 */
#include <aria2ctm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_LIMIT 64
#define CHILDREN 60

static const char *directory;
static int events;
static int notifications;
static atomic_int failures;
static atomic_bool over;

struct worker {
	pthread_t thread;
	int number;
};

static void report(int worker, int n)
{
	char path[4096];
	struct aria2ctm_error error = {.size = sizeof error};
	const struct aria2ctm_event event = {
		.size = sizeof event,
		.type = ARIA2CTM_DOWNLOAD_COMPLETE,
		.gid = (uint64_t)worker << 32 | (uint64_t)n | 1u << 31,
		.n_files = 1,
		.path = path,
	};

	snprintf(path, sizeof path, "%s/%d-%d", directory, worker, n);
	if (aria2ctm_event(&event, &error) == 0)
		return;
	atomic_fetch_add(&failures, 1);
	fprintf(stderr, "%s: %s\n", path, error.text);
}

static void notify(int worker, int n)
{
	char id[64];
	int32_t r;

	snprintf(id, sizeof id, "{%08X-0000-4000-8000-%012X}", (unsigned)worker, (unsigned)n);
	r = aria2ctm_send_notify_success("ctm", id, "", "1", "1", 1, 1);
	if (r == 0)
		return;
	atomic_fetch_add(&failures, 1);
	fprintf(stderr, "%s: %08X\n", id, (unsigned)r);
}

static void *work(void *context)
{
	const struct worker *worker = context;
	const int pace = notifications ? events / notifications : events + 1;

	for (int i = 0; i < events; i++) {
		report(worker->number, i);
		if (i % pace == 0 && i / pace < notifications)
			notify(worker->number, i / pace);
	}
	return NULL;
}

/*
 * Children that have the descriptors of whatever call was under way, for as long as the threads
 * work: a lock that was let go by closing alone would stay with one of them.
 */
static void *fork_on(void *context)
{
	pid_t children[CHILDREN];
	int n = 0;

	(void)context;
	while (!atomic_load(&over)) {
		if (n < CHILDREN && (children[n] = fork()) == 0) {
			pause();
			_exit(0);
		}
		n += n < CHILDREN && children[n] > 0;
		nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
	}
	while (n > 0) {
		kill(children[--n], SIGKILL);
		waitpid(children[n], NULL, 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker workers[THREADS_LIMIT];
	pthread_t forker;
	int n;

	if (argc != 5 || (n = atoi(argv[2])) < 1 || n > THREADS_LIMIT)
		return 2;
	directory = argv[1];
	events = atoi(argv[3]);
	notifications = atoi(argv[4]);
	if (pthread_create(&forker, NULL, fork_on, NULL) != 0)
		return 2;
	for (int i = 0; i < n; i++) {
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return 2;
	}
	for (int i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	atomic_store(&over, true);
	pthread_join(forker, NULL);
	return atomic_load(&failures) != 0;
}
