#compdef aria2-ctm
# SPDX-License-Identifier: MIT

_aria2-ctm_jobs() {
	local -a jobs
	jobs=(${(f)"$(aria2-ctm status --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d '"' -f 4)"})
	compadd -Q -a jobs
}

_aria2-ctm() {
	local curcontext=$curcontext state line
	local help='--help[say more]' sidecars='*:sidecar:_files -g "*.ctm.ini"'
	local -a commands

	commands=(
		'run:the whole job\: register, download with aria2c, verify, tell CTM'
		'add:register jobs, or update known ones'
		'status:show jobs\: files, bytes, deadline, cause, final word, the next try'
		'check:say what is wrong with the configuration, and how to mend it'
		'flush:do everything that is due\: read sidecars, verify, deliver'
		'retry:try a dead or waiting message again, now'
		'cancel:end a job without a word, as CTM'"'"'s CancelJob asks'
		'fail:end a job with an error that CTM is told'
		'suspend:stop a job'"'"'s clock and tell CTM nothing, until resume'
		'resume:go on with a suspended job'
		'set:change a job'"'"'s timeout or priority'
		'forget:take an ended job off the list'
		'send:make one of the three calls by hand, to try an endpoint'
		'explain:say what a code means, and what to do'
	)
	_arguments -C "$help" '1:command:->command' '*::argument:->argument' && return
	case $state in
	command) _describe -t commands command commands ;;
	argument)
		case $words[1] in
		run) _arguments "$help" $sidecars ;;
		add) _arguments "$help" '--input=-[write an aria2 input file]::file:_files' $sidecars ;;
		status)
			_arguments "$help" '--json[one object for programs]' \
				'--watch=-[again and again]::seconds' \
				'--wait[return when all have ended]' \
				'--prometheus[figures for monitoring]' \
				'--state[of these states]:states:_values -s , state open verifying succeeded failed cancelled suspended waiting dead' \
				'--endpoint[szEndpoint]:name' '--newer[younger than]:duration' \
				'--older[that age or more]:duration' '*:job:_aria2-ctm_jobs'
			;;
		check)
			_arguments "$help" '--connect[connect to each endpoint and aria2]' \
				'--aria2-conf[check aria2'"'"'s configuration too]:file:_files' $sidecars
			;;
		fail)
			_arguments "$help" '--hresult[hrErrorCode]:HRESULT' \
				'--message[szErrorMessage]:text' '*:job:_aria2-ctm_jobs'
			;;
		set)
			_arguments "$help" '*:job or change:{
				_aria2-ctm_jobs
				compadd -S "" timeout= priority=
			}'
			;;
		forget)
			_arguments "$help" '--sidecar[remove its sidecar too]' '*:job:_aria2-ctm_jobs'
			;;
		retry | cancel | suspend | resume) _arguments "$help" '*:job:_aria2-ctm_jobs' ;;
		send)
			_arguments "$help" '1:call:(success error progress)' \
				'--endpoint[szEndpoint]:name' '--id[szID]:GUID' \
				'--client-data[szClientData]:text' '--force[the GUID may be known here]' \
				'--bytes[bytes transferred]:count' '--files[files transferred]:count' \
				'--bytes-total[szBytesTotal]:count' '--files-total[ulFilesTotal]:count' \
				'--hresult[hrErrorCode]:HRESULT' '--message[szErrorMessage]:text' \
				'--type[szProgressType]:name:(DownloadingManifest ProcessingManifest CreatingDirectories PreparingDownload DownloadingData)'
			;;
		*) _arguments "$help" ;;
		esac
		;;
	esac
}

_aria2-ctm "$@"
