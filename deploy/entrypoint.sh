#!/bin/sh
# Addresses with passwords come as secret files named like the variable they stand for.
set -eu
for file in /run/secrets/SHEQU_*; do
    [ -f "$file" ] || continue
    export "${file##*/}=$(cat "$file")"
done
exec "$@"
