-- Upkeep: what recurs (the schedule), what leaves (retention) and what is counted (statistics). Any worker does it; each
-- piece is decided under a lock, so that many workers do it once.

-- migrate:up

-- Statistics -----------------------------------------------------------------------------------------------------------
--
-- Each settlement adds its counts in its own transaction, to a table that is only inserted into, so nobody waits for
-- anybody and nothing is lost or counted twice. Any worker folds them into the minutes and the totals that people read.

create table usher.stat_delta (
    minute         timestamptz not null,
    kind           text        not null,
    outcome        text        not null,
    error_class    text        not null,
    attempts       bigint      not null,
    provider_calls bigint      not null,
    run_ms         bigint      not null
) with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

create table usher.stat_minute (
    minute         timestamptz not null,
    kind           text        not null,
    outcome        text        not null,
    -- Empty where nothing failed.
    error_class    text        not null,
    attempts       bigint      not null check (attempts >= 0),
    provider_calls bigint      not null check (provider_calls >= 0),
    -- Time between claim and settlement, summed.
    run_ms         bigint      not null,
    primary key (minute, kind, outcome, error_class)
) with (fillfactor = 70);

-- The same since the beginning; minutes leave by retention, these stay.
create table usher.stat_total (
    kind           text   not null,
    outcome        text   not null,
    error_class    text   not null,
    attempts       bigint not null check (attempts >= 0),
    provider_calls bigint not null check (provider_calls >= 0),
    run_ms         bigint not null,
    primary key (kind, outcome, error_class)
) with (fillfactor = 70);

-- Counts attempts as they are recorded.
create function usher.count_attempts() returns trigger
language plpgsql set search_path = usher, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    ids bigint[];
    first_kind text;
    last_kind text;
begin
    select array_agg(job_id) into ids from arrived;
    -- A statement without rows sets this off too.
    if ids is null then return null; end if;
    select min(kind), max(kind) into first_kind, last_kind from job where job_id = any (ids);
    -- Nearly always a batch is of one kind, and need not be joined row by row.
    insert into stat_delta (minute, kind, outcome, error_class, attempts, provider_calls, run_ms)
    select date_bin('1 minute', clock_timestamp(), 'epoch'), t.kind, t.outcome, t.error_class, t.attempts, t.calls,
           extract(epoch from t.run) * 1000
    from (
        select coalesce(first_kind, '') as kind, outcome, coalesce(error_class, '') as error_class,
               count(*) as attempts, sum(provider_calls) as calls, sum(ended_at - started_at) as run
        from arrived where first_kind is not distinct from last_kind group by outcome, error_class
        union all
        select coalesce(j.kind, ''), n.outcome, coalesce(n.error_class, ''), count(*), sum(n.provider_calls),
               sum(n.ended_at - n.started_at)
        from arrived n left join job j using (job_id) where first_kind <> last_kind group by 1, 2, 3) t;
    return null;
end $$;

-- The same for jobs that ended, which tell their last attempt themselves; one that was cancelled before it ran had none.
create function usher.count_ended() returns trigger
language plpgsql set search_path = usher, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    ids bigint[];
    first_kind text;
    last_kind text;
begin
    select array_agg(job_id) into ids from arrived where attempt_id is not null;
    if ids is null then return null; end if;
    select min(kind), max(kind) into first_kind, last_kind from job where job_id = any (ids);
    insert into stat_delta (minute, kind, outcome, error_class, attempts, provider_calls, run_ms)
    select date_bin('1 minute', clock_timestamp(), 'epoch'), t.kind, t.outcome, t.error_class, t.attempts, t.calls,
           extract(epoch from t.run) * 1000
    from (
        select coalesce(first_kind, '') as kind, state as outcome, coalesce(error_class, '') as error_class,
               count(*) as attempts, sum(provider_calls) as calls, sum(ended_at - started_at) as run
        from arrived where first_kind is not distinct from last_kind and attempt_id is not null
        group by state, error_class
        union all
        select coalesce(j.kind, ''), n.state, coalesce(n.error_class, ''), count(*), sum(n.provider_calls),
               sum(n.ended_at - n.started_at)
        from arrived n left join job j using (job_id) where first_kind <> last_kind and n.attempt_id is not null
        group by 1, 2, 3) t;
    return null;
end $$;

create trigger attempt_is_counted after insert on usher.attempt_log
    referencing new table as arrived for each statement execute function usher.count_attempts();
create trigger ended_is_counted after insert on usher.ended
    referencing new table as arrived for each statement execute function usher.count_ended();

create function usher.count_stale() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    if not exists (select from arrived) then return null; end if;
    insert into stat_delta (minute, kind, outcome, error_class, attempts, provider_calls, run_ms)
    select date_bin('1 minute', clock_timestamp(), 'epoch'), coalesce(j.kind, ''), 'stale', '', count(*), 0, 0
    from arrived n left join job j using (job_id)
    group by 1, 2;
    return null;
end $$;
create trigger stale_settlement_is_counted after insert on usher.stale_settlement
    referencing new table as arrived for each statement execute function usher.count_stale();

-- Folds counts into minutes and totals; one worker at a time, the others go on. Answers how many rows were folded.
create function usher.fold_statistics(max_count integer default 10000) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    folded integer;
begin
    if not pg_try_advisory_xact_lock(hashtext('usher.fold_statistics')) then return 0; end if;
    with taken as (
        delete from stat_delta where ctid = any (array(select ctid from stat_delta limit max_count)) returning *
    ), summed as (
        select minute, kind, outcome, error_class, sum(attempts)::bigint as attempts,
               sum(provider_calls)::bigint as provider_calls, sum(run_ms)::bigint as run_ms
        from taken group by minute, kind, outcome, error_class
    ), by_minute as (
        insert into stat_minute as m select * from summed
        on conflict (minute, kind, outcome, error_class) do update
        set attempts = m.attempts + excluded.attempts, provider_calls = m.provider_calls + excluded.provider_calls,
            run_ms = m.run_ms + excluded.run_ms
    ), in_total as (
        insert into stat_total as t
        select kind, outcome, error_class, sum(attempts), sum(provider_calls), sum(run_ms)
        from summed group by kind, outcome, error_class
        on conflict (kind, outcome, error_class) do update
        set attempts = t.attempts + excluded.attempts, provider_calls = t.provider_calls + excluded.provider_calls,
            run_ms = t.run_ms + excluded.run_ms
    )
    select count(*) into folded from taken;
    return folded;
end $$;

-- How deep the queue was when somebody last looked; what pages, commands and metrics read instead of counting.
create table usher.queue_depth (
    one            boolean     primary key default true check (one),
    taken_at       timestamptz not null,
    took_ms        integer     not null check (took_ms >= 0),
    ready          bigint      not null,
    deferred       bigint      not null,
    running        bigint      not null,
    -- False where a number is the planner's estimate.
    ready_exact    boolean     not null,
    deferred_exact boolean     not null,
    -- When the first of the jobs that may be claimed came into the queue.
    oldest_at      timestamptz,
    -- Why jobs wait, {reason: jobs}; and by tier, {tier: {ready, running}}. Of large tables scaled up from a sample.
    reasons        jsonb       not null,
    tiers          jsonb       not null
);
insert into usher.queue_depth values
    (true, '-infinity', 0, 0, 0, 0, true, true, null, '{}', '{}');

-- Exact up to `most` rows; above that the planner's estimate, whatever the table's size at the same cost.
create function usher.bounded_count(relation regclass, most integer, out rows bigint, out exact boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    plan json;
begin
    execute format('select count(*) from (select from %s limit %s) t', relation, most + 1) into rows;
    exact := rows <= most;
    if exact then return; end if;
    execute format('explain (format json) select from %s', relation) into plan;
    rows := greatest(rows, (plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric::bigint);
end $$;

-- Looks at the queue's depth if the last look is a second old and twenty times as old as the look took: at most a twentieth
-- of one connection's time goes into it. One worker at a time, the others go on. Answers whether it looked.
create function usher.refresh_queue_depth(most integer default 50000) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
declare
    began constant timestamptz := clock_timestamp();
    last queue_depth;
    waiting record;
    later record;
    -- The share of the rows that the counts by tier and reason look at, in percent.
    sample double precision;
    seen jsonb;
    under_way jsonb;
begin
    select * into last from queue_depth;
    if last.taken_at > began - greatest(interval '1 second', 20 * last.took_ms * interval '1 millisecond')
       or not pg_try_advisory_xact_lock(hashtext('usher.refresh_queue_depth')) then
        return false;
    end if;
    waiting := bounded_count('ready', most);
    later := bounded_count('deferred', most);

    -- Of a sample the shares count.
    sample := least(100, 100.0 * most / greatest(waiting.rows, 1));
    select coalesce(jsonb_object_agg(s.tier, s.count), '{}') into seen from (
        select coalesce(t.tier, '-') as tier,
               case when sample = 100 then sum(r.count) else round(waiting.rows * sum(r.count) / sum(sum(r.count)) over ()) end
                   ::bigint as count
        from (select lane_id, count(*) from ready tablesample system (sample) group by lane_id) r
        left join tenant t using (lane_id) group by 1) s;
    select coalesce(jsonb_object_agg(s.tier, s.count), '{}') into under_way from (
        select coalesce(t.tier, '-') as tier, sum(l.count)::bigint as count
        from (select lane_id, count(*) from lease group by lane_id) l
        left join tenant t using (lane_id) group by 1) s;
    sample := least(100, 100.0 * most / greatest(later.rows, 1));

    update queue_depth set
        ready = waiting.rows, ready_exact = waiting.exact, deferred = later.rows, deferred_exact = later.exact,
        running = (select coalesce(sum(value::bigint), 0) from jsonb_each_text(under_way)),
        oldest_at = (select j.enqueued_at from job j where j.job_id = (select min(job_id) from ready)),
        reasons = (select coalesce(jsonb_object_agg(s.reason, s.count), '{}') from (
            select reason, case when sample = 100 then count(*)
                                else round(later.rows * count(*) / sum(count(*)) over ()) end::bigint as count
            from deferred tablesample system (sample) group by reason) s),
        tiers = (select coalesce(jsonb_object_agg(k.tier, jsonb_build_object(
                    'ready', coalesce((seen ->> k.tier)::bigint, 0),
                    'running', coalesce((under_way ->> k.tier)::bigint, 0))), '{}')
                 from (select jsonb_object_keys(seen) union select jsonb_object_keys(under_way)) as k (tier)),
        taken_at = clock_timestamp(),
        took_ms = ceil(extract(epoch from clock_timestamp() - began) * 1000);
    return true;
end $$;

-- How many hostnames of each tier stand where, as last counted: [{tier, standing, hostnames}, …].
create table usher.standing_count (
    one      boolean     primary key default true check (one),
    taken_at timestamptz not null,
    took_ms  integer     not null check (took_ms >= 0),
    counts   jsonb       not null
);
insert into usher.standing_count values (true, '-infinity', 0, '[]');

-- Counts them anew if the last count is five seconds old and fifty times as old as the counting took.
create function usher.refresh_standings() returns boolean
language plpgsql set search_path = usher, pg_temp as $$
declare
    began constant timestamptz := clock_timestamp();
    last standing_count;
begin
    select * into last from standing_count;
    if last.taken_at > began - greatest(interval '5 seconds', 50 * last.took_ms * interval '1 millisecond')
       or not pg_try_advisory_xact_lock(hashtext('usher.refresh_standings')) then
        return false;
    end if;
    update standing_count set
        counts = (select coalesce(jsonb_agg(c order by c.tier, c.standing), '[]') from (
            select t.tier, h.standing, count(*) as hostnames from hostname h join tenant t using (tenant)
            where h.released_at is null group by t.tier, h.standing) c),
        taken_at = clock_timestamp(), took_ms = ceil(extract(epoch from clock_timestamp() - began) * 1000);
    return true;
end $$;

-- Retention ------------------------------------------------------------------------------------------------------------

-- How long things are kept at least. What people decided, and what auditors ask for, is kept for ever: those tables grow
-- with decisions, not with work.
create table usher.retention_policy (
    subject    text        primary key,
    -- Null is for ever.
    keep       interval    check (keep > interval '0'),
    note       text        not null,
    changed_at timestamptz not null default clock_timestamp()
);
insert into usher.retention_policy (subject, keep, note) values
    ('job_done', '30 days', 'jobs that ended well, with their attempts'),
    ('job_cancelled', '30 days', 'jobs that were cancelled, with their attempts'),
    ('job_failed', '90 days', 'failed jobs that were replayed or whose hostname has a newer job, with their attempts'),
    ('job_failed_open', null, 'failed jobs that nobody has replayed'),
    ('batch', '90 days', 'batches of which no job is left, and no plan or replay tells'),
    ('batch_event', '90 days', 'that a batch has ended, once no job of it is left'),
    ('idempotency', '30 days', 'keys of enqueuing requests and what they were answered'),
    ('worker', '30 days', 'workers that have left'),
    ('stale_settlement', '30 days', 'settlements that came too late'),
    ('outage_sign', '30 days', 'signs of the provider''s outages'),
    ('cancel_order', '90 days', 'cancellations by a filter, with the jobs they took'),
    ('replay_item', '90 days', 'the jobs a replay took; what it came to stays'),
    ('drift', '400 days', 'hostnames that changed under our hands'),
    ('evidence', '800 days', 'handshakes; the newest of a hostname and the newest that proved it stay'),
    ('stat_minute', '90 days', 'statistics by the minute; the totals stay'),
    ('schedule_run', '90 days', 'runs of recurring work'),
    ('retention_log', '800 days', 'what retention has removed');

-- What left, what was moved to be kept, and what could not leave; nothing is removed without a line here.
create table usher.retention_log (
    log_id  bigint generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    subject text        not null,
    part    text        not null,
    action  text        not null check (action in ('deleted', 'dropped', 'moved', 'waits')),
    rows    bigint      not null check (rows >= 0),
    reason  text        not null
);
create index retention_log_time on usher.retention_log (at);

-- Evidence is history for as long as its rule keeps it.
create function usher.refuse_change_of_kept() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    if tg_op = 'DELETE' and old.seen_at < (
        select clock_timestamp() - p.keep from retention_policy p where p.subject = tg_table_name) then
        return old;
    end if;
    raise exception '% of % is refused: its rows are history', tg_op, tg_table_name using errcode = '42501';
end $$;
drop trigger evidence_is_immutable on usher.evidence;
create trigger evidence_is_immutable before update or delete on usher.evidence
    for each row execute function usher.refuse_change_of_kept();

-- Changes how long something is kept; null is for ever.
create function usher.set_retention(p_subject text, p_keep interval, p_reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    before interval;
begin
    select keep into before from retention_policy where subject = p_subject for update;
    if not found then
        raise exception 'nothing is called % here', p_subject using errcode = '22023',
            hint = (select 'one of ' || string_agg(subject, ', ' order by subject) from retention_policy);
    end if;
    perform record_audit('set_retention', p_reason,
        jsonb_build_object('subject', p_subject, 'before', before::text, 'after', p_keep::text));
    update retention_policy set keep = p_keep, changed_at = clock_timestamp() where subject = p_subject;
end $$;

-- The ranges that exist, of every table that is partitioned by its id.
create view usher.partition_range as
select parent.relname::text as parent, child.relname::text as partition,
       t.bounds[1]::bigint as first_id, t.bounds[2]::bigint as end_id
from pg_inherits i
join pg_class parent on parent.oid = i.inhparent
join pg_class child on child.oid = i.inhrelid
join pg_namespace n on n.oid = parent.relnamespace and n.nspname = 'usher'
cross join lateral (select regexp_match(pg_get_expr(child.relpartbound, child.oid),
                                        'FROM \(''(\d+)''\) TO \(''(\d+)''\)') as bounds) t
where t.bounds is not null;

-- Whether rows lie in a default partition that belong into a range: only if ranges ran out. What retention keeps of a dropped
-- range lies there too, below every range.
create function usher.has_stray_rows() returns boolean
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    here record;
    answer boolean;
begin
    for here in select parent, min(first_id) as first_id from partition_range group by parent loop
        execute format('select exists (select from %I where %I >= %s)', here.parent || '_default',
                       case when here.parent like 'attempt%' then 'attempt_id' else 'job_id' end, here.first_id) into answer;
        if answer then return true; end if;
    end loop;
    return false;
end $$;

-- Which jobs of a range must stay, and why; `most` bounds how many are looked for.
create function usher.jobs_to_keep(first_id bigint, end_id bigint, most integer)
returns table (job_id bigint, why text)
language sql stable set search_path = usher, pg_temp as $$
    with kept (state, since) as (
        select subject, coalesce(clock_timestamp() - keep, '-infinity') from retention_policy where subject like 'job\_%'
    )
    select t.job_id, t.why from (
        select j.job_id, case
            when e.job_id is null then 'not ended'
            when e.state <> 'failed' then case when e.ended_at >= k.since then e.state || ' and younger than its rule' end
            when e.ended_at >= (select since from kept where state = 'job_failed')
                then 'failed and younger than its rule'
            when e.replayed_by is null and e.ended_at >= (select since from kept where state = 'job_failed_open')
                 and not exists (select from job n where n.subject_id = j.subject_id and n.job_id > j.job_id)
                then 'failed and not replayed'
            end as why
        from job j
        left join ended e on e.job_id = j.job_id and e.job_id >= $1 and e.job_id < $2
        left join kept k on k.state = 'job_' || e.state
        where j.job_id >= $1 and j.job_id < $2) t
    where t.why is not null
    limit most
$$;

create type usher.retention_step as (subject text, part text, action text, rows bigint, reason text);

-- Drops the oldest range of jobs whose time is over, or says why it cannot. What must be kept longer is moved to the
-- default partition; the queue stands still meanwhile, so only a few: if there are more, the range waits.
create function usher.drop_old_jobs(dry_run boolean) returns setof usher.retention_step
language plpgsql set search_path = usher, pg_temp set lock_timeout = '300ms' as $$
declare
    most constant integer := 10000;
    soonest timestamptz := (select clock_timestamp() - min(keep) from retention_policy where subject like 'job\_%');
    range record;
    newest timestamptz;
    keepers bigint[];
    reasons text;
    gone bigint;
begin
    for range in
        select r.partition, r.first_id, r.end_id, e.partition as ended
        from partition_range r left join partition_range e on e.parent = 'ended' and e.first_id = r.first_id
        where r.parent = 'job' and r.end_id <= (select last_value from job_id) order by r.first_id
    loop
        execute format('select enqueued_at from %I order by job_id desc limit 1', range.partition) into newest;
        exit when newest >= soonest or soonest is null;
        select array_agg(k.job_id), string_agg(distinct k.why, ', ') into keepers, reasons
        from jobs_to_keep(range.first_id, range.end_id, most + 1) k;
        if cardinality(keepers) > most then
            reasons := 'at least so many stay: ' || reasons;
            return next row('job', range.partition, 'waits', cardinality(keepers), reasons)::retention_step;
            -- Ranges leave in order: what is kept of one must lie below every range that is left.
            return;
        end if;
        execute format('select count(*) from %I', range.partition) into gone;
        gone := gone - coalesce(cardinality(keepers), 0);
        if not dry_run then
            begin
                -- In this order: a settlement and the claim after it take them so too.
                lock table ended, job in access exclusive mode;
            exception when lock_not_available then
                return next row('job', range.partition, 'waits', gone, 'the queue is busy; tried again')::retention_step;
                return;
            end;
            execute format('alter table job detach partition %I', range.partition);
            execute format('insert into job_default select * from %I where job_id = any ($1)', range.partition)
            using keepers;
            execute format('drop table %I', range.partition);
            if range.ended is not null then
                execute format('alter table ended detach partition %I', range.ended);
                -- Straight into the default partition: their attempts were counted when they arrived.
                execute format('insert into ended_default select * from %I where job_id = any ($1)', range.ended)
                using keepers;
                execute format('drop table %I', range.ended);
            end if;
        end if;
        if keepers is not null then
            return next row('job', range.partition, 'moved', cardinality(keepers), reasons)::retention_step;
        end if;
        return next row('job', range.partition, 'dropped', gone, 'older than the rules of their states')::retention_step;
        -- One a call: the locks are held until the transaction ends.
        return;
    end loop;
end $$;

-- The same for attempts, which stay as long as their job.
create function usher.drop_old_attempts(dry_run boolean) returns setof usher.retention_step
language plpgsql set search_path = usher, pg_temp set lock_timeout = '300ms' as $$
declare
    most constant integer := 10000;
    soonest timestamptz := (select clock_timestamp() - min(keep) from retention_policy where subject like 'job\_%');
    range record;
    newest timestamptz;
    keepers bigint[];
    gone bigint;
begin
    for range in
        select * from partition_range r
        where r.parent like 'attempt%' and r.end_id <= (select last_value from attempt_id) order by r.first_id
    loop
        execute format('select ended_at from %I order by attempt_id desc limit 1', range.partition) into newest;
        exit when newest >= soonest or soonest is null;
        execute format('select array_agg(attempt_id) from (select attempt_id from %I a '
                       'where exists (select from job j where j.job_id = a.job_id) limit %s) t', range.partition, most + 1)
        into keepers;
        if cardinality(keepers) > most then
            return next row('attempt', range.partition, 'waits', cardinality(keepers),
                            'at least so many stay: their jobs are kept')::retention_step;
            -- Ranges leave in order: what is kept of one must lie below every range that is left.
            return;
        end if;
        execute format('select count(*) from %I', range.partition) into gone;
        gone := gone - coalesce(cardinality(keepers), 0);
        if not dry_run then
            begin
                execute format('lock table %I in access exclusive mode', range.parent);
            exception when lock_not_available then
                return next row('attempt', range.partition, 'waits', gone, 'the queue is busy; tried again')::retention_step;
                return;
            end;
            execute format('alter table %I detach partition %I', range.parent, range.partition);
            -- Straight into the default partition: they were counted when they arrived.
            execute format('insert into %I select * from %I where attempt_id = any ($1)', range.parent || '_default',
                           range.partition) using keepers;
            execute format('drop table %I', range.partition);
        end if;
        if keepers is not null then
            return next row('attempt', range.partition, 'moved', cardinality(keepers), 'their jobs are kept')::retention_step;
        end if;
        return next row('attempt', range.partition, 'dropped', gone, 'their jobs are gone')::retention_step;
        return;
    end loop;
end $$;

-- Jobs that outlived their range leave one by one, each with its end and its attempts, when nothing keeps them any more.
create function usher.drop_kept_jobs(dry_run boolean, max_count integer) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    floor bigint := (select min(first_id) from partition_range where parent = 'job');
    old bigint[];
    log record;
begin
    old := array(select j.job_id from job_default j where j.job_id < floor
                 except select k.job_id from jobs_to_keep(0, floor, null) k limit max_count);
    if not dry_run then
        delete from job_default where job_id = any (old);
        delete from ended_default where job_id = any (old);
        for log in select distinct parent from partition_range where parent like 'attempt%' loop
            execute format('delete from %I where job_id = any ($1)', log.parent) using old;
        end loop;
    end if;
    return cardinality(old);
end $$;

-- The condition that no row of another table refers to a row `t` of this one.
create function usher.unreferenced(relation regclass) returns text
language sql stable set search_path = usher, pg_temp as $$
    select coalesce(string_agg(format('not exists (select from %s r where r.%I = t.%I)', c.conrelid::regclass, f.attname,
                                      p.attname), ' and ' order by c.conname), 'true')
    from pg_constraint c
    join pg_attribute f on f.attrelid = c.conrelid and f.attnum = c.conkey[1]
    join pg_attribute p on p.attrelid = c.confrelid and p.attnum = c.confkey[1]
    where c.confrelid = relation and c.contype = 'f' and c.confdeltype <> 'c' and c.conparentid = 0
$$;

-- What else must hold before a row leaves that is older than its rule.
create function usher.retention_rules() returns table (subject text, moment text, condition text)
language sql stable set search_path = usher, pg_temp as $$
    values ('batch', 'created_at', 'not exists (select from job j where j.batch_id = t.batch_id) and '
                                   || unreferenced('batch')),
           ('batch_event', 'at', 'not exists (select from job j where j.batch_id = t.batch_id)'),
           ('idempotency', 'created_at', 'true'),
           ('worker', 'ended_at', 'not exists (select from lease l where l.worker_id = t.worker_id)'),
           ('stale_settlement', 'seen_at', 'true'),
           ('outage_sign', 'signed_at', 'true'),
           ('drift', 'seen_at', 't.job_id is not null'),
           ('evidence', 'seen_at', 'exists (select from evidence n where n.hostname_id = t.hostname_id
                                            and n.evidence_id > t.evidence_id
                                            and (t.result <> ''proved'' or n.result = ''proved''))'),
           ('stat_minute', 'minute', 'true'),
           ('schedule_run', 'fired_at', 't.state <> ''due'''),
           ('retention_log', 'at', 'true'),
           ('cancel_order', 'ended_at', 'true'),
           ('replay_item', '(select o.ended_at from replay_order o where o.replay_id = t.replay_id)', 'true')
$$;

-- Deletes the rows that are older than their rules, at most so many of each kind.
create function usher.delete_old_rows(dry_run boolean, max_count integer) returns setof usher.retention_step
language plpgsql set search_path = usher, pg_temp as $$
declare
    rule record;
    touched bigint := drop_kept_jobs(dry_run, max_count);
begin
    if touched > 0 then
        return next row('job', 'job_default', 'deleted', touched, 'nothing keeps them any more')::retention_step;
    end if;
    for rule in
        select r.*, p.keep from retention_rules() r join retention_policy p using (subject)
        where p.keep is not null and to_regclass('usher.' || r.subject) is not null order by r.subject
    loop
        if dry_run then
            execute format('select count(*) from %I t where %s < clock_timestamp() - $1 and %s',
                           rule.subject, rule.moment, rule.condition) into touched using rule.keep;
        else
            execute format('delete from %1$I where ctid = any (array(select t.ctid from %1$I t '
                           'where %2$s < clock_timestamp() - $1 and %3$s limit $2 for update skip locked))',
                           rule.subject, rule.moment, rule.condition) using rule.keep, max_count;
            get diagnostics touched = row_count;
        end if;
        continue when touched = 0;
        return next row(rule.subject, rule.subject, 'deleted', touched, format('older than %s', rule.keep))::retention_step;
    end loop;
end $$;

-- Removes what is older than its rule, a bounded piece a call, and answers what it did; called again while `more`. Nothing
-- leaves without a line in `retention_log`. A dry run tells the next range and all rows that would. One caller at a time.
create function usher.apply_retention(dry_run boolean default false, max_count integer default 10000,
                                      out steps usher.retention_step[], out more boolean)
language plpgsql set search_path = usher, pg_temp as $$
begin
    steps := '{}';
    more := false;
    if not pg_try_advisory_xact_lock(hashtext('usher.apply_retention')) then return; end if;
    -- Jobs first: attempts and batches stay as long as theirs. The queue stands still from a drop to the transaction's end,
    -- so nothing else is done after one.
    steps := array(select s from drop_old_jobs(dry_run) s);
    more := exists (select from unnest(steps) s where s.action = 'dropped');
    if dry_run or not more then
        steps := steps || array(select s from drop_old_attempts(dry_run) s);
        more := exists (select from unnest(steps) s where s.action = 'dropped');
    end if;
    if dry_run or not more then
        steps := steps || array(select s from delete_old_rows(dry_run, max_count) s);
        more := exists (select from unnest(steps) s where s.action = 'deleted' and s.rows >= max_count);
    end if;
    more := more or exists (select from unnest(steps) s where s.reason like '%tried again');
    if not dry_run then
        insert into retention_log (subject, part, action, rows, reason) select * from unnest(steps);
    end if;
end $$;

-- The schedule ---------------------------------------------------------------------------------------------------------

-- Recurring work. When an entry comes due next is worked out by the program, which knows cron and time zones; whether it
-- runs is decided here.
create table usher.schedule (
    name         text        primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    work         text        not null check (work in ('sweep', 'evidence', 'retention', 'enqueue')),
    cron         text        not null,
    timezone     text        not null,
    -- What becomes of times at which no worker was there.
    missed       text        not null check (missed in ('skip', 'once', 'all')),
    missed_limit integer     not null check (missed_limit between 1 and 1000),
    settings     jsonb       not null check (jsonb_typeof(settings) = 'object'),
    enabled      boolean     not null,
    -- An operator's word, which a file does not change.
    paused       text        check (length(paused) > 0),
    revision     integer     not null default 1,
    next_at      timestamptz not null,
    last_at      timestamptz
);

-- Each time an entry came due, once. A run is `due` until its work is done, in the same transaction.
create table usher.schedule_run (
    run_id   bigint generated always as identity primary key,
    name     text        not null,
    due_at   timestamptz not null,
    work     text        not null,
    settings jsonb       not null,
    state    text        not null default 'due' check (state in ('due', 'done', 'failed', 'skipped')),
    tries    integer     not null default 0,
    -- Not before, after a failure or for the next piece.
    again_at timestamptz not null default clock_timestamp(),
    fired_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    message  text,
    unique (name, due_at),
    check ((state = 'due') = (ended_at is null))
);
create index schedule_run_due on usher.schedule_run (again_at) where state = 'due';

create function usher.no_such_schedule(p_name text) returns void
language plpgsql set search_path = usher, pg_temp as $$
begin
    raise exception 'no such schedule' using errcode = 'UE060', hint = 'see usher schedule list',
        detail = jsonb_build_object('code', 'UE060', 'name', p_name)::text;
end $$;

-- The entries of a file.
create function usher.wished_schedule(entries jsonb)
returns table (name text, work text, cron text, timezone text, missed text, missed_limit integer, settings jsonb,
               enabled boolean, next_at timestamptz)
language sql immutable set search_path = usher, pg_temp as $$
    select * from jsonb_to_recordset(entries) as e (name text, work text, cron text, timezone text, missed text,
        missed_limit integer, settings jsonb, enabled boolean, next_at timestamptz)
$$;

-- Makes the schedule what a file says: [{name, work, cron, timezone, missed, missed_limit, settings, enabled, next_at}, …].
-- Entries the file does not name are removed; their runs stay. An entry that stays as it was keeps its next time.
create function usher.apply_schedule(entries jsonb, p_reason text, dry_run boolean default false)
returns table (name text, change text)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
begin
    -- One at a time, and no entry fires meanwhile.
    lock table schedule in share row exclusive mode;
    return query
        select coalesce(w.name, s.name), case
            when s.name is null then 'added'
            when w.name is null then 'removed'
            when (w.work, w.cron, w.timezone, w.missed, w.missed_limit, w.settings, w.enabled)
                 is distinct from (s.work, s.cron, s.timezone, s.missed, s.missed_limit, s.settings, s.enabled)
            then 'changed' else 'unchanged' end
        from wished_schedule(entries) w full join schedule s using (name)
        order by 1;
    if dry_run then return; end if;
    perform record_audit('apply_schedule', p_reason, jsonb_build_object('entries', entries));
    delete from schedule s where not exists (select from wished_schedule(entries) w where w.name = s.name);
    insert into schedule as s (name, work, cron, timezone, missed, missed_limit, settings, enabled, next_at)
    select * from wished_schedule(entries) w
    on conflict on constraint schedule_pkey do update
    set work = excluded.work, cron = excluded.cron, timezone = excluded.timezone, missed = excluded.missed,
        missed_limit = excluded.missed_limit, settings = excluded.settings, enabled = excluded.enabled,
        next_at = excluded.next_at, revision = s.revision + 1
    where (s.work, s.cron, s.timezone, s.missed, s.missed_limit, s.settings, s.enabled)
          is distinct from (excluded.work, excluded.cron, excluded.timezone, excluded.missed, excluded.missed_limit,
                            excluded.settings, excluded.enabled);
end $$;

-- Records that an entry came due at these times, and when it is due next. Whoever comes second finds another next time and
-- does nothing: answers how many runs were recorded. `skipped_from` is the first of the times that are left out.
create function usher.fire_schedule(p_name text, p_revision integer, expected timestamptz, runs timestamptz[],
                                    skipped_from timestamptz, p_next_at timestamptz) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine schedule;
    moment timestamptz;
    fired integer;
begin
    select * into mine from schedule where name = p_name for update;
    moment := clock_timestamp();
    if mine.name is null or mine.revision <> p_revision or mine.next_at <> expected or mine.next_at > moment
       or not mine.enabled or mine.paused is not null
       -- Due again already: a minute has begun since the caller looked, who looks again.
       or p_next_at <= moment then
        return 0;
    end if;
    if exists (select from unnest(runs) as r (due_at) where due_at not between expected and moment) then
        raise exception 'these times of % are not its own', p_name using errcode = '22023';
    end if;
    insert into schedule_run (name, due_at, work, settings)
    select p_name, r.due_at, mine.work, mine.settings from unnest(runs) as r (due_at)
    on conflict (name, due_at) do nothing;
    get diagnostics fired = row_count;
    if skipped_from is not null then
        insert into schedule_run (name, due_at, work, settings, state, ended_at, message)
        values (p_name, skipped_from, mine.work, mine.settings, 'skipped', moment, 'missed, with what followed')
        on conflict (name, due_at) do nothing;
    end if;
    update schedule set next_at = p_next_at,
                        last_at = greatest(last_at, (select max(due_at) from unnest(runs) as r (due_at)))
    where name = p_name;
    return fired;
end $$;

-- An operator stops an entry, or has it go on: what it missed meanwhile is treated as its rule for missed times says.
create function usher.pause_schedule(p_name text, p_reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform record_audit('pause_schedule', p_reason, jsonb_build_object('name', p_name));
    update schedule set paused = p_reason where name = p_name;
    if not found then perform no_such_schedule(p_name); end if;
end $$;

create function usher.resume_schedule(p_name text, p_reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform record_audit('resume_schedule', p_reason, jsonb_build_object('name', p_name));
    update schedule set paused = null where name = p_name;
    if not found then perform no_such_schedule(p_name); end if;
end $$;

-- An operator has an entry run now, paused or not, beside its times. Answers the run, which a worker does at once.
create function usher.run_schedule(p_name text, p_reason text) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    answer bigint;
begin
    perform record_audit('run_schedule', p_reason, jsonb_build_object('name', p_name));
    insert into schedule_run (name, due_at, work, settings)
    select s.name, clock_timestamp(), s.work, s.settings from schedule s where s.name = p_name
    returning run_id into answer;
    if answer is null then perform no_such_schedule(p_name); end if;
    return answer;
end $$;

-- Has hostnames that are in force proved again whose newest handshake is old; their jobs do it. Answers how many.
create function usher.refresh_evidence(older_than interval, max_count integer) returns integer
language plpgsql set search_path = usher, pg_temp set lock_timeout = '500ms' as $$
declare
    host record;
    placed integer := 0;
begin
    for host in
        select h.hostname_id, t.lane_id
        from hostname h join tenant t on t.tenant = h.tenant
        cross join lateral (select e.seen_at from evidence e where e.hostname_id = h.hostname_id
                            order by e.evidence_id desc limit 1) e
        where h.standing in ('enforced', 'partial') and h.released_at is null
          and e.seen_at < clock_timestamp() - older_than
          and not exists (select from live l where l.subject_id = h.hostname_id)
        order by h.hostname_id limit max_count
        for no key update of h skip locked
    loop
        begin
            perform place_job('onboard', host.lane_id, host.hostname_id, null, 0::smallint, null, null);
            placed := placed + 1;
        exception when lock_not_available then
            -- Somebody else is placing it at this moment.
            null;
        end;
    end loop;
    return placed;
end $$;

-- One piece of a run's work; `again` says when another is to follow.
create function usher.do_scheduled(run usher.schedule_run, out message text, out again interval)
language plpgsql set search_path = usher, pg_temp as $$
declare
    count integer;
    retained record;
begin
    case run.work
    when 'sweep' then
        update zone set hinted_at = clock_timestamp();
        message := 'the zone is read next';
    when 'evidence' then
        count := refresh_evidence(make_interval(days => (run.settings ->> 'older_than_days')::integer), 500);
        again := case when count = 500 then interval '1 second' end;
        message := format('%s hostnames are proved again', count);
    when 'retention' then
        retained := apply_retention();
        -- Where the queue was too busy, a moment later it is no less so.
        again := case when not retained.more then null
                      when exists (select from unnest(retained.steps) as s where s.reason like '%tried again')
                      then interval '30 minutes' else interval '1 second' end;
        message := coalesce((select string_agg(format('%s %s: %s', s.part, s.action, s.rows), ', ')
                             from unnest(retained.steps) as s), 'nothing was old enough');
    when 'enqueue' then
        message := format('job %s', enqueue_scheduled(run.settings));
    end case;
end $$;

-- Does what is due, one run a call: its row is locked, so nobody else does it too, and with a worker that dies nothing of
-- it is kept. A failure is tried again, five times in all. Answers the run, or null if there is nothing to do.
create function usher.perform_scheduled(p_run_id bigint default null) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    run schedule_run;
    done record;
begin
    select * into run from schedule_run r
    where r.state = 'due' and r.again_at <= clock_timestamp() and (p_run_id is null or r.run_id = p_run_id)
    order by r.again_at limit 1 for update skip locked;
    if not found then return null; end if;
    begin
        done := do_scheduled(run);
        update schedule_run r set
            state = case when done.again is null then 'done' else 'due' end,
            ended_at = case when done.again is null then clock_timestamp() end,
            again_at = clock_timestamp() + coalesce(done.again, interval '0'),
            message = coalesce(done.message, r.message)
        where r.run_id = run.run_id;
    exception when others then
        update schedule_run r set
            tries = r.tries + 1, message = left(sqlerrm, 2000),
            state = case when r.tries + 1 >= 5 then 'failed' else 'due' end,
            ended_at = case when r.tries + 1 >= 5 then clock_timestamp() end,
            again_at = clock_timestamp() + (r.tries + 1) * interval '1 minute'
        where r.run_id = run.run_id;
    end;
    return run.run_id;
end $$;

-- Puts a job without a subject into the queue of a tenant: {kind, tenant, payload, priority}.
create function usher.enqueue_scheduled(settings jsonb) returns bigint
language sql set search_path = usher, pg_temp as $$
    select enqueue_job(settings ->> 'kind', settings ->> 'tenant', settings -> 'payload', (settings ->> 'priority')::integer)
$$;

-- Jobs of the newest ids that are not in exactly one place, looked for at a bounded cost; `usher.misplaced` looks at all.
create function usher.misplaced_among(newest bigint) returns bigint
language sql stable set search_path = usher, pg_temp as $$
    with place as (
        select job_id from ready where job_id > (select last_value from job_id) - newest
        union all select job_id from deferred where job_id > (select last_value from job_id) - newest
        union all select job_id from lease where job_id > (select last_value from job_id) - newest
        union all select job_id from ended where job_id > (select last_value from job_id) - newest
    ), known as (
        select job_id from job where job_id > (select last_value from job_id) - newest
    )
    select count(*) from (
        select job_id from known full join place using (job_id)
        group by job_id having count(place.job_id) <> 1 or count(known.job_id) = 0) t
$$;

-- migrate:down
drop function usher.misplaced_among, usher.perform_scheduled, usher.do_scheduled, usher.enqueue_scheduled,
    usher.refresh_evidence, usher.run_schedule, usher.resume_schedule, usher.pause_schedule, usher.fire_schedule,
    usher.apply_schedule, usher.wished_schedule, usher.no_such_schedule;
drop table usher.schedule_run, usher.schedule;
drop function usher.apply_retention, usher.delete_old_rows, usher.retention_rules, usher.unreferenced,
    usher.drop_kept_jobs, usher.drop_old_attempts, usher.drop_old_jobs, usher.jobs_to_keep, usher.set_retention;
drop type usher.retention_step;
drop function usher.has_stray_rows;
drop view usher.partition_range;
drop trigger evidence_is_immutable on usher.evidence;
create trigger evidence_is_immutable before update or delete on usher.evidence
    for each row execute function usher.refuse_change();
drop function usher.refuse_change_of_kept;
drop table usher.retention_log, usher.retention_policy;
drop function usher.refresh_queue_depth, usher.bounded_count, usher.fold_statistics;
drop function usher.refresh_standings;
drop table usher.queue_depth, usher.standing_count;
drop trigger ended_is_counted on usher.ended;
drop trigger attempt_is_counted on usher.attempt_log;
drop trigger stale_settlement_is_counted on usher.stale_settlement;
drop function usher.count_attempts, usher.count_ended, usher.count_stale;
drop table usher.stat_total, usher.stat_minute, usher.stat_delta;
