#!/bin/sh
# Runs PostgreSQL as a standby: the first time it copies the primary, from then on it follows it.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA"
    PGPASSWORD=$POSTGRES_REPLICATION_PASSWORD pg_basebackup --pgdata="$PGDATA" --wal-method=stream --checkpoint=fast \
        --write-recovery-conf --slot="$POSTGRES_STANDBY" \
        --dbname="host=$POSTGRES_PRIMARY port=${POSTGRES_PORT:-5432} user=replica application_name=$POSTGRES_STANDBY"
fi
exec postgres "$@"
