// SPDX-License-Identifier: MIT
//
// example-host: a download manager of its own that completes CTM's jobs
//
// aria2c starts a hook command for each event. A program that embeds libaria2 needs none: it has
// libaria2 call on_event(), and that calls aria2ctm_event(). No process is started for an event;
// one, `deliver`, is started when something is to be verified or sent.
//
//	g++ -std=c++11 -o example-host host.cc $(pkg-config --cflags --libs aria2ctm libaria2)
//
//	example-host [--NAME=VALUE]... URI...
//
// downloads each URI. --NAME=VALUE is an option of aria2c's (--dir=/srv/content/PS100042.3,
// --max-concurrent-downloads=2) for the whole session; --gid=GID, 16 hexadecimal digits, is for the
// URI behind it: a sidecar that names it in a [file.N] learns of a failure of that download without
// asking aria2. Configuration, state and sidecars are those of aria2-ctm, and this program runs as
// the owner of the state directory.
//
// Exit status: 0 every download is complete and every event recorded, 1 not so, 2 wrong usage.
//
// What a host has to know:
//
// - on_event() is called from inside aria2::run(), so nothing is downloaded until it returns.
//   aria2ctm_event() never waits for what others do. SendNotifyProgressToCTM() and its siblings
//   wait for CTM's answer: call those from a thread of their own, if at all. This program needs
//   none of them, because its jobs have sidecars and are followed.
// - An event that cannot be recorded is not repeated by libaria2. It says so and goes on: a later
//   completion, or `aria2-ctm flush` with a sha256 in the sidecar, brings the evidence.
// - auto-file-renaming=false and continue=true keep the names that the sidecar lists.

#include <aria2/aria2.h>
#include <aria2ctm.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

struct Download {
	std::string uri;
	aria2::KeyVals options;
};

struct Host {
	aria2::KeyVals options;
	std::vector<Download> downloads;
	bool all_recorded = true;
};

// False: a version of libaria2 that knows more than this program.
bool event_type(aria2::DownloadEvent from, aria2ctm_event_type &to)
{
	switch (from) {
	case aria2::EVENT_ON_DOWNLOAD_START:
		to = ARIA2CTM_DOWNLOAD_START;
		return true;
	case aria2::EVENT_ON_DOWNLOAD_PAUSE:
		to = ARIA2CTM_DOWNLOAD_PAUSE;
		return true;
	case aria2::EVENT_ON_DOWNLOAD_STOP:
		to = ARIA2CTM_DOWNLOAD_STOP;
		return true;
	case aria2::EVENT_ON_DOWNLOAD_COMPLETE:
		to = ARIA2CTM_DOWNLOAD_COMPLETE;
		return true;
	case aria2::EVENT_ON_DOWNLOAD_ERROR:
		to = ARIA2CTM_DOWNLOAD_ERROR;
		return true;
	case aria2::EVENT_ON_BT_DOWNLOAD_COMPLETE:
		to = ARIA2CTM_BT_DOWNLOAD_COMPLETE;
		return true;
	}
	return false;
}

// The metadata of a magnet link, or a torrent or metalink that is kept in memory: libaria2 gives it
// a name, and there is no file. aria2c calls its hooks with no files then.
bool is_in_memory(aria2::DownloadHandle *download, const std::string &path)
{
	if (path.compare(0, 10, "[METADATA]") == 0 || path.compare(0, 8, "[MEMORY]") == 0)
		return true;
	return !download->getFollowedBy().empty() && access(path.c_str(), F_OK) != 0;
}

// How many files of the download were selected, and the first of them: what a hook is called with.
uint32_t selected_files(aria2::Session *session, aria2::A2Gid gid, std::string &first)
{
	aria2::DownloadHandle *download = aria2::getDownloadHandle(session, gid);
	uint32_t n = 0;

	if (!download)
		return 0;
	for (const aria2::FileData &file : download->getFiles())
		if (file.selected && n++ == 0)
			first = file.path;
	if (is_in_memory(download, first)) {
		first.clear();
		n = 0;
	}
	aria2::deleteDownloadHandle(download);
	return n;
}

// libaria2 ignores what it returns.
int on_event(aria2::Session *session, aria2::DownloadEvent event, aria2::A2Gid gid, void *context)
{
	Host *host = static_cast<Host *>(context);
	std::string path;
	// The function has the struct's name, so that here the word `struct` is needed.
	struct aria2ctm_event report = {};
	struct aria2ctm_error error = {};

	report.size = sizeof report;
	error.size = sizeof error;
	if (!event_type(event, report.type))
		return 0;
	report.gid = gid;
	report.n_files = selected_files(session, gid, path);
	report.path = path.c_str();
	if (aria2ctm_event(&report, &error) < 0) {
		std::fprintf(stderr, "example-host: download %s: event %d is not recorded: %s\n",
			aria2::gidToHex(gid).c_str(), static_cast<int>(report.type), error.text);
		host->all_recorded = false;
	}
	return 0;
}

bool parse(int argc, char **argv, Host &host)
{
	aria2::KeyVals next;

	for (int i = 1; i < argc; i++) {
		const char *argument = argv[i];
		const char *value = std::strchr(argument, '=');

		if (std::strncmp(argument, "--", 2) != 0) {
			host.downloads.push_back(Download{argument, next});
			next.clear();
		} else if (value) {
			const std::string name(argument + 2, value);

			(name == "gid" ? next : host.options)
				.push_back(std::make_pair(name, std::string(value + 1)));
		} else {
			return false;
		}
	}
	return !host.downloads.empty() && next.empty();
}

bool add(aria2::Session *session, const Host &host)
{
	for (const Download &download : host.downloads) {
		aria2::A2Gid gid = 0;

		// A gid that is none is no error to libaria2: there is no download then.
		if (aria2::addUri(session, &gid, {download.uri}, download.options) < 0 ||
			aria2::isNull(gid)) {
			std::fprintf(stderr, "example-host: \"%s\" is no URI, or its gid is none\n",
				download.uri.c_str());
			return false;
		}
	}
	return true;
}

// Downloads all; what libaria2 returns is aria2c's exit status.
bool download_all(Host &host)
{
	aria2::SessionConfig config;
	aria2::Session *session;
	bool done;

	// Signals stay as aria2c has them: SIGCHLD is ignored, and libaria2ctm copes with that.
	config.downloadEventCallback = on_event;
	config.userData = &host;
	session = aria2::sessionNew(host.options, config);
	if (!session) {
		std::fprintf(stderr, "example-host: libaria2 does not take these options\n");
		return false;
	}
	done = add(session, host) && aria2::run(session, aria2::RUN_DEFAULT) == 0;
	// Always: it writes control files, and the last events come from here.
	return aria2::sessionFinal(session) == 0 && done;
}

} // namespace

int main(int argc, char **argv)
{
	Host host;
	bool done;

	// What the user says comes later, and wins.
	host.options = {{"auto-file-renaming", "false"}, {"continue", "true"}};
	if (!parse(argc, argv, host)) {
		std::fprintf(stderr, "usage: example-host [--NAME=VALUE]... [--gid=GID] URI...\n");
		return 2;
	}
	if (aria2::libraryInit() != 0) {
		std::fprintf(stderr, "example-host: libaria2 cannot be initialised\n");
		return 1;
	}
	done = download_all(host);
	aria2::libraryDeinit();
	return done && host.all_recorded ? 0 : 1;
}
