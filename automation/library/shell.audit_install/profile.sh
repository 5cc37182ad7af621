if [ -n "${BASH_VERSION-}" ] && [ -r /usr/local/lib/baton-shell/hook.bash ]; then . /usr/local/lib/baton-shell/hook.bash; fi
