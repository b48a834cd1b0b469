#!/usr/bin/env bash
# Prefect past one machine, all on 127.0.0.1 to try it: two API servers and one process of background services
# on one PostgreSQL and one Redis, and two stock process workers, each asking a server of its own.
#
#   BEIAN_DATABASE_URL=postgresql://beian@127.0.0.1/beian \
#   PREFECT_API_DATABASE_CONNECTION_URL=postgresql+asyncpg://prefect@127.0.0.1/prefect \
#   BEIAN_REDIS_URL=redis://127.0.0.1:6379/0 deployments/several-servers.sh
#
# On several machines each `run` below is a service of its own, and a load balancer stands before the servers.
# Needs `pip install -e '.[servers]'`. Ends, with all it started, on Ctrl-C, SIGTERM, or when one of them ends.
set -euo pipefail
# Without jobs of their own children would ignore SIGINT, which a stock worker sends itself in order to stop.
set -m
: "${BEIAN_DATABASE_URL:?the cases, on PostgreSQL}"
: "${PREFECT_API_DATABASE_CONNECTION_URL:?a PostgreSQL database of Prefect\'s own, as postgresql+asyncpg://…}"
: "${BEIAN_REDIS_URL:?as redis://HOST:PORT/DB}"
first=${BEIAN_FIRST_PORT:-4201} second=$((${BEIAN_FIRST_PORT:-4201} + 1))
cd "$(dirname "$0")/.."
logs=${BEIAN_LOGS:-out/several-servers}
mkdir -p "$logs"
logs=$(realpath "$logs")
export PATH="$PWD/.venv/bin:$PATH" DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export PREFECT_HOME=${BEIAN_PREFECT_HOME:-$logs/prefect}
# Events, locks and leases that servers have in common.
export PREFECT_MESSAGING_BROKER=prefect_redis.messaging PREFECT_MESSAGING_CACHE=prefect_redis.messaging
export PREFECT_SERVER_EVENTS_CAUSAL_ORDERING=prefect_redis.ordering
export PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=prefect_redis.lease_storage
export PREFECT_REDIS_MESSAGING_URL=$BEIAN_REDIS_URL PREFECT_SERVER_DOCKET_URL=$BEIAN_REDIS_URL
# Migrated once, below, and not by every server that starts.
export PREFECT_API_DATABASE_MIGRATE_ON_START=false
export PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED=events,flow_runs

servers=() workers=()
stop() { # PID…: ask their jobs to end, and end those that have not after twenty seconds
    local pid
    for pid; do kill -TERM -- "-$pid" 2>/dev/null || true; done
    for _ in {1..200}; do
        kill -0 "$@" 2>/dev/null || break
        sleep 0.1
    done
    for pid; do kill -KILL -- "-$pid" 2>/dev/null || true; done
}
# Workers first: they tell a server how their runs ended.
trap 'trap - INT TERM; stop "${workers[@]}"; stop "${servers[@]}"' EXIT
trap 'exit 0' INT TERM
run() { # NAME COMMAND…
    local name=$1
    shift
    "$@" >"$logs/$name.log" 2>&1 &
}
asking() { # PORT COMMAND…: with the server at that port as the API
    local port=$1
    shift
    PREFECT_API_URL=http://127.0.0.1:$port/api "$@"
}
fail() { tail -n 20 "$logs"/*.log; exit 1; }
answers() { curl --silent --fail --output /dev/null "http://127.0.0.1:$1/api/health"; }

prefect server database upgrade -y >"$logs/upgrade.log" 2>&1 || fail
# One after the other: each enters Prefect's own blocks when it starts, and two at once trip over each other.
for port in "$first" "$second"; do
    run "server-$port" prefect server start --no-services --host 127.0.0.1 --port "$port"
    servers+=($!)
    until answers "$port"; do
        kill -0 $! 2>/dev/null || fail
        sleep 0.5
    done
done
run services prefect server services start
servers+=($!)
{
    asking "$first" prefect work-pool create beian --type process || true # it may be there already
    asking "$first" prefect --no-prompt deploy --all
} >"$logs/deploy.log" 2>&1 || fail
run worker-1 env PREFECT_API_URL="http://127.0.0.1:$first/api" prefect worker start --pool beian --name one --limit 2
workers+=($!)
run worker-2 env PREFECT_API_URL="http://127.0.0.1:$second/api" prefect worker start --pool beian --name two --limit 2
workers+=($!)
echo "Prefect at http://127.0.0.1:$first and http://127.0.0.1:$second, logs in $logs"
wait -n
fail
