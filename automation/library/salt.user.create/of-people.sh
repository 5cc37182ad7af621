# Only looks, so it runs in a dry run too. Accounts below 1000 belong to the system.
number=$(id -u -- "$ACCOUNT" 2>/dev/null)
if [ "${number:-1000}" -lt 1000 ]; then echo "changed=no comment='This account belongs to the system.'"; exit 1; fi
echo "changed=no comment='It is no account of the system.'"
