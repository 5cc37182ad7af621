# Each line of ARGUMENTS is one argument, as it stands.
place=$(mktemp -d) || exit
trap 'rm -rf -- "$place"' EXIT
trap 'exit 1' HUP INT TERM
cat > "$place/script" && chmod 700 "$place/script" && cd / || exit
set -f
IFS='
'
set -- $ARGUMENTS
unset IFS ARGUMENTS
"$place/script" "$@" </dev/null
