case $APPLICATION in
    sysctl) exec sysctl -q -p "/etc/sysctl.d/$NAME" ;;
    syslog) set -- restart rsyslog ;;
    *) set -- reload "$APPLICATION" ;;
esac
if [ -d /run/systemd/system ]; then exec systemctl "$1" "$2"; fi
exec service "$2" "$1"
