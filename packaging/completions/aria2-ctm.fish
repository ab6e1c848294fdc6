# SPDX-License-Identifier: MIT
# fish completion for aria2-ctm

function __aria2_ctm_jobs
    aria2-ctm status --json 2>/dev/null | string match -ar '"id":"[^"]*"' | string split -f 4 '"'
end

set -l commands run add status check flush retry cancel fail suspend resume set forget send explain
set -l first "not __fish_seen_subcommand_from $commands"
set -l of_jobs status retry cancel fail suspend resume set forget

complete -c aria2-ctm -f
complete -c aria2-ctm -l help -d 'say more'
complete -c aria2-ctm -n $first -a run -d 'the whole job: register, download with aria2c, verify, tell CTM'
complete -c aria2-ctm -n $first -a add -d 'register jobs, or update known ones'
complete -c aria2-ctm -n $first -a status -d 'show jobs: files, bytes, deadline, cause, final word, the next try'
complete -c aria2-ctm -n $first -a check -d 'say what is wrong with the configuration, and how to mend it'
complete -c aria2-ctm -n $first -a flush -d 'do everything that is due: read sidecars, verify, deliver'
complete -c aria2-ctm -n $first -a retry -d 'try a dead or waiting message again, now'
complete -c aria2-ctm -n $first -a cancel -d "end a job without a word, as CTM's CancelJob asks"
complete -c aria2-ctm -n $first -a fail -d 'end a job with an error that CTM is told'
complete -c aria2-ctm -n $first -a suspend -d "stop a job's clock and tell CTM nothing, until resume"
complete -c aria2-ctm -n $first -a resume -d 'go on with a suspended job'
complete -c aria2-ctm -n $first -a set -d "change a job's timeout or priority"
complete -c aria2-ctm -n $first -a forget -d 'take an ended job off the list'
complete -c aria2-ctm -n $first -a send -d 'make one of the three calls by hand, to try an endpoint'
complete -c aria2-ctm -n $first -a explain -d 'say what a code means, and what to do'

complete -c aria2-ctm -n "__fish_seen_subcommand_from $of_jobs" -a '(__aria2_ctm_jobs)'
complete -c aria2-ctm -n '__fish_seen_subcommand_from run add check' -F
complete -c aria2-ctm -n '__fish_seen_subcommand_from add' -l input -d 'write an aria2 input file'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l json -d 'one object for programs'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l watch -d 'again and again'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l wait -d 'return when all have ended'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l prometheus -d 'figures for monitoring'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l state -x -a 'open verifying succeeded failed cancelled suspended waiting dead' -d 'of these states'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l newer -x -d 'younger than'
complete -c aria2-ctm -n '__fish_seen_subcommand_from status' -l older -x -d 'that age or more'
complete -c aria2-ctm -n '__fish_seen_subcommand_from check' -l connect -d 'connect to each endpoint and aria2'
complete -c aria2-ctm -n '__fish_seen_subcommand_from check' -l aria2-conf -r -F -d "check aria2's configuration too"
complete -c aria2-ctm -n '__fish_seen_subcommand_from fail send' -l hresult -x -d hrErrorCode
complete -c aria2-ctm -n '__fish_seen_subcommand_from fail send' -l message -x -d szErrorMessage
complete -c aria2-ctm -n '__fish_seen_subcommand_from set' -a 'timeout= priority=foreground priority=high priority=normal priority=low'
complete -c aria2-ctm -n '__fish_seen_subcommand_from forget' -l sidecar -d 'remove its sidecar too'
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -a 'success error progress'
complete -c aria2-ctm -n '__fish_seen_subcommand_from send status' -l endpoint -x -d szEndpoint
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l id -x -d szID
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l client-data -x -d szClientData
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l force -d 'the GUID may be known here'
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l bytes -x -d 'bytes transferred'
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l files -x -d 'files transferred'
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l bytes-total -x -d szBytesTotal
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l files-total -x -d ulFilesTotal
complete -c aria2-ctm -n '__fish_seen_subcommand_from send' -l type -x -a 'DownloadingManifest ProcessingManifest CreatingDirectories PreparingDownload DownloadingData' -d szProgressType
