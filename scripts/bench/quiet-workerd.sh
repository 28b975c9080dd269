#!/bin/sh
# workerd without its log: in production the platform takes log lines from the process, here the load generator's
# own process would have to read and parse them, and lose the time that it is meant to measure with.
exec "$WORKERD" "$@" >/dev/null 2>&1
