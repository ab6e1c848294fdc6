/* SPDX-License-Identifier: MIT */
/*
 * The door of the shared object for CTM's own calls, in UTF-16 and in UTF-8.
 */
#include "aria2ctm.h"
#include "plugin_call.h"

int32_t SendNotifySuccessToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, const char16_t *szBytesTotal,
	const char16_t *szBytesTransferred, uint32_t ulFilesTotal, uint32_t ulFilesTransferred)
{
	const char16_t *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_ENDPOINT] = szEndpoint,
		[CTM_TEXT_ID] = szID,
		[CTM_TEXT_CLIENT_DATA] = szClientData,
		[CTM_TEXT_BYTES_TOTAL] = szBytesTotal,
		[CTM_TEXT_BYTES_TRANSFERRED] = szBytesTransferred,
	};

	return ctm_plugin_call_utf16(CTM_MESSAGE_SUCCESS, texts,
		&(struct ctm_plugin_numbers){
			.files_total = ulFilesTotal, .files_transferred = ulFilesTransferred});
}

int32_t SendNotifyErrorToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, int32_t hrErrorCode, const char16_t *szErrorMessage)
{
	const char16_t *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_ENDPOINT] = szEndpoint,
		[CTM_TEXT_ID] = szID,
		[CTM_TEXT_CLIENT_DATA] = szClientData,
		[CTM_TEXT_ERROR_MESSAGE] = szErrorMessage,
	};

	return ctm_plugin_call_utf16(CTM_MESSAGE_ERROR, texts,
		&(struct ctm_plugin_numbers){.error_code = (uint32_t)hrErrorCode});
}

int32_t SendNotifyProgressToCTM(const char16_t *szProgressType, const char16_t *szEndpoint,
	const char16_t *szID, const char16_t *szClientData, const char16_t *szBytesTotal,
	const char16_t *szBytesTransferred, uint32_t ulFilesTotal, uint32_t ulFilesTransferred)
{
	const char16_t *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_PROGRESS_TYPE] = szProgressType,
		[CTM_TEXT_ENDPOINT] = szEndpoint,
		[CTM_TEXT_ID] = szID,
		[CTM_TEXT_CLIENT_DATA] = szClientData,
		[CTM_TEXT_BYTES_TOTAL] = szBytesTotal,
		[CTM_TEXT_BYTES_TRANSFERRED] = szBytesTransferred,
	};

	return ctm_plugin_call_utf16(CTM_MESSAGE_PROGRESS, texts,
		&(struct ctm_plugin_numbers){
			.files_total = ulFilesTotal, .files_transferred = ulFilesTransferred});
}

int32_t aria2ctm_send_notify_success(const char *endpoint, const char *id, const char *client_data,
	const char *bytes_total, const char *bytes_transferred, uint32_t files_total,
	uint32_t files_transferred)
{
	const char *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_ENDPOINT] = endpoint,
		[CTM_TEXT_ID] = id,
		[CTM_TEXT_CLIENT_DATA] = client_data,
		[CTM_TEXT_BYTES_TOTAL] = bytes_total,
		[CTM_TEXT_BYTES_TRANSFERRED] = bytes_transferred,
	};

	return ctm_plugin_call(CTM_MESSAGE_SUCCESS, texts,
		&(struct ctm_plugin_numbers){
			.files_total = files_total, .files_transferred = files_transferred});
}

int32_t aria2ctm_send_notify_error(const char *endpoint, const char *id, const char *client_data,
	int32_t error_code, const char *error_message)
{
	const char *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_ENDPOINT] = endpoint,
		[CTM_TEXT_ID] = id,
		[CTM_TEXT_CLIENT_DATA] = client_data,
		[CTM_TEXT_ERROR_MESSAGE] = error_message,
	};

	return ctm_plugin_call(CTM_MESSAGE_ERROR, texts,
		&(struct ctm_plugin_numbers){.error_code = (uint32_t)error_code});
}

int32_t aria2ctm_send_notify_progress(const char *progress_type, const char *endpoint,
	const char *id, const char *client_data, const char *bytes_total,
	const char *bytes_transferred, uint32_t files_total, uint32_t files_transferred)
{
	const char *const texts[CTM_N_TEXTS] = {
		[CTM_TEXT_PROGRESS_TYPE] = progress_type,
		[CTM_TEXT_ENDPOINT] = endpoint,
		[CTM_TEXT_ID] = id,
		[CTM_TEXT_CLIENT_DATA] = client_data,
		[CTM_TEXT_BYTES_TOTAL] = bytes_total,
		[CTM_TEXT_BYTES_TRANSFERRED] = bytes_transferred,
	};

	return ctm_plugin_call(CTM_MESSAGE_PROGRESS, texts,
		&(struct ctm_plugin_numbers){
			.files_total = files_total, .files_transferred = files_transferred});
}
