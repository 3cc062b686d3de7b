-- The queue: a job's immutable facts in one table, its place in exactly one narrow one.
--
--            enqueue                claim                     settle
--   caller ──────────▶ ready ───────────────▶ lease ───────────────────────▶ ended (done, failed, cancelled)
--                        ▲                      │ retry, defer, worker lost
--                        └────── deferred ◀─────┘
--
-- `job`, `ended` and `attempt` are partitioned by ranges of their sequence-given id, not by day: the primary key then
-- is the id alone (a day would have to be part of it), so "an attempt is recorded once" is a constraint, a look-up by id
-- prunes to one partition, and retention still drops whole partitions.

-- migrate:up
create schema usher;

create sequence usher.job_id as bigint;
-- Fencing tokens: each claim draws one, a settlement must show it.
create sequence usher.attempt_id as bigint;
-- The queue's virtual time. A sequence because it is not transactional: readers see the newest value, nobody waits for it,
-- and no dead row versions pile up.
create sequence usher.virtual_time as bigint minvalue 0 start 0;

create table usher.worker (
    worker_id  bigint generated always as identity primary key,
    name       text        not null check (length(name) between 1 and 200),
    started_at timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    -- Set by the worker that leaves in order, or by whoever found it dead.
    ended_at   timestamptz,
    ending     text check (ending in ('stopped', 'lost')),
    check ((ended_at is null) = (ending is null))
);
create index worker_alive on usher.worker (expires_at) where ended_at is null;

-- A lane is one tenant's place in the fair queue. A lane that cannot run leaves the run index, so that one row gates its
-- whole backlog.
create table usher.lane (
    lane_id      integer generated always as identity primary key,
    name         text     not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    weight       smallint not null default 1 check (weight between 1 and 100),
    max_running  integer  not null default 4 check (max_running >= 1),
    virtual_time bigint   not null default 0 check (virtual_time >= 0),
    state        text     not null default 'empty' check (state in ('runnable', 'empty', 'limited', 'paused'))
) with (fillfactor = 50);
create index lane_run on usher.lane (virtual_time) where state = 'runnable';

-- Wishes to look at a lane again. Insert-only for the producer, so an enqueue inside a long business transaction locks
-- nobody; the claim folds them into `lane`.
create table usher.lane_wake (
    lane_id integer not null
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

create table usher.batch (
    batch_id   bigint generated always as identity primary key,
    name       text        not null check (length(name) between 1 and 200),
    origin     text        not null check (origin in ('enqueue', 'replay', 'tier_change')),
    reason     text,
    total      integer     not null default 0 check (total >= 0),
    created_at timestamptz not null default clock_timestamp(),
    check (origin <> 'replay' or length(reason) > 0)
);

create table usher.job (
    job_id      bigint      not null default nextval('usher.job_id') primary key,
    kind        text        not null check (kind ~ '^[a-z][a-z0-9_]{0,62}$'),
    lane_id     integer     not null references usher.lane,
    -- What the job is about; at most one live job a subject (see `live`).
    subject_id  bigint,
    batch_id    bigint      references usher.batch,
    priority    smallint    not null check (priority between 0 and 9),
    payload     jsonb       not null default '{}' check (jsonb_typeof(payload) = 'object'),
    replay_of   bigint      check (replay_of < job_id),
    enqueued_at timestamptz not null default clock_timestamp()
) partition by range (job_id);
create index job_batch on usher.job (batch_id) where batch_id is not null;
create index job_subject on usher.job (subject_id) where subject_id is not null;

-- The place tables carry no foreign key to `job`: they are written twice a job, only by the functions below, and the
-- look-up would cost a fifth of the queue's speed. `usher.misplaced` shows any job that is not in exactly one place.
create table usher.ready (
    job_id   bigint   primary key,
    lane_id  integer  not null,
    priority smallint not null,
    -- Attempts spent so far, and workers lost while they held it (those spend no attempt, up to the poison cap).
    attempts smallint not null default 0 check (attempts >= 0),
    losses   smallint not null default 0 check (losses >= 0)
) with (fillfactor = 90, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0);
create index ready_order on usher.ready (lane_id, priority desc, job_id);

create table usher.deferred (
    job_id   bigint      primary key,
    lane_id  integer     not null,
    priority smallint    not null,
    attempts smallint    not null default 0 check (attempts >= 0),
    losses   smallint    not null default 0 check (losses >= 0),
    due_at   timestamptz not null,
    reason   text        not null check (reason ~ '^[a-z][a-z0-9_]*$'),
    -- Who must move before it can go on.
    actor    text        not null check (actor in ('us', 'tenant', 'operator', 'provider'))
) with (fillfactor = 90);
create index deferred_due on usher.deferred (due_at);

create table usher.lease (
    job_id           bigint      primary key,
    attempt_id       bigint      not null unique,
    worker_id        bigint      not null references usher.worker,
    lane_id          integer     not null,
    priority         smallint    not null,
    attempts         smallint    not null check (attempts >= 0),
    losses           smallint    not null check (losses >= 0),
    claimed_at       timestamptz not null default clock_timestamp(),
    deadline_at      timestamptz not null,
    cancel_requested text,
    check (deadline_at > claimed_at)
) with (fillfactor = 90, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0);
create index lease_lane on usher.lease (lane_id);
create index lease_worker on usher.lease (worker_id);
create index lease_deadline on usher.lease (deadline_at);

-- The one live job of a subject. `rerun` says that the wish grew while an attempt may have been running on the older one.
create table usher.live (
    subject_id bigint  primary key,
    job_id     bigint  not null unique,
    rerun      boolean not null default false
) with (fillfactor = 80);

create table usher.ended (
    job_id      bigint      primary key,
    state       text        not null check (state in ('done', 'failed', 'cancelled')),
    outcome     text        not null check (outcome ~ '^[a-z][a-z0-9_]*$'),
    error_class text,
    code        text,
    message     text        check (length(message) <= 4000),
    actor       text        check (actor in ('us', 'tenant', 'operator', 'provider')),
    attempts    smallint    not null check (attempts >= 0),
    ended_at    timestamptz not null default clock_timestamp(),
    replayed_by bigint,
    -- A job that failed says why and who must act.
    check (state <> 'failed' or (error_class is not null and message is not null and actor is not null))
) partition by range (job_id);
create index ended_failed on usher.ended (error_class, ended_at) where state = 'failed' and replayed_by is null;

create table usher.attempt (
    attempt_id     bigint      primary key,
    job_id         bigint      not null,
    -- 1 for the first; an attempt that was refunded leaves its number to the next.
    number         smallint    not null check (number >= 1),
    worker_id      bigint      not null,
    started_at     timestamptz not null,
    ended_at       timestamptz not null default clock_timestamp(),
    outcome        text        not null check (outcome in
        ('done', 'failed', 'cancelled', 'retry', 'deferred', 'released', 'worker_lost', 'overdue')),
    reason         text,
    error_class    text,
    code           text,
    message        text        check (length(message) <= 4000),
    actor          text        check (actor in ('us', 'tenant', 'operator', 'provider')),
    provider_calls integer     not null default 0 check (provider_calls >= 0),
    detail         jsonb       not null default '{}',
    check (ended_at >= started_at)
) partition by range (attempt_id);
create index attempt_job on usher.attempt (job_id);

-- Settlements that came too late: counted, shown, never applied.
create table usher.stale_settlement (
    attempt_id bigint      not null,
    job_id     bigint      not null,
    worker_id  bigint      not null,
    outcome    text        not null,
    seen_at    timestamptz not null default clock_timestamp()
);

-- Which partitions exist is decided here alone; any worker may call it at any time.
create function usher.ensure_partitions() returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    size constant bigint := 4000000;
    made integer := 0;
    parent record;
    first bigint;
    child text;
begin
    perform pg_advisory_xact_lock(hashtext('usher.ensure_partitions'));
    for parent in
        select * from (values ('job', 'job_id', (select last_value from job_id)),
                              ('ended', 'job_id', (select last_value from job_id)),
                              ('attempt', 'attempt_id', (select last_value from attempt_id))) as t (name, key, newest)
    loop
        -- The current range and two more: room for at least 8 million rows before this must run again.
        for step in 0..2 loop
            first := (parent.newest / size + step) * size;
            child := format('%s_%s', parent.name, first);
            continue when to_regclass('usher.' || child) is not null;
            execute format('create table %I (like %I including all)', child, parent.name);
            execute format('with late as (delete from %1$I where %2$I >= %3$s and %2$I < %4$s returning *) '
                           'insert into %5$I select * from late',
                           parent.name || '_default', parent.key, first, first + size, child);
            execute format('alter table %I attach partition %I for values from (%s) to (%s)',
                           parent.name, child, first, first + size);
            made := made + 1;
        end loop;
    end loop;
    return made;
end $$;

-- A net under the ranges: a row never fails for want of a partition.
create table usher.job_default partition of usher.job default;
create table usher.ended_default partition of usher.ended default;
create table usher.attempt_default partition of usher.attempt default;
select usher.ensure_partitions();

-- Any job that is not in exactly one place; empty, always.
create view usher.misplaced as
with place as (
    select job_id, 'ready' as place from usher.ready
    union all select job_id, 'deferred' from usher.deferred
    union all select job_id, 'lease' from usher.lease
    union all select job_id, 'ended' from usher.ended
)
select job_id, array_agg(place.place) filter (where place.place is not null) as places
from usher.job full join place using (job_id)
group by job_id
having count(place.place) <> 1;

-- migrate:down
drop schema usher cascade;
