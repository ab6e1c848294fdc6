#!/bin/sh
# SPDX-License-Identifier: MIT
# The first moment of a recording hook: leaves a mark, stops aria2c so that the files stay as they
# are, and goes on as recording_hook.py, with the arguments as they came, the name first.
: > "$CTM_RECORDING.marks/$$"
if read -r name < "/proc/$PPID/comm" && [ "$name" = aria2c ]; then
	kill -STOP "$PPID"
fi 2> /dev/null
exec "$CTM_PYTHON" -SEB "$CTM_RECORDER" "$0" "$@"
