# A service may end right after its start, so it is looked at twice.
runs() {
  if [ -d /run/systemd/system ]; then systemctl is-active --quiet -- "$SERVICE"; else service "$SERVICE" status; fi >/dev/null 2>&1
}
if runs && sleep "$WATCH_S" && runs; then
  echo "The service $SERVICE runs."
else
  echo "The service $SERVICE does not run." >&2
  exit 1
fi
