# The new file is put in place for as long as the application looks at it; what was there comes back, whatever it says.
# sysctl has no check of its own: there, loading is the check, and what it refuses is set back.
set -u
FILE=$FOLDER/$NAME
kept=$(mktemp -d) || exit
cat > "$kept/new" || exit
put_back() {
    if [ -e "$kept/old" ]; then cat "$kept/old" > "$FILE"; else rm -f -- "$FILE"; fi
    rm -rf -- "$kept"
}
if [ -e "$FILE" ]; then cp -p -- "$FILE" "$kept/old" || exit; fi
mkdir -p -- "$FOLDER" || exit
trap put_back EXIT
trap 'exit 1' HUP INT TERM
cat "$kept/new" > "$FILE" || exit
case $APPLICATION in
    nginx) nginx -t ;;
    haproxy) haproxy -c -f "$FILE" ;;
    syslog) rsyslogd -N1 ;;
    sysctl)
        names=$(sed -n 's/^[[:space:]]*-\{0,1\}\([a-z][A-Za-z0-9_.\/-]*\)[[:space:]]*=.*/\1/p' "$FILE")
        before=$(printf '%s\n' "$names" | xargs -r sysctl -e -- 2>/dev/null)
        if refused=$(sysctl -q -p "$FILE" 2>&1) && [ -z "$refused" ]; then exit 0; fi
        printf '%s\n' "$refused" >&2
        printf '%s\n' "$before" | sysctl -q -e -p - >/dev/null 2>&1
        exit 1
        ;;
esac
