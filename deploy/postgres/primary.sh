#!/bin/sh
# Prepares a new PostgreSQL as the primary of a cluster: a role and slots for two standbys, and the majority that a commit
# waits for. The image of PostgreSQL runs it once, before the database can be reached.
set -eu

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
    --set=secret="$POSTGRES_REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE replica LOGIN REPLICATION PASSWORD :'secret';
-- From now on the primary keeps what a standby has not taken: two may copy it at the same time.
SELECT pg_create_physical_replication_slot(name, immediately_reserve => true) FROM (VALUES ('standby1'), ('standby2')) AS standbys (name);
-- A commit is on the disk of the primary and of one standby: on two of three machines.
ALTER SYSTEM SET synchronous_commit = 'on';
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (standby1, standby2)';
-- A standby that is away for long does not fill the disk of the primary: it has to be made again then.
ALTER SYSTEM SET max_slot_wal_keep_size = '10GB';
SQL
echo "host replication replica samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
