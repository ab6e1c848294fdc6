# SPDX-License-Identifier: MIT
# bash completion for aria2-ctm

_aria2_ctm_jobs() {
	aria2-ctm status --json 2>/dev/null |
		grep -o '"id":"[^"]*"' | cut -d '"' -f 4
}

_aria2_ctm() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words='' i

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words='run add status check flush retry cancel fail suspend resume set forget send
			explain --help'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
	done
	case $command/$prev in
	check/--aria2-conf)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	status/--state)
		words='open verifying succeeded failed cancelled suspended waiting dead'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	send/--type)
		words='DownloadingManifest ProcessingManifest CreatingDirectories PreparingDownload
			DownloadingData'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	*/--hresult | */--message | */--endpoint | */--id | */--client-data | */--bytes* | */--files* | \
		*/--newer | */--older)
		return
		;;
	esac
	case $command in
	run) words='--help --' ;;
	add) words='--input --help' ;;
	status)
		words='--json --watch --wait --prometheus --state --endpoint --newer --older --help'
		;;
	check) words='--connect --aria2-conf --help' ;;
	fail) words='--hresult --message --help' ;;
	set) words='timeout= priority=foreground priority=high priority=normal priority=low --help' ;;
	forget) words='--sidecar --help' ;;
	send)
		words='success error progress --endpoint --id --client-data --force --bytes --files
			--hresult --message --type --bytes-total --files-total --help'
		;;
	*) words='--help' ;;
	esac
	case $command in
	status | retry | cancel | fail | suspend | resume | set | forget)
		case $cur in -*) ;; *) words+=" $(_aria2_ctm_jobs)" ;; esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	case $command/$cur in
	set/timeout*) compopt -o nospace ;;
	run/* | add/* | check/*)
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		;;
	esac
}

complete -F _aria2_ctm aria2-ctm
