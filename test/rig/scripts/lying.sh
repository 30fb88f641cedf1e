#!/bin/sh
# Says that all is well and does nothing.
[ "$1" != timeout ] || exit 0
echo "$1 done"
