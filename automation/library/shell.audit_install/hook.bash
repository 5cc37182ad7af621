# Baton: notes each line that is typed at a prompt of this shell, before it runs. Read by interactive bash, 4.4 or newer.
# Bash shows PS0 when a line has been read, and runs what stands in it: once a line, `exit` and `exec` included.
if [[ $- == *i* ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) && ! declare -F __baton_line > /dev/null; then
    __baton_file=/var/spool/baton-shell/in/$EUID.$$.$RANDOM$RANDOM$RANDOM
    __baton_tty=$(tty 2> /dev/null) && __baton_tty=${__baton_tty#/dev/} || __baton_tty=

    # Which log-in it is: the number that the kernel's audit gave it, which sudo and su keep, else its session's leader.
    __baton_session=4294967295
    { read -r __baton_session < /proc/self/sessionid; } 2> /dev/null
    if [[ $__baton_session == 4294967295 ]]; then
        { read -r __baton_session < /proc/self/stat; } 2> /dev/null
        [[ $__baton_session =~ \)\ [A-Z]\ [0-9]+\ [0-9]+\ ([0-9]+) ]] && __baton_session=s${BASH_REMATCH[1]}
    fi
    printf -v __baton_session '%s.%(%y%m%d)T' "$__baton_session" -1

    __baton_line() {
        local LC_ALL=C at entry from=${SSH_CONNECTION-}
        entry=$(HISTTIMEFORMAT= builtin history 1)
        [[ $entry =~ ^\ *[0-9]+[\ *]\ (.*)$ ]] || return
        printf -v at '%(%s)T' -1
        umask 077
        builtin printf '%s\0' "$at" "$__baton_session" "$__baton_tty" "${from%% *}" "$PWD" \
            "${BASH_REMATCH[1]:0:65536}" >> "$__baton_file"
    } 2> /dev/null

    # What the history leaves out would be left out here. A leading blank still keeps a line out of the file of history.
    # printf, because a variable that somebody made read-only would end this with an assignment.
    __baton_prompt() {
        local entry name
        [[ ${HISTCONTROL-} == *ignorespace* || ${HISTCONTROL-} == *ignoreboth* ]] && __baton_hides=1
        for name in HISTCONTROL HISTIGNORE; do
            [[ -z ${!name-} ]] || builtin printf -v "$name" ''
        done
        [[ ${HISTSIZE-} != 0 ]] || builtin printf -v HISTSIZE 500
        [[ -o history ]] || set -o history
        if [[ ${__baton_hides-} ]]; then
            entry=$(HISTTIMEFORMAT= builtin history 1)
            [[ $entry =~ ^\ *([0-9]+)[\ *]\ [[:blank:]] ]] && builtin history -d "${BASH_REMATCH[1]}"
        fi
        return 0
    } 2> /dev/null

    PS0='$(__baton_line)'${PS0-}
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND+=(__baton_prompt) # whoever sets PROMPT_COMMAND later sets its first element
    else
        PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__baton_prompt
    fi
fi
