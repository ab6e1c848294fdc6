/* SPDX-License-Identifier: MIT */
/* What a look found: the first thing gives the text, and wrong counts more than can't tell. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "hresult.h"

TestSuite(look_answer, .init = asked_init, .fini = asked_done);

static struct ctm_looking looking(void)
{
	return (struct ctm_looking){
		.request = &asked.request, .result = &asked.result, .root_fd = -1};
}

Test(look_answer, cannot_tell)
{
	struct ctm_looking l = looking();

	ctm_look_cannot_tell(&l, CTM_E_BUSY, 0, "%s is busy", "a");
	ctm_look_cannot_tell(&l, CTM_E_ACCESSDENIED, -EACCES, "no");
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_BUSY);
	cr_expect_str_eq(asked.result.text, "a is busy");
	cr_expect_eq(asked.result.n_findings, 0);
}

Test(look_answer, short_of_something)
{
	struct ctm_looking l = looking();

	asked_file("a");
	ctm_look_cannot_tell(&l, CTM_E_IO_DEVICE, -EIO, "the disk");
	cr_expect_eq(asked.result.error, 0);
	ctm_look_cannot_tell(&l, CTM_E_IO_DEVICE, -EMFILE, "descriptors");
	cr_expect_eq(asked.result.error, -EMFILE);
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
	ctm_look_wrong(&l, &asked.request.files[0], CTM_E_WRITE_FAULT, "the disk");
	cr_expect_eq(asked.result.answer, CTM_LOOK_WRONG, "the kernel says so once");
	cr_expect_eq(asked.result.n_findings, 1);
}

Test(look_answer, never_right_where_it_was_short)
{
	struct ctm_looking l = looking();

	cr_expect_not(ctm_look_is_short(&l, -ENOENT));
	cr_expect_eq(asked.result.answer, CTM_LOOK_RIGHT);
	cr_expect(ctm_look_is_short(&l, -ENFILE));
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
	asked.result = (struct ctm_look_result){.answer = CTM_LOOK_RIGHT};
	ctm_look_cannot_tell(&l, CTM_E_IO_DEVICE, -ENOMEM, "memory");
	cr_expect_eq(asked.result.hresult, CTM_E_OUTOFMEMORY);
}

/* There is room for so many findings, and what could not be written is found once. */
Test(look_answer, no_room_for_a_write_fault)
{
	struct ctm_looking l = looking();

	asked_file("a");
	for (unsigned i = 0; i < CTM_LOOK_FINDINGS; i++)
		ctm_look_wrong(&l, &asked.request.files[0], CTM_E_FILE_NOT_FOUND, "gone");
	ctm_look_wrong(&l, &asked.request.files[0], CTM_E_HASH_VALUE, "bad");
	cr_expect_not(asked.result.all_wrong);
	cr_expect_str_eq(asked.result.text, "gone");
	ctm_look_wrong(&l, &asked.request.files[0], CTM_E_WRITE_FAULT, "not written");
	cr_expect_eq(asked.result.n_findings, CTM_LOOK_FINDINGS);
	cr_expect(asked.result.all_wrong);
	cr_expect_eq(asked.result.hresult, CTM_E_WRITE_FAULT);
	cr_expect_str_eq(asked.result.text, "not written");
}

Test(look_answer, wrong)
{
	struct ctm_looking l = looking();

	asked_file("a");
	asked_file("b");
	ctm_look_cannot_tell(&l, CTM_E_ACCESSDENIED, -EACCES, "c can't be read");
	ctm_look_wrong(&l, &asked.request.files[1], CTM_E_HASH_VALUE, "b is %s", "bad");
	ctm_look_cannot_tell(&l, CTM_E_BUSY, 0, "busy");
	ctm_look_wrong(&l, &asked.request.files[0], CTM_E_FILE_NOT_FOUND, "a is gone");
	cr_expect_eq(asked.result.answer, CTM_LOOK_WRONG, "wrong findings stand");
	cr_expect_eq(asked.result.hresult, CTM_E_HASH_VALUE);
	cr_expect_str_eq(asked.result.text, "b is bad", "not what can't be told");
	cr_assert_eq(asked.result.n_findings, 2);
	cr_expect_str_eq(asked.result.findings[0].text, "b is bad");
	cr_expect_str_eq(asked.result.findings[1].text, "a is gone");
	cr_expect_eq(asked_finding(1), CTM_E_FILE_NOT_FOUND);
	cr_expect_eq(asked_finding(2), CTM_E_HASH_VALUE);
}

Test(look_answer, all_wrong)
{
	struct ctm_looking l = looking();

	asked_file("a");
	asked_file("b");
	ctm_look_all_wrong(&l, CTM_E_FILE_CORRUPT, "%d bytes", 5);
	cr_expect_eq(asked.result.answer, CTM_LOOK_WRONG);
	cr_expect_eq(asked.result.n_findings, 2);
	cr_expect_eq(asked_finding(1), CTM_E_FILE_CORRUPT);
	cr_expect_eq(asked_finding(2), CTM_E_FILE_CORRUPT);
	cr_expect_str_eq(asked.result.text, "5 bytes");
	cr_expect_str_eq(asked.result.findings[1].text, "5 bytes");
}

Test(look_answer, text_is_bounded)
{
	struct ctm_looking l = looking();
	char text[2000];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	asked_file("a");
	ctm_look_all_wrong(&l, CTM_E_FAIL, "%s", text);
	cr_expect_eq(strlen(asked.result.text), sizeof asked.result.text - 1);
}

Test(look_answer, done)
{
	struct ctm_look_request request = {0};
	struct ctm_look_result result = {0};

	ctm_look_request_done(&request);
	ctm_look_result_done(&result);
}
