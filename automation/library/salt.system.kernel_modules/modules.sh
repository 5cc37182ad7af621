[ -e /proc/modules ] || { echo "This kernel has no modules to load."; exit 0; }
awk 'BEGIN { name = ENVIRON["NAME"] }
     name == "" || index($1, name) { sub(/,$/, "", $4); print $1 "  " $2 " bytes  used " $3 " times  by " $4 }' /proc/modules
