/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "few_descriptors.h"
#include "hresult.h"
#include "sides.h"
#include "threads.h"
#include "world.h"

TestSuite(verify, .init = world_init, .fini = world_done, .timeout = 60);

static struct ctm_queue queue;
static struct ctm_verifier *verifier;

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_queue_load(txn, &queue);
}

/* A listed job of one file that aria2 says is there; it is if `text` is not NULL. */
static uint32_t add(unsigned id, const char *text)
{
	char name[32];
	char path[64];
	const struct world_file file = {.name = name};
	uint32_t job;

	snprintf(name, sizeof name, "file-%u", id);
	snprintf(path, sizeof path, "dl/file-%u", id);
	job = world_add_listed(id, &file, 1);
	if (text)
		scratch_write(path, text);
	cr_assert_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, name), 1);
	return job;
}

static void begin(void)
{
	queue = (struct ctm_queue){.config = world.config};
	cr_assert_eq(ctm_verifier_new(world.state, &queue, &verifier), 0);
	world_update(load_body, NULL);
}

static void start(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_verifier_start(verifier, &e), 0, "%s", e.text);
}

/* Waits for looks until none is under way. */
static void finish(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	while (ctm_queue_busy(&queue)) {
		struct pollfd p = {.fd = ctm_verifier_fd(verifier), .events = POLLIN};

		cr_assert_eq(poll(&p, 1, 30000), 1);
		cr_assert_eq(ctm_verifier_collect(verifier, NULL, &e), 0, "%s", e.text);
	}
}

static void end(void)
{
	ctm_verifier_free(verifier);
	ctm_queue_done(&queue);
}

Test(verify, right_and_wrong)
{
	uint32_t right = add(1, "12345");
	uint32_t wrong = add(2, NULL);

	sides_set_timeout(wrong, 3600);
	begin();
	cr_expect(ctm_verifier_has_room(verifier));
	start();
	cr_expect_eq(ctm_queue_busy(&queue), 2);
	cr_expect_not(ctm_verifier_has_room(verifier), "two at a time");
	finish();
	cr_expect_eq(world_job(right).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(right).bytes_total, 5);
	cr_expect_eq(world_job(wrong).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(wrong).source);
	cr_expect(ctm_verifier_has_room(verifier));
	end();
}

/* A job whose file is there, of a sidecar that is there too, at *ret_path. */
static uint32_t add_with_sidecar(const char **ret_path)
{
	struct ctm_sidecar *sidecar = sides_listed(7, "seven", 1, (const char *[]){"a"});
	const uint32_t job = sides_register(sidecar, false).job;

	scratch_write("dl/a", "12345");
	*ret_path = sidecar->file;
	cr_assert_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a"), 1);
	return job;
}

/* Collects what is done, once. */
static void collect(void)
{
	struct pollfd p = {.fd = ctm_verifier_fd(verifier), .events = POLLIN};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(poll(&p, 1, 30000), 1);
	cr_assert_eq(ctm_verifier_collect(verifier, NULL, &e), 0, "%s", e.text);
}

/* Its sidecar is read before its success is said; once, or one that is always touched had no end.
 */
Test(verify, sidecar_has_changed)
{
	struct ctm_error e = CTM_ERROR_INIT;
	const char *path;
	const uint32_t job = add_with_sidecar(&path);

	begin();
	scratch_write("state/jobs/seven.ctm.ini", "[job]\n# touched\n");
	start();
	collect();
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(ctm_verifier_wants_scan(verifier));
	cr_expect(world.state->work, "nothing else wakes the deliverer");
	/* A step that fails reads nothing. */
	cr_assert_eq(ctm_verifier_collect(verifier, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	ctm_verifier_note_scan(verifier);
	cr_expect_not(ctm_verifier_wants_scan(verifier));
	scratch_write("state/jobs/seven.ctm.ini", "[job]\n# touched again\n");
	cr_assert_eq(ctm_verifier_collect(verifier, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_not(ctm_verifier_wants_scan(verifier));
	end();
}

static int not_whole_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_sidecar_record record;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_sidecar_get(txn, context, &record), 0);
	record.fate = CTM_FATE_NOT_WHOLE;
	r = ctm_store_sidecar_put(txn, &record);
	ctm_sidecar_record_done(&record);
	return r;
}

static int old_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_sidecar_record record;
	struct ctm_job job;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, 1, &job), 0);
	cr_assert_eq(ctm_store_sidecar_get(txn, context, &record), 0);
	record.mtime_ns -= UINT64_C(61000000000);
	r = ctm_store_sidecar_put(txn, &record);
	ctm_sidecar_record_done(&record);
	job.look_delay_ms = 0;
	return r < 0 ? r : ctm_store_job_put(txn, &job);
}

/* Half of it may be another list. */
Test(verify, sidecar_is_being_written)
{
	const char *path;
	const uint32_t job = add_with_sidecar(&path);
	struct stat st;

	world_update(not_whole_body, (void *)(uintptr_t)path);
	begin();
	start();
	finish();
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(job).cause, CTM_E_BUSY);
	cr_expect_eq(world_job(job).looks, 1, "it is looked at again later");
	cr_expect_null(world_message(job).source);
	end();
	/* It stays half: a minute later what was read before counts. */
	cr_assert_eq(stat(path, &st), 0);
	st.st_mtim.tv_sec -= 61;
	cr_assert_eq(utimensat(AT_FDCWD, path, (struct timespec[]){st.st_atim, st.st_mtim}, 0), 0);
	world_update(old_body, (void *)(uintptr_t)path);
	begin();
	start();
	finish();
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	end();
}

/* The job's time has been over for so long. */
static void be_over(uint32_t job, uint64_t since_ms)
{
	struct ctm_job changed = world_job(job);

	changed.timeout_s = 60;
	changed.age_ms = 60000 + since_ms;
	sides_put_job(&changed);
}

static void look_short_of_descriptors(void)
{
	const struct rlimit limit = few_descriptors(1);
	struct pollfd done = {.fd = ctm_verifier_fd(verifier), .events = POLLIN};

	start();
	cr_assert_eq(poll(&done, 1, 30000), 1);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	finish();
}

/* A look that descriptors were short for can't tell, also where the job's time is over. */
Test(verify, short_of_descriptors)
{
	uint32_t job = add(1, "12345");

	be_over(job, 3500000);
	begin();
	look_short_of_descriptors();
	cr_expect_eq(ctm_verifier_short_of(verifier), -EMFILE);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(job).cause, CTM_E_OUTOFMEMORY, "0x%08X", world_job(job).cause);
	world_update(load_body, NULL);
	start();
	cr_expect_eq(ctm_queue_busy(&queue), 0, "not at once");
	queue.short_before_ms = ctm_clock_boot_ms() + 1;
	world_update(load_body, NULL);
	start();
	cr_expect_eq(ctm_queue_busy(&queue), 1, "but by a flush that began since");
	finish();
	cr_expect_eq(ctm_verifier_short_of(verifier), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_job(job).cause, 0, "it was never the job's");
	end();
}

/* But a job does not wait for ever for one that can. */
Test(verify, short_for_an_hour)
{
	uint32_t job = add(1, "12345");

	be_over(job, 3600001);
	begin();
	look_short_of_descriptors();
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_not_null(strstr(world_message(job).error_message, "Too many open files"), "%s",
		world_message(job).error_message);
	end();
}

/* So long a list memory is there for; 0: for any. */
static size_t longest_list;

void *reallocarray(void *list, size_t n, size_t size)
{
	if (longest_list && n > longest_list) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(list, n * size);
}

/* A job of more files than there is memory for. */
static uint32_t add_large(unsigned id)
{
	static char names[40][16];
	struct world_file files[40] = {0};
	uint32_t job;

	for (unsigned i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "large-%u", i);
		files[i].name = names[i];
	}
	job = world_add_listed(id, files, 40);
	for (unsigned i = 0; i < 40; i++) {
		char path[32];

		snprintf(path, sizeof path, "dl/%s", names[i]);
		scratch_write(path, "x");
		cr_assert_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, names[i]), 1);
	}
	return job;
}

/* It is looked at again, and the others are meanwhile. */
Test(verify, too_large_for_memory)
{
	uint32_t large = add_large(1);
	uint32_t small = add(2, "12345");

	be_over(large, 3500000);
	begin();
	longest_list = 32;
	world.state->work = false;
	start();
	longest_list = 0;
	cr_expect_eq(world_job(large).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(large).cause, CTM_E_OUTOFMEMORY, "0x%08X", world_job(large).cause);
	cr_expect(world.state->work, "the list is to be read again");
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_VERIFY, large));
	finish();
	cr_expect_eq(world_job(small).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(ctm_verifier_short_of(verifier), -ENOMEM);
	queue.short_before_ms = ctm_clock_boot_ms() + 1;
	world_update(load_body, NULL);
	start();
	finish();
	cr_expect_eq(world_job(large).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(ctm_verifier_short_of(verifier), 0);
	end();
}

Test(verify, too_large_for_an_hour)
{
	uint32_t job = add_large(1);

	be_over(job, 3600001);
	begin();
	longest_list = 32;
	start();
	longest_list = 0;
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_not_null(strstr(world_message(job).error_message, "no memory"), "%s",
		world_message(job).error_message);
	end();
}

/* Without a timeout the job does not wait for another try. */
Test(verify, wrong_for_good)
{
	uint32_t job = add(1, NULL);

	begin();
	start();
	finish();
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(job).kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(world_message(job).error_code, CTM_E_FILE_NOT_FOUND);
	cr_expect_not_null(strstr(world_message(job).error_message, "file-1"), "%s",
		world_message(job).error_message);
	end();
}

Test(verify, more_than_there_is_room_for)
{
	uint32_t jobs[5];

	for (unsigned i = 0; i < 5; i++)
		jobs[i] = add(i + 1, "x");
	begin();
	for (int rounds = 0; rounds < 5; rounds++) {
		start();
		cr_expect_leq(ctm_queue_busy(&queue), 2);
		finish();
		world_update(load_body, NULL);
	}
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(world_job(jobs[i]).state, CTM_JOB_SUCCEEDED, "job %u", i);
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	end();
}

/* It is no longer to be verified: nothing is started, and the list forgets it. */
Test(verify, changed_meanwhile)
{
	uint32_t job = add(1, "x");

	begin();
	world_withdraw(job, 1);
	start();
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_VERIFY, job));
	end();
}

/* A deliverer that ends waits for its looks, and drops what they found. */
Test(verify, freed_while_looking)
{
	uint32_t job = add(1, "x");

	begin();
	start();
	end();
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	ctm_verifier_free(NULL);
}

/* A disk that is dead for every thread but the first, and a clock that is ahead. */
static atomic_bool dead;
static atomic_int hanging;
static atomic_long ahead_s;

/* The next sync fails; the kernel says it once. */
static atomic_bool failing;

int fsync(int fd)
{
	if (gettid() != getpid()) {
		hanging++;
		while (dead)
			usleep(1000);
	}
	if (atomic_exchange(&failing, false)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	const int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_BOOTTIME)
		t->tv_sec += ahead_s;
	return r;
}

static void wait_for_hanging(size_t n)
{
	while ((size_t)hanging < n)
		usleep(1000);
}

/* A deliverer that ends leaves a look that hangs to the end of the process. */
Test(verify, freed_while_a_look_hangs)
{
	const unsigned threads = threads_count();
	uint32_t job = add(1, "x");

	dead = true;
	begin();
	start();
	wait_for_hanging(1);
	end();
	cr_expect_eq(threads_count(), threads + 1);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	dead = false;
	threads_wait_for(threads);
}

/* Looks that hang are not counted after minutes; there is an end to them all the same. */
Test(verify, looks_that_hang)
{
	enum {
		BESIDE = 16,
		MOST = 128,
		JOBS = 131
	};
	uint32_t jobs[JOBS];

	for (unsigned i = 0; i < JOBS; i++)
		jobs[i] = add(i + 1, "x");
	dead = true;
	begin();
	for (size_t n = 2; n <= BESIDE; n += 2) {
		start();
		cr_assert_eq(ctm_queue_busy(&queue), n);
		wait_for_hanging(n);
		cr_expect_leq(ctm_verifier_room_ms(verifier), ctm_clock_boot_ms() + 10000);
		ahead_s += 10;
	}
	start();
	cr_expect_eq(ctm_queue_busy(&queue), BESIDE);
	cr_expect_not(ctm_verifier_has_room(verifier));
	cr_expect_leq(ctm_verifier_room_ms(verifier), ctm_clock_boot_ms() + 300000);
	for (size_t n = BESIDE + 2; n <= MOST; n += 2) {
		ahead_s += 300;
		cr_expect(ctm_verifier_has_room(verifier));
		start();
		cr_assert_eq(ctm_queue_busy(&queue), n);
	}
	ahead_s += 300;
	start();
	cr_expect_eq(ctm_queue_busy(&queue), MOST, "but not without end");
	cr_expect_eq(ctm_verifier_room_ms(verifier), UINT64_MAX);
	dead = false;
	for (int rounds = 0; rounds < 3; rounds++) {
		finish();
		world_update(load_body, NULL);
		start();
	}
	finish();
	for (unsigned i = 0; i < JOBS; i++)
		cr_expect_eq(world_job(jobs[i]).state, CTM_JOB_SUCCEEDED, "job %u", i);
	end();
}

/* Whoever gives up delivering has looks that nobody has collected: some will not be told again. */
Test(verify, end)
{
	const uint32_t one = add(1, "12345");
	const uint32_t other = add(2, "12345");
	struct ctm_file file;

	sides_set_timeout(one, 3600);
	sides_set_timeout(other, 3600);
	begin();
	failing = true;
	start();
	ctm_verifier_end(verifier);
	cr_expect_not(failing);
	cr_expect_neq(world_job(one).state, world_job(other).state);
	file = world_file(world_job(one).state == CTM_JOB_OPEN ? one : other, 1);
	cr_expect_not(file.evident);
	cr_expect_eq(file.cause, CTM_E_WRITE_FAULT);
	cr_expect(file.unwritten.known);
	end();
}
