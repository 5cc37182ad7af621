# Only looks, so it runs in a dry run too. What was approved is this path, and no other.
if [ "$(readlink -m -- "$FILE")" != "$FILE" ]; then echo "changed=no comment='There is a link in this path.'"; exit 1; fi
echo "changed=no comment='There is none.'"
