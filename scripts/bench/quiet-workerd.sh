#!/bin/sh
# workerd without its log: in production the platform takes log lines from the process, here the load generator would
# have to read them and lose the time that it needs for the load. Says which process it is.
echo $$ >"$WORKERD_PID_FILE"
exec "$WORKERD" "$@" >/dev/null 2>&1
