#!/bin/sh
# As nsupdate.sh, but a new value replaces those that the name has, as with DNS hosts that hold one value a record.
OVERWRITE=yes exec "$(dirname "$0")/nsupdate.sh" "$@"
