# Shut first, so that nobody comes back in while processes end. A home folder that stays holds no key any more; keys that
# lie behind a link of the account's own making are left, because they may be somebody else's.
number=$(id -u -- "$ACCOUNT" 2>/dev/null) || { echo "changed=no comment='There is no such account.'"; exit 0; }
usermod -L -e 1 -- "$ACCOUNT" >/dev/null 2>&1
pkill -KILL -u "$number"
home=$(getent passwd -- "$number" | cut -d: -f6)
if [ -n "$home" ] && [ ! -L "$home" ] && [ ! -L "$home/.ssh" ]; then rm -f -- "$home/.ssh/authorized_keys"; fi
echo "changed=yes comment='Shut, keys removed, processes ended.'"
