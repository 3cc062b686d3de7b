-- The way in, in sets: many rows cost a handful of statements, one row costs as little as it can, nobody is woken who is awake.
--
--   enqueue_job ──────────────┐
--   enqueue_jobs ─────────────┤ admit (depth, age)   pending quota
--   enqueue_batch ─ judge ─┐  ├──────▶ place_jobs ─▶ job, ready | deferred, live, lane_wake
--   enqueue_onboarding ────┴─ take_rows ──┘
--
-- A caller's transaction may stay open for long. So nothing here is locked that others need, except where a quota is set:
-- then the tenant's row, which is what makes the quota exact.

-- migrate:up

-- The look-ups these keys made for each row cost more than they were worth: only the functions below write here.
alter table usher.job drop constraint if exists job_lane_id_fkey, drop constraint if exists job_batch_id_fkey;
-- The same rule as '^[a-z][a-z0-9_]{0,62}$' at a tenth of the cost.
alter table usher.job drop constraint job_kind_check;
alter table usher.job add constraint job_kind_check check (
    octet_length(kind) <= 63 and kind collate "C" >= 'a' and translate(kind, 'abcdefghijklmnopqrstuvwxyz0123456789_', '') = '');

-- The same rule as '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', likewise.
alter table usher.hostname drop constraint hostname_name_check;
alter table usher.hostname add constraint hostname_name_check check (
    length(name) <= 253 and name like '%.%' and translate(name, 'abcdefghijklmnopqrstuvwxyz0123456789-.', '') = ''
    and '.' || name || '.' not like all ('{%..%,%.-%,%-.%}') and (length(name) <= 63 or name !~ '[^.]{64}'));

-- What became ready, if it is known: at this rank or after.
alter table usher.lane_wake add column if not exists rank bigint default 0;
-- When it became ready, which may be long after it was queued.
alter table usher.ready add column since timestamptz not null default now();
-- A tenant's pending jobs are counted where a quota is set.
create index deferred_lane on usher.deferred (lane_id);

create function usher.ready_rank(priority integer, job_id bigint) returns bigint
language sql immutable parallel safe return ((9 - priority)::bigint << 56) + job_id;

-- 1. Who sleeps

-- A worker that found nothing says here, in milliseconds since 1970, that it sleeps; 0: nobody does. Whoever queues work calls
-- it by NOTIFY and moves the time on, so that of many who queue at once one calls and not all: a NOTIFY costs the cluster a
-- lock through the flush of the commit. A sequence, because it is not transactional: all see the newest value at once, and
-- nobody waits. It is a hint: polling is the truth.
create sequence usher.nap as bigint minvalue 0 start 0;

create function usher.fall_asleep() returns void
language sql set search_path = usher, pg_temp as $$
    select setval('usher.nap', (extract(epoch from clock_timestamp()) * 1000)::bigint)
$$;

create function usher.wake_up() returns void
language sql set search_path = usher, pg_temp as $$
    select setval('usher.nap', 0) where pg_sequence_last_value('usher.nap') > 0
$$;

create function usher.call_worker() returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    moment constant bigint := extract(epoch from clock_timestamp()) * 1000;
begin
    if pg_sequence_last_value('usher.nap') between 1 and moment then
        perform setval('usher.nap', moment + 10);
        perform pg_notify('usher_work', '');
    end if;
end $$;

-- 2. Back-pressure

-- How much work the queue takes, over all tenants or those of a tier. What was measured stands beside the limit, with its
-- time: an enqueue reads this row and counts nothing.
create table usher.admission_limit (
    -- A tier's name; '' is everybody.
    tier        text        primary key check (tier = '' or tier ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    max_ready   bigint      check (max_ready >= 1),
    max_age_ms  bigint      check (max_age_ms >= 1),
    changed_at  timestamptz not null default clock_timestamp(),
    ready       bigint      not null default 0 check (ready >= 0),
    -- Since when the oldest job of a lane that may run is ready.
    oldest_at   timestamptz,
    -- Jobs started a second, over all tenants, between the last two looks.
    started_per_s double precision not null default 0 check (started_per_s >= 0),
    last_attempt  bigint      not null default 0,
    measured_at timestamptz not null default '-infinity',
    took_ms     integer     not null default 0 check (took_ms >= 0),
    check (num_nonnulls(max_ready, max_age_ms) > 0)
);

-- Counts what is ready, if there are limits and the last look is a second old and twenty times as old as that look took: at
-- most a twentieth of one connection's time goes into it, whatever the backlog. Answers whether it looked.
create function usher.measure_backlog() returns boolean
language plpgsql set search_path = usher, pg_temp as $$
declare
    began constant timestamptz := clock_timestamp();
    due text[];
    newest bigint;
begin
    due := array(select l.tier from admission_limit l
                 where l.measured_at < began - greatest(interval '1 second', 20 * l.took_ms * interval '1 millisecond')
                 order by l.tier for update skip locked);
    if due = '{}' then return false; end if;
    newest := (select last_value from attempt_id);
    with lane_depth as (
        select r.lane_id, count(*) as ready, min(r.since) as oldest from ready r group by r.lane_id
    ), depth as (
        select coalesce(t.tier, '-') as tier, d.ready, d.oldest
        from lane_depth d left join tenant t using (lane_id)
    ), seen as (
        select tier, sum(ready)::bigint as ready, min(oldest) as oldest from depth group by tier
        union all select '', coalesce(sum(ready), 0)::bigint, min(oldest) from depth
    )
    update admission_limit l
    set ready = coalesce(s.ready, 0), oldest_at = s.oldest, last_attempt = newest,
        started_per_s = case when l.measured_at > began - interval '1 hour'
            then greatest(0, newest - l.last_attempt) / extract(epoch from began - l.measured_at) else 0 end,
        measured_at = clock_timestamp(), took_ms = ceil(extract(epoch from clock_timestamp() - began) * 1000)
    from admission_limit m left join seen s using (tier)
    where l.tier = m.tier and l.tier = any (due);
    return true;
end $$;

-- Refuses work that is too much for the limits of its tiers (UE035), with numbers and when to come back. A measurement that no
-- worker has renewed for ten seconds is renewed here.
create function usher.admit(tiers text[], wanted bigint) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    hit record;
begin
    if exists (select from admission_limit l
               where (l.tier = '' or l.tier = any (tiers)) and l.measured_at < clock_timestamp() - interval '10 seconds') then
        perform measure_backlog();
    end if;
    select l.*, (extract(epoch from clock_timestamp() - l.oldest_at) * 1000)::bigint as age_ms,
           -- Until what is above the limit has been started at the recent rate; unknown: a minute.
           least(3600, greatest(1, ceil(coalesce(
               case when l.ready + wanted > l.max_ready then (l.ready + wanted - l.max_ready) / nullif(l.started_per_s, 0)
                    else l.ready / nullif(l.started_per_s, 0) end, 60))))::integer as retry_after_s
    into hit
    from admission_limit l
    where (l.tier = '' or l.tier = any (tiers))
      and (l.ready + wanted > l.max_ready or l.oldest_at < clock_timestamp() - l.max_age_ms * interval '1 millisecond')
    order by l.tier limit 1;
    if found then
        raise exception 'the queue takes no more work for now' using errcode = 'UE035',
            detail = jsonb_strip_nulls(jsonb_build_object('code', 'UE035', 'tier', nullif(hit.tier, ''), 'wanted', wanted,
                'ready', hit.ready, 'max_ready', hit.max_ready, 'oldest_ms', hit.age_ms, 'max_age_ms', hit.max_age_ms,
                'measured_at', hit.measured_at, 'retry_after_s', hit.retry_after_s))::text,
            hint = format('come back in about %s s', hit.retry_after_s);
    end if;
end $$;

-- Sets a limit of a tier ('' is everybody); both numbers null takes it back.
create function usher.set_admission_limit(tier text, max_ready bigint, max_age interval, reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform record_audit('set_admission_limit', $4, jsonb_build_object('tier', $1, 'max_ready', $2, 'max_age', $3::text));
    if $2 is null and $3 is null then
        delete from admission_limit l where l.tier = $1;
        return;
    end if;
    insert into admission_limit as l (tier, max_ready, max_age_ms) values ($1, $2, extract(epoch from $3) * 1000)
    on conflict on constraint admission_limit_pkey do update
    set max_ready = excluded.max_ready, max_age_ms = excluded.max_age_ms, changed_at = clock_timestamp(),
        measured_at = '-infinity';
end $$;

-- How many jobs of a lane wait to be run, counted up to a bound.
create function usher.pending_jobs(p_lane_id integer, bound integer) returns integer
language sql set search_path = usher, pg_temp as $$
    select count(*)::integer from (
        (select from ready where lane_id = p_lane_id limit bound)
        union all (select from deferred where lane_id = p_lane_id limit bound) limit bound) t
$$;

-- Refuses jobs above their tenants' pending quotas (53400, all named). Lock, then count in a new statement: exact for any
-- number of callers, and paid only where a quota is set.
create function usher.check_pending(tenants text[], wanted bigint[]) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    over jsonb;
begin
    perform from tenant t where t.tenant = any (tenants) order by t.tenant for no key update;
    select jsonb_agg(jsonb_build_object('tenant', c.tenant, 'tier', c.tier, 'limit', c.pending_quota, 'pending', c.pending,
                                        'wanted', c.wanted) order by c.tenant) into over
    from (select t.tenant, t.tier, r.pending_quota, u.wanted, pending_jobs(t.lane_id, r.pending_quota + 1) as pending
          from unnest(tenants, wanted) u (tenant, wanted) join tenant t using (tenant)
          join tier r on r.name = t.tier where r.pending_quota is not null) c
    where c.pending + c.wanted > c.pending_quota;
    if over is not null then
        raise exception 'pending quota reached' using errcode = '53400',
            detail = ((over -> 0) || jsonb_build_object('code', '53400', 'refused', over))::text,
            hint = 'wait until jobs of this tenant have run, or move it to a larger tier';
    end if;
end $$;

-- 3. Placing

-- Puts a job for a subject into the queue, or finds the live one and has it look again.
create or replace function usher.place_job(p_kind text, p_lane_id integer, p_subject_id bigint, p_batch_id bigint,
    p_priority smallint, not_before timestamptz, p_replay_of bigint, out job bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    moved deferred;
    woken_at bigint;
begin
    job := nextval('job_id');
    insert into live (subject_id, job_id) values (p_subject_id, job)
    on conflict (subject_id) do update set rerun = true
    returning live.job_id, live.job_id = job into job, created;
    if created then
        insert into job (job_id, kind, lane_id, subject_id, batch_id, priority, replay_of)
        values (job, p_kind, p_lane_id, p_subject_id, p_batch_id, p_priority, p_replay_of);
        if not_before > clock_timestamp() then
            insert into deferred (job_id, lane_id, priority, due_at, reason, actor)
            values (job, p_lane_id, p_priority, not_before, 'scheduled', 'us');
        else
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, p_priority);
            woken_at := ready_rank(p_priority, job);
        end if;
    else
        -- It waits: the newer wish is a reason to look now, with all its attempts.
        delete from deferred where job_id = job returning * into moved;
        if found then
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, moved.priority);
            woken_at := ready_rank(moved.priority, job);
        end if;
    end if;
    if woken_at is not null then
        insert into lane_wake (lane_id, rank) values (p_lane_id, woken_at);
        if pg_sequence_last_value('usher.nap') > 0 then perform call_worker(); end if;
    end if;
end $$;

-- The same for many, in a few statements; subjects are distinct, or null for jobs without one. Both answers stand in the order
-- of the lanes given. Live rows are taken in the order of their subjects, so that callers do not wait for each other in a ring.
create function usher.place_jobs(p_kind text, lane_ids integer[], subject_ids bigint[], payloads jsonb[],
    priorities smallint[], p_batch_id bigint, not_before timestamptz, out jobs bigint[], out is_new boolean[])
language plpgsql set search_path = usher, pg_temp as $$
declare
    is_due constant boolean := coalesce(not_before <= clock_timestamp(), true);
    proposed bigint[];
    found_live bigint[];
begin
    proposed := array(select nextval('job_id') from generate_series(1, cardinality(lane_ids)));
    jobs := proposed;
    if subject_ids is not null then
        with wanted as materialized (
            select * from unnest(subject_ids, proposed) with ordinality as u (subject_id, job_id, place)
        ), listed as (
            insert into live as l (subject_id, job_id) select subject_id, job_id from wanted order by subject_id
            on conflict (subject_id) do update set rerun = true
            returning l.subject_id, l.job_id
        )
        select array_agg(l.job_id order by w.place), array_agg(l.job_id = w.job_id order by w.place),
               array_agg(l.job_id) filter (where l.job_id <> w.job_id)
        into jobs, is_new, found_live
        from wanted w join listed l using (subject_id);
    else
        is_new := array_fill(true, array[cardinality(lane_ids)]);
    end if;
    with input as materialized (
        select * from unnest(proposed, lane_ids, subject_ids, payloads, priorities, is_new)
            as u (job_id, lane_id, subject_id, payload, priority, fresh)
    ), made as (
        insert into job (job_id, kind, lane_id, subject_id, batch_id, priority, payload)
        select job_id, p_kind, lane_id, subject_id, p_batch_id, priority, coalesce(payload, '{}') from input where fresh
    ), later as (
        insert into deferred (job_id, lane_id, priority, due_at, reason, actor)
        select job_id, lane_id, priority, not_before, 'scheduled', 'us' from input where fresh and not is_due
    ), moved as (
        -- They wait: the newer wish is a reason to look now, with all their attempts.
        delete from deferred where job_id = any (found_live) returning job_id, lane_id, priority
    ), now_ready as materialized (
        select job_id, lane_id, priority from input where fresh and is_due
        union all select job_id, lane_id, priority from moved
    ), placed as (
        insert into ready (job_id, lane_id, priority) select job_id, lane_id, priority from now_ready
    )
    insert into lane_wake (lane_id, rank)
    select lane_id, min(((9 - priority)::bigint << 56) + job_id) from now_ready group by lane_id;
    if pg_sequence_last_value('usher.nap') > 0 then perform call_worker(); end if;
end $$;

-- 4. Requests asked twice

-- Answers what was answered before under this key to the same request; null if it is new. Another request is UE030. Of two at
-- once the second waits for the first. Keys are a tenant's; those of a request for several tenants are the login's, '@name'.
create function usher.recall_answer(p_tenant text, p_key text, request jsonb) returns jsonb
language plpgsql set search_path = usher, pg_temp as $$
declare
    hash constant text := encode(sha256(convert_to(request::text, 'UTF8')), 'hex');
    before idempotency;
begin
    insert into idempotency (tenant, key, request_hash, answer) values (p_tenant, p_key, hash, '{}')
    on conflict (tenant, key) do nothing;
    if found then return null; end if;
    select * into before from idempotency i where i.tenant = p_tenant and i.key = p_key;
    if before.request_hash <> hash then
        raise exception 'idempotency key was used for another request' using errcode = 'UE030',
            detail = jsonb_build_object('code', 'UE030', 'key', p_key)::text, hint = 'use a new key for a new request';
    end if;
    return before.answer;
end $$;

create function usher.keep_answer(p_tenant text, p_key text, p_answer jsonb) returns void
language sql set search_path = usher, pg_temp as $$
    update idempotency set answer = p_answer where tenant = p_tenant and key = p_key
$$;

-- 5. Jobs of any kind

-- Queues one job in the caller's transaction, with the least work a call can do.
create function usher.enqueue_job(kind text, tenant text, payload jsonb default '{}', priority integer default 0,
    not_before timestamptz default null, idempotency_key text default null) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    mine record;
    before jsonb;
    job bigint;
begin
    if $6 is not null then
        before := recall_answer($2, $6, jsonb_build_array($1, $3, $4, extract(epoch from $5)));
        if before is not null then return before ->> 'job_id'; end if;
    end if;
    -- The common case in one statement: due now, no quota, no limit.
    if coalesce($5 <= clock_timestamp(), true) then
        with mine as (
            select l.lane_id from lane l
            where l.name = $2 and not exists (select from admission_limit) and not exists (
                select from tenant t join tier r on r.name = t.tier where t.lane_id = l.lane_id and r.pending_quota is not null)
        ), made as (
            insert into job (kind, lane_id, priority, payload) select $1, lane_id, $4, coalesce($3, '{}') from mine
            returning job_id, lane_id
        ), placed as (
            insert into ready (job_id, lane_id, priority) select job_id, lane_id, $4 from made
        ), woken as (
            insert into lane_wake (lane_id, rank) select lane_id, ((9 - $4)::bigint << 56) + job_id from made
        )
        select job_id into job from made;
    end if;
    if job is not null then
        if pg_sequence_last_value('usher.nap') > 0 then perform call_worker(); end if;
    else
        select l.lane_id, t.tier, r.pending_quota into mine
        from lane l left join tenant t on t.lane_id = l.lane_id left join tier r on r.name = t.tier where l.name = $2;
        if not found then
            raise exception 'unknown tenant' using errcode = 'UE024', hint = 'call usher.set_tier for it first',
                detail = jsonb_build_object('code', 'UE024', 'tenant', $2)::text;
        end if;
        perform admit(array[mine.tier], 1);
        if mine.pending_quota is not null then perform check_pending(array[$2], array[1]); end if;
        select jobs[1] into job
        from place_jobs($1, array[mine.lane_id], null, array[$3], array[$4::smallint], null, $5);
    end if;
    if $6 is not null then perform keep_answer($2, $6, jsonb_build_object('job_id', job)); end if;
    return job;
end $$;

-- Queues many jobs of one kind, one for each tenant given (a tenant may come many times), all or none. With `subjects`, at most
-- one job of each lives: who asks again gets the live one. Subjects are of one number space with the hostnames' ids. With `batch_name` they are a batch with a total and one end.
create function usher.enqueue_jobs(kind text, tenants text[], payloads jsonb[] default null, subjects bigint[] default null,
    priority integer default 0, not_before timestamptz default null, batch_name text default null,
    idempotency_key text default null, out job_ids bigint[], out created integer, out batch_id bigint)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    before jsonb;
    lane_ids integer[];
    unknown text;
    asked record;
    placed record;
begin
    if cardinality($3) <> cardinality($2) or cardinality($4) <> cardinality($2) or coalesce($5, -1) not between 0 and 9 then
        raise exception 'the arrays differ in length, or the priority is not 0 to 9' using errcode = '22023',
            detail = jsonb_build_object('code', '22023', 'tenants', cardinality($2), 'payloads', cardinality($3),
                                        'subjects', cardinality($4), 'priority', $5)::text,
            hint = 'pass one payload and one subject for each tenant, or null';
    end if;
    if $8 is not null then
        before := recall_answer('@' || session_user, $8, jsonb_build_array(
            $1, to_jsonb($2), to_jsonb($3), to_jsonb($4), $5, extract(epoch from $6), $7));
        if before is not null then
            job_ids := array(select e::bigint from jsonb_array_elements_text(before -> 'job_ids') e);
            created := 0;
            batch_id := (before ->> 'batch_id')::bigint;
            return;
        end if;
    end if;
    if cardinality($4) <> (select count(distinct s) from unnest($4) s) then
        raise exception 'the subjects are not distinct' using errcode = '22023', hint = 'name each subject once in a call';
    end if;
    select array_agg(l.lane_id order by u.place), min(u.tenant) filter (where l.lane_id is null) into lane_ids, unknown
    from unnest($2) with ordinality as u (tenant, place) left join lane l on l.name = u.tenant;
    if unknown is not null then
        raise exception 'unknown tenant' using errcode = 'UE024', hint = 'call usher.set_tier for it first',
            detail = jsonb_build_object('code', 'UE024', 'tenant', unknown)::text;
    end if;
    if exists (select from admission_limit) or exists (select from tier r where r.pending_quota is not null) then
        select array_agg(distinct r.name) as tiers, array_agg(g.tenant) filter (where r.pending_quota is not null) as tenants,
               array_agg(g.wanted) filter (where r.pending_quota is not null) as wanted
        into asked
        from (select u.tenant, count(*) as wanted from unnest($2, $4) as u (tenant, subject)
              where not exists (select from live l where l.subject_id = u.subject) group by u.tenant) g
        join tenant t on t.tenant = g.tenant join tier r on r.name = t.tier;
        perform admit(coalesce(asked.tiers, '{}'), cardinality($2));
        if asked.tenants is not null then perform check_pending(asked.tenants, asked.wanted); end if;
    end if;
    if $7 is not null then
        insert into batch (name, origin) values ($7, 'enqueue') returning batch.batch_id into batch_id;
    end if;
    job_ids := '{}';
    created := 0;
    if cardinality($2) > 0 then
        placed := place_jobs($1, lane_ids, $4, $3, array_fill($5::smallint, array[cardinality($2)]), batch_id, $6);
        job_ids := placed.jobs;
        created := (select count(*) from unnest(placed.is_new) n where n);
    end if;
    update batch b set total = created where b.batch_id = enqueue_jobs.batch_id;
    if $8 is not null then
        perform keep_answer('@' || session_user, $8, jsonb_build_object('job_ids', to_jsonb(job_ids), 'batch_id', batch_id));
    end if;
end $$;

-- 6. Hostnames

-- One row of an onboarding as it was judged: what must be known to take it, or why it is refused.
create type usher.judged_row as (
    place integer, tenant text, lane_id integer, tier text, hostname_quota integer, pending_quota integer,
    name text, opts jsonb, priority integer, refusal usher.enqueue_answer
);

-- Judges rows by what does not depend on other rows: the tenant, the options, the name. A common name is settled here: of 7 to
-- 63 letters, digits and single hyphens, so neither an A-label nor one of the public suffixes; the others are worked out by
-- canonical_hostname.
create function usher.judge_rows(tenants text[], hostnames text[], options jsonb[], priorities integer[])
returns usher.judged_row[]
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer judged_row[];
begin
    with input as materialized (
        select i.*, lower(i.hostname collate "C") as plain
        from unnest(tenants, hostnames, options, priorities) with ordinality as i (tenant, hostname, opts, priority, place)
    ), sorted as materialized (
        select i.*, coalesce(
            i.plain like '%.%' and length(i.plain) between 7 and 63
            and translate(i.plain, 'abcdefghijklmnopqrstuvwxyz0123456789-.', '') = ''
            and translate(i.plain, '0123456789.', '') <> ''
            and '.' || i.plain || '.' not like all ('{%..%,%.-%,%-.%,%--%,%.test.,%.example.,%.invalid.,%.localhost.,%.example.com.,
                                                      %.example.net.,%.example.org.}'), false) as is_plain
        from input i
    ), named as (
        select s.*, s.plain as name, null::text as code, null::text as rule from sorted s where s.is_plain
        union all
        select s.*, c.name, c.code, c.rule from sorted s cross join lateral canonical_hostname(s.hostname) c where not s.is_plain
    ), known as (
        select n.*, t.lane_id, t.tier, r.hostname_quota, r.pending_quota,
               case when jsonb_typeof(n.opts) = 'object' then
                   n.opts <> '{}' and (n.opts - '{wildcard,min_tls,ciphers,custom_certificate}'::text[] <> '{}'
                   or coalesce(jsonb_typeof(n.opts -> 'wildcard') not in ('boolean', 'null'), false)
                   or coalesce(jsonb_typeof(n.opts -> 'custom_certificate') not in ('boolean', 'null'), false)
                   or coalesce(jsonb_typeof(n.opts -> 'ciphers') not in ('array', 'null'), false)
                   or coalesce(jsonb_path_exists(n.opts, 'strict $.ciphers[*] ? (@.type() != "string")', '{}', true), false)
                   or coalesce(jsonb_typeof(n.opts -> 'min_tls') not in ('string', 'null'), false)
                   or coalesce((n.opts ->> 'min_tls') not in ('1.0', '1.1', '1.2', '1.3'), false)) end as is_bad
        from named n left join tenant t on t.tenant = n.tenant left join tier r on r.name = t.tier
    )
    select array_agg(row(k.place, k.tenant, k.lane_id, k.tier, k.hostname_quota, k.pending_quota, k.name, k.opts, k.priority,
        case when k.lane_id is null then
                 refused('UE024', 'unknown tenant', 'call usher.set_tier for it first', jsonb_build_object('tenant', k.tenant))
             when k.priority not between 0 and 9 then
                 refused('22023', 'priority is 0 to 9', 'pass a number from 0 to 9',
                         jsonb_build_object('field', 'priority', 'actual', k.priority))
             when k.is_bad is null then
                 refused('22023', 'the options are not an object', 'pass a JSON object',
                         jsonb_build_object('field', 'opts', 'hostname', k.hostname))
             when k.is_bad then
                 refused('22023', 'bad option',
                    'options: wildcard (boolean), min_tls ("1.0" to "1.3"), ciphers (array), custom_certificate (boolean)',
                    jsonb_build_object('hostname', k.hostname, 'field', coalesce((select min(o.key)
                        from jsonb_object_keys(k.opts) as o (key)
                        where o.key not in ('wildcard', 'min_tls', 'ciphers', 'custom_certificate')), 'opts')))
             when k.code is not null then
                 refused(k.code, 'not a usable hostname: ' || k.rule, 'correct the name',
                         jsonb_build_object('hostname', k.hostname, 'rule', k.rule))
        end)::judged_row order by k.place)
    into answer
    from known k;
    return answer;
end $$;

-- Which of these rows are above their tenants' quotas (53400): the first come are served. Rows whose name somebody else holds,
-- or whose job is in the queue already, count for nothing. Lock, then count in a new statement.
create function usher.above_quota(rows usher.judged_row[]) returns table (place integer, answer usher.enqueue_answer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    limited text[];
begin
    limited := array(
        select distinct r.tenant from unnest(rows) r
        left join hostname h on h.name = r.name and h.released_at is null
        where h.name is null and r.hostname_quota is not null
           or r.pending_quota is not null and (h.name is null or h.tenant = r.tenant and not exists (
               select from live l where l.subject_id = h.hostname_id)));
    if limited = '{}' then return; end if;
    perform from tenant t where t.tenant = any (limited) order by t.tenant for no key update;
    return query
        with room as materialized (
            select t.tenant, least(1000000000, r.hostname_quota - (
                       select count(*) from hostname h where h.tenant = t.tenant and h.released_at is null)) as hostnames,
                   least(1000000000, r.pending_quota - pending_jobs(t.lane_id, r.pending_quota + 1)) as jobs,
                   r.hostname_quota, r.pending_quota
            from tenant t join tier r on r.name = t.tier where t.tenant = any (limited)
        ), counting as (
            select r.*, h.name is null as is_claim from unnest(rows) r
            left join hostname h on h.name = r.name and h.released_at is null
            where h.name is null or h.tenant = r.tenant and not exists (select from live l where l.subject_id = h.hostname_id)
        ), claims as (
            select c.*, m.hostnames, m.jobs, m.hostname_quota as hostname_limit, m.pending_quota as pending_limit,
                   count(*) filter (where c.is_claim) over (partition by c.tenant order by c.place) as claim
            from counting c join room m using (tenant)
        ), placed as (
            select c.*, not c.is_claim or c.hostnames is null or c.claim <= c.hostnames as fits,
                   count(*) filter (where not c.is_claim or c.hostnames is null or c.claim <= c.hostnames)
                       over (partition by c.tenant order by c.place) as job
            from claims c
        ), decided as (
            select p.*, p.fits and (p.jobs is null or p.job <= p.jobs) as is_taken,
                   count(*) filter (where p.is_claim and p.fits and (p.jobs is null or p.job <= p.jobs))
                       over (partition by p.tenant order by p.place) as claims_taken,
                   count(*) filter (where p.fits and (p.jobs is null or p.job <= p.jobs))
                       over (partition by p.tenant order by p.place) as jobs_taken
            from placed p
        )
        select d.place, case when d.is_claim and d.claims_taken >= d.hostnames then
                refused('53400', 'hostname quota reached', 'release a hostname or move to a larger tier',
                    jsonb_build_object('hostname', d.name, 'tier', d.tier, 'limit', d.hostname_limit))
            else refused('53400', 'pending quota reached', 'wait until jobs of this tenant have run, or move it to a larger tier',
                    jsonb_build_object('hostname', d.name, 'tier', d.tier, 'limit', d.pending_limit,
                                       'pending', d.pending_limit - d.jobs + d.jobs_taken)) end
        from decided d where not d.is_taken;
end $$;

-- Claims the hostnames of rows that were found good, of which no name comes twice, and queues their jobs.
create function usher.take_rows(rows usher.judged_row[], p_batch_id bigint, not_before timestamptz)
returns table (place integer, answer usher.enqueue_answer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    taken judged_row[] := rows;
    refused_places integer[];
    refusals enqueue_answer[];
    hostnames bigint[];
    placed record;
begin
    if exists (select from unnest(rows) r where r.hostname_quota is not null or r.pending_quota is not null) then
        select array_agg(q.place), array_agg(q.answer) into refused_places, refusals from above_quota(rows) q;
        if refused_places is not null then
            return query select refused_places[i], refusals[i] from generate_subscripts(refused_places, 1) i;
            taken := array(select r from unnest(rows) r where r.place <> all (refused_places) order by r.place);
        end if;
    end if;
    -- A row that is there is locked, and stays as it is until its job is placed.
    with claimed as (
        insert into hostname as h (tenant, name, wish)
        select r.tenant, r.name, jsonb_strip_nulls(r.opts) from unnest(taken) r order by r.name
        on conflict (name) where released_at is null do update set wish = h.wish where h.tenant = excluded.tenant
        returning h.hostname_id, h.name
    )
    select array_agg(c.hostname_id order by r.place), array_agg(r order by r.place) into hostnames, rows
    from claimed c join unnest(taken) r using (name);
    return query
        -- The owner is not named: that would tell one tenant about another.
        select r.place, refused('UE001', 'hostname is claimed by another tenant', 'the other claim must be released first',
                                jsonb_build_object('hostname', r.name))
        from unnest(taken) r where not exists (select from unnest(rows) c where c.place = r.place);
    if rows is null then return; end if;
    placed := place_jobs('onboard', array(select r.lane_id from unnest(rows) r), hostnames, null,
                         array(select r.priority::smallint from unnest(rows) r), p_batch_id, not_before);
    -- An option not given stays as it was: asking again never drops what was promised. Null takes an option back.
    update hostname h
    set wish = w.wish, generation = h.generation + case when h.wish = w.wish then 0 else 1 end,
        standing = case when w.is_again then 'queued' else h.standing end,
        standing_actor = case when w.is_again then null else h.standing_actor end,
        standing_message = case when w.is_again then null else h.standing_message end
    from (select o.hostname_id, jsonb_strip_nulls(o.wish || r.opts) as wish,
                 n.is_new and o.standing in ('refused', 'failed') as is_again
          from unnest(rows) with ordinality as r
          join unnest(hostnames, placed.is_new) with ordinality as n (hostname_id, is_new, ordinality) using (ordinality)
          join hostname o on o.hostname_id = n.hostname_id) w
    where h.hostname_id = w.hostname_id and (h.wish <> w.wish or w.is_again);
    return query
        select r.place, row(n.job_id, n.hostname_id, n.is_new, null, null, null, null)::enqueue_answer
        from unnest(rows) with ordinality as r
        join unnest(hostnames, placed.jobs, placed.is_new) with ordinality as n (hostname_id, job_id, is_new, ordinality)
            using (ordinality);
end $$;

-- One row of an onboarding, with refusals as values.
create or replace function usher.try_enqueue(p_tenant text, p_hostname text, opts jsonb, p_priority integer,
    not_before timestamptz, p_batch_id bigint) returns usher.enqueue_answer
language plpgsql set search_path = usher, pg_temp as $$
declare
    judged constant judged_row[] := judge_rows(array[p_tenant], array[p_hostname], array[opts], array[p_priority]);
    answer enqueue_answer := (judged[1]).refusal;
begin
    if answer.code is null then
        select (t.answer).* into answer from take_rows(judged, p_batch_id, not_before) t;
    end if;
    return answer;
end $$;

-- Queues one hostname of a tenant, in the caller's transaction. The same hostname again is the same job; the same
-- idempotency key with other arguments is UE030.
create or replace function usher.enqueue_onboarding(tenant text, hostname text, opts jsonb default '{}',
    idempotency_key text default null, priority integer default 0, not_before timestamptz default null,
    out job_id bigint, out hostname_id bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    before jsonb;
    answer enqueue_answer;
begin
    if $4 is not null then
        before := recall_answer($1, $4, jsonb_build_array($2, $3, $5, extract(epoch from $6)));
        if before is not null then
            job_id := before ->> 'job_id';
            hostname_id := before ->> 'hostname_id';
            created := false;
            return;
        end if;
    end if;
    if exists (select from admission_limit) then
        perform admit(array(select t.tier from tenant t where t.tenant = $1), 1);
    end if;
    answer := try_enqueue($1, $2, coalesce($3, '{}'), $5, $6, null);
    if answer.code is not null then
        raise exception '%', answer.message using errcode = answer.code, detail = answer.detail::text, hint = answer.hint;
    end if;
    if $4 is not null then
        perform keep_answer($1, $4, jsonb_build_object('job_id', answer.job_id, 'hostname_id', answer.hostname_id));
    end if;
    job_id := answer.job_id;
    hostname_id := answer.hostname_id;
    created := answer.created;
end $$;

drop function usher.enqueue_batch(jsonb, text, text);
-- Queues many: rows = [{tenant, hostname, opts?, priority?}, …]. With mode `all_or_nothing` one refused row refuses the
-- batch (UE034, every row named in DETAIL); with `partial` the others are queued and the refused ones are returned.
create function usher.enqueue_batch(rows jsonb, batch_name text, mode text default 'all_or_nothing',
    idempotency_key text default null,
    out batch_id bigint, out accepted integer, out created integer, out rejected jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    before jsonb;
    judged judged_row[];
    good judged_row[];
    -- For each good row, the one before it that names the same hostname; 0: none.
    earlier integer[];
    first integer := 1;
    part record;
    bad jsonb[];
begin
    if mode not in ('all_or_nothing', 'partial') then
        raise exception 'unknown mode %', mode using errcode = '22023', hint = 'all_or_nothing or partial';
    end if;
    if $4 is not null then
        before := recall_answer('@' || session_user, $4, jsonb_build_array($1, $2, $3));
        if before is not null then
            batch_id := before ->> 'batch_id';
            accepted := before ->> 'accepted';
            created := 0;
            rejected := before -> 'rejected';
            return;
        end if;
    end if;
    select judge_rows(array_agg(r.value ->> 'tenant' order by r.ordinality), array_agg(r.value ->> 'hostname' order by r.ordinality),
                      array_agg(coalesce(r.value -> 'opts', '{}') order by r.ordinality),
                      array_agg(coalesce((r.value ->> 'priority')::integer, 0) order by r.ordinality)) into judged
    from jsonb_array_elements($1) with ordinality r;
    bad := array(select (j.refusal).detail || jsonb_build_object('index', j.place - 1, 'message', (j.refusal).message,
                                                                 'hint', (j.refusal).hint)
                 from unnest(judged) j where (j.refusal).code is not null);
    good := array(select j from unnest(judged) j where (j.refusal).code is null order by j.place);
    if exists (select from admission_limit) then
        perform admit(array(select distinct g.tier from unnest(good) g), cardinality(good));
    end if;

    insert into batch (name, origin) values (batch_name, 'enqueue') returning batch.batch_id into batch_id;
    accepted := 0;
    created := 0;
    -- Row by row would be no different: a row that names a hostname again begins a new part, and sees what the last part did.
    earlier := array(select coalesce(lag(g.ordinality) over (partition by g.name order by g.ordinality), 0)
                     from unnest(good) with ordinality g order by g.ordinality);
    for place in 2..cardinality(good) + 1 loop
        continue when place <= cardinality(good) and earlier[place] < first;
        select count(*) filter (where (t.answer).code is null) as accepted, count(*) filter (where (t.answer).created) as created,
               array_agg((t.answer).detail || jsonb_build_object('index', t.place - 1, 'message', (t.answer).message,
                   'hint', (t.answer).hint)) filter (where (t.answer).code is not null) as bad
        into part from take_rows(good[first:place - 1], batch_id, null) t;
        accepted := accepted + part.accepted;
        created := created + part.created;
        bad := bad || part.bad;
        first := place;
    end loop;
    rejected := coalesce((select jsonb_agg(b order by (b ->> 'index')::integer) from unnest(bad) b), '[]');
    if mode = 'all_or_nothing' and bad <> '{}' then
        raise exception '% of % rows refused, nothing queued', cardinality(bad), jsonb_array_length(rows)
            using errcode = 'UE034', detail = rejected::text, hint = 'correct the rows, or pass mode => ''partial''';
    end if;
    update batch b set total = created where b.batch_id = enqueue_batch.batch_id;
    if $4 is not null then
        perform keep_answer('@' || session_user, $4,
            jsonb_build_object('batch_id', batch_id, 'accepted', accepted, 'rejected', rejected));
    end if;
end $$;

-- "Tenant T is now on tier X", in any order, any number of times: an event below the newest version heard changes nothing.
-- A change raises the generation of the tenant's hostnames and queues them; the policy is resolved when each job runs.
create or replace function usher.set_tier(tenant text, tier text, source_event_id text, source_version bigint,
    out applied boolean, out previous text, out jobs integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    plan record;
    mine record;
    hosts bigint[];
begin
    select * into plan from tier t where t.name = $2;
    if not found then
        raise exception 'unknown tier' using errcode = 'UE021', hint = 'see usher tier list',
            detail = jsonb_build_object('code', 'UE021', 'tier', $2)::text;
    end if;
    jobs := 0;
    -- The lane exists before the tenant does; ON CONFLICT keeps two first events from racing.
    insert into lane (name, weight, max_running) values ($1, plan.weight, plan.max_running) on conflict (name) do nothing;
    insert into tenant (tenant, tier, source_version, lane_id)
    select $1, $2, $4, lane_id from lane where name = $1
    on conflict (tenant) do nothing;
    applied := found;
    select * into mine from tenant t where t.tenant = $1 for no key update;
    if not applied and not exists (select from tier_event e where e.tenant = $1 and e.source_event = $3) then
        previous := mine.tier;
        applied := $4 > mine.source_version;
    elsif not applied then
        previous := mine.tier;
        return;
    end if;
    insert into tier_event (tenant, tier, previous, source_event, source_version, applied)
    values ($1, $2, previous, $3, $4, applied);
    if not applied or previous is null then return; end if;
    update tenant t set tier = $2, source_version = $4 where t.tenant = $1;
    if previous = $2 then return; end if;
    with changed as (
        update hostname h set generation = h.generation + 1
        where h.tenant = $1 and h.released_at is null returning h.hostname_id
    )
    select coalesce(array_agg(hostname_id order by hostname_id), '{}') into hosts from changed;
    jobs := cardinality(hosts);
    if jobs > 0 then
        perform place_jobs('onboard', array_fill(mine.lane_id, array[jobs]), hosts, null,
                           array_fill(0::smallint, array[jobs]), null, null);
    end if;
    update lane set weight = plan.weight, max_running = plan.max_running where lane_id = mine.lane_id;
end $$;

-- 7. Batches

-- Jobs of a batch in their order: all up to `counted_through` have ended, and are `counted`. So a look begins where the last
-- one stopped, and over a batch's life each of its jobs is looked at once.
drop index usher.job_batch;
create index job_batch on usher.job (batch_id, job_id) where batch_id is not null;
alter table usher.batch
    add column counted         integer     not null default 0 check (counted >= 0),
    add column counted_through bigint      not null default 0,
    add column completed_at    timestamptz,
    -- The jobs of a large batch by state, as counted some time ago.
    add column states          jsonb,
    add column states_at       timestamptz,
    add column states_took_ms  integer;
create index batch_open on usher.batch (batch_id) where completed_at is null;

-- That a batch has ended: one row a batch, for ever.
create table usher.batch_event (
    batch_id bigint      primary key references usher.batch,
    at       timestamptz not null default clock_timestamp(),
    total    integer     not null check (total >= 0),
    done     integer     not null check (done >= 0),
    failed   integer     not null check (failed >= 0),
    cancelled integer    not null check (cancelled >= 0),
    check (done + failed + cancelled = total)
);

-- Finds batches whose jobs have all ended and writes their event, once: the batch's row is locked, and an event is there once.
-- Answers how many it closed. A batch that is held open by one job costs one look-up.
create function usher.close_batches(max_count integer default 100) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    closed integer := 0;
    here record;
    seen record;
begin
    for here in
        select b.* from batch b
        where b.completed_at is null
          and (b.counted >= b.total or exists (
              select from ended e where e.job_id = (
                  select j.job_id from job j where j.batch_id = b.batch_id and j.job_id > b.counted_through
                  order by j.job_id limit 1)))
        order by b.batch_id limit max_count for no key update skip locked
    loop
        -- In steps, up to the first job that has not ended.
        loop
            exit when here.counted >= here.total;
            select count(*) filter (where s.all_ended) as ended, max(s.job_id) filter (where s.all_ended) as through,
                   count(*) as looked into seen
            from (select j.job_id, bool_and(e.job_id is not null) over (order by j.job_id) as all_ended
                  from (select job_id from job where batch_id = here.batch_id and job_id > here.counted_through
                        order by job_id limit 1000) j
                  left join ended e using (job_id)) s;
            exit when seen.ended = 0;
            here.counted := here.counted + seen.ended;
            here.counted_through := seen.through;
            exit when seen.ended < seen.looked;
        end loop;
        update batch b set counted = here.counted, counted_through = here.counted_through,
                           completed_at = case when here.counted >= here.total then clock_timestamp() end
        where b.batch_id = here.batch_id;
        continue when here.counted < here.total;
        insert into batch_event (batch_id, total, done, failed, cancelled)
        select here.batch_id, count(*), count(*) filter (where e.state = 'done'), count(*) filter (where e.state = 'failed'),
               count(*) filter (where e.state = 'cancelled')
        from job j join ended e using (job_id) where j.batch_id = here.batch_id
        on conflict (batch_id) do nothing;
        closed := closed + 1;
    end loop;
    return closed;
end $$;

-- A batch's jobs by state, counted.
create function usher.count_batch(p_batch_id bigint) returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select coalesce(jsonb_object_agg(s.state, s.count), '{}')
    from (select state, count(*) from job_place p where p.batch_id = p_batch_id group by state) s
$$;

-- Counts the open batches of more than 5,000 jobs, one a call, each at most a twentieth of the time.
create function usher.count_batches() returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    began constant timestamptz := clock_timestamp();
    here record;
begin
    select * into here from batch b
    where b.completed_at is null and b.total > 5000
      and coalesce(b.states_at < began - greatest(interval '1 second', 20 * b.states_took_ms * interval '1 millisecond'), true)
    order by b.states_at nulls first limit 1 for no key update skip locked;
    if not found then return; end if;
    update batch b set states = count_batch(b.batch_id), states_at = began where b.batch_id = here.batch_id;
    update batch b set states_took_ms = ceil(extract(epoch from clock_timestamp() - began) * 1000) where b.batch_id = here.batch_id;
end $$;

-- How far a batch is: exact for one that has ended (its event) and one of up to 5,000 jobs; a larger one as counted at `as_of`,
-- not more than a second ago or twenty times as long as counting takes.
create or replace function usher.batch_progress(batch_id bigint) returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_strip_nulls(jsonb_build_object('batch_id', b.batch_id, 'name', b.name, 'origin', b.origin, 'total', b.total,
        'states', s.states, 'completed_at', b.completed_at,
        'as_of', case when e.batch_id is null and b.total > 5000 then b.states_at end,
        'ended', coalesce((s.states ->> 'done')::integer, 0) + coalesce((s.states ->> 'failed')::integer, 0)
                 + coalesce((s.states ->> 'cancelled')::integer, 0)))
    from batch b
    left join batch_event e on e.batch_id = b.batch_id
    cross join lateral (
        select case
            when e.batch_id is not null then (
                select coalesce(jsonb_object_agg(t.state, t.count), '{}')
                from (values ('done', e.done), ('failed', e.failed), ('cancelled', e.cancelled)) t (state, count) where t.count > 0)
            when b.total > 5000 and b.states is not null then b.states
            else count_batch(b.batch_id) end as states) s
    where b.batch_id = $1
$$;

-- What a worker does each second for those who queue: measures what the limits need, counts and closes batches.
create function usher.tend_intake() returns integer
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform measure_backlog();
    perform count_batches();
    return close_batches();
end $$;

-- migrate:down
drop function usher.tend_intake, usher.batch_progress, usher.count_batches, usher.count_batch, usher.close_batches,
    usher.set_tier, usher.enqueue_batch, usher.enqueue_onboarding, usher.try_enqueue, usher.take_rows, usher.above_quota,
    usher.judge_rows, usher.enqueue_jobs, usher.enqueue_job, usher.keep_answer, usher.recall_answer, usher.place_jobs,
    usher.place_job, usher.check_pending, usher.pending_jobs, usher.set_admission_limit, usher.admit, usher.measure_backlog,
    usher.call_worker, usher.wake_up, usher.fall_asleep, usher.ready_rank;
drop type usher.judged_row;
drop table usher.batch_event, usher.admission_limit;
drop sequence usher.nap;
alter table usher.batch drop column counted, drop column counted_through, drop column completed_at, drop column states,
    drop column states_at, drop column states_took_ms;
drop index usher.job_batch, usher.deferred_lane;
create index job_batch on usher.job (batch_id) where batch_id is not null;
alter table usher.ready drop column since;
alter table usher.job drop constraint job_kind_check;
alter table usher.job add constraint job_kind_check check (kind ~ '^[a-z][a-z0-9_]{0,62}$');
alter table usher.hostname drop constraint hostname_name_check;
alter table usher.hostname add constraint hostname_name_check check (length(name) <= 253
    and name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$');
create function usher.place_job(p_kind text, p_lane_id integer, p_subject_id bigint, p_batch_id bigint, p_priority smallint,
                                not_before timestamptz, p_replay_of bigint, out job bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    moved deferred;
begin
    job := nextval('job_id');
    insert into live (subject_id, job_id) values (p_subject_id, job)
    on conflict (subject_id) do update set rerun = true
    returning live.job_id, live.job_id = job into job, created;
    if created then
        insert into job (job_id, kind, lane_id, subject_id, batch_id, priority, replay_of)
        values (job, p_kind, p_lane_id, p_subject_id, p_batch_id, p_priority, p_replay_of);
        if not_before > clock_timestamp() then
            insert into deferred (job_id, lane_id, priority, due_at, reason, actor)
            values (job, p_lane_id, p_priority, not_before, 'scheduled', 'us');
        else
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, p_priority);
        end if;
    else
        -- It waits: the newer wish is a reason to look now, with all its attempts.
        delete from deferred where job_id = job returning * into moved;
        if found then
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, moved.priority);
        end if;
    end if;
    insert into lane_wake (lane_id) values (p_lane_id);
end $$;
create function usher.try_enqueue(p_tenant text, p_hostname text, opts jsonb, p_priority integer, not_before timestamptz,
                                  p_batch_id bigint) returns usher.enqueue_answer
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine record;
    canonical record;
    host record;
    unknown text;
    placed record;
begin
    select t.tenant, t.lane_id, tier.hostname_quota, tier.name as tier into mine
    from tenant t join tier on tier.name = t.tier where t.tenant = p_tenant;
    if not found then
        return refused('UE024', 'unknown tenant', 'call usher.set_tier for it first', jsonb_build_object('tenant', p_tenant));
    end if;
    if p_priority not between 0 and 9 then
        return refused('22023', 'priority is 0 to 9', 'pass a number from 0 to 9',
                       jsonb_build_object('field', 'priority', 'actual', p_priority));
    end if;
    if jsonb_typeof(opts) is distinct from 'object' then
        return refused('22023', 'the options are not an object', 'pass a JSON object',
                       jsonb_build_object('field', 'opts', 'hostname', p_hostname));
    end if;
    select min(key) into unknown from jsonb_object_keys(opts) as k (key)
    where key not in ('wildcard', 'min_tls', 'ciphers', 'custom_certificate');
    if unknown is not null
       or jsonb_typeof(opts -> 'wildcard') not in ('boolean', 'null')
       or jsonb_typeof(opts -> 'custom_certificate') not in ('boolean', 'null')
       or jsonb_typeof(opts -> 'ciphers') not in ('array', 'null')
       or jsonb_path_exists(opts, 'strict $.ciphers[*] ? (@.type() != "string")', '{}', true)
       or jsonb_typeof(opts -> 'min_tls') not in ('string', 'null') or (opts ->> 'min_tls') not in ('1.0', '1.1', '1.2', '1.3') then
        return refused('22023', 'bad option',
                       'options: wildcard (boolean), min_tls ("1.0" to "1.3"), ciphers (array), custom_certificate (boolean)',
                       jsonb_build_object('field', coalesce(unknown, 'opts'), 'hostname', p_hostname));
    end if;
    canonical := canonical_hostname(p_hostname);
    if canonical.code is not null then
        return refused(canonical.code, 'not a usable hostname: ' || canonical.rule, 'correct the name',
                       jsonb_build_object('hostname', p_hostname, 'rule', canonical.rule));
    end if;

    select * into host from hostname h where h.name = canonical.name and h.released_at is null;
    if not found and mine.hostname_quota is not null then
        -- Lock, then count in a new statement: the quota is exact for any number of callers.
        perform from tenant where tenant = p_tenant for no key update;
        if (select count(*) from hostname h where h.tenant = p_tenant and h.released_at is null) >= mine.hostname_quota then
            return refused('53400', 'hostname quota reached', 'release a hostname or move to a larger tier',
                jsonb_build_object('hostname', canonical.name, 'tier', mine.tier, 'limit', mine.hostname_quota));
        end if;
    end if;
    -- An option not given stays as it was: asking again never drops what was promised. Null takes an option back.
    insert into hostname as h (tenant, name, wish) values (p_tenant, canonical.name, jsonb_strip_nulls(opts))
    on conflict (name) where released_at is null do update
        set wish = jsonb_strip_nulls(h.wish || opts),
            generation = h.generation + case when h.wish = jsonb_strip_nulls(h.wish || opts) then 0 else 1 end
        where h.tenant = excluded.tenant
    returning h.* into host;
    if not found then
        -- The owner is not named: that would tell one tenant about another.
        return refused('UE001', 'hostname is claimed by another tenant', 'the other claim must be released first',
                       jsonb_build_object('hostname', canonical.name));
    end if;
    placed := place_job('onboard', mine.lane_id, host.hostname_id, p_batch_id, p_priority::smallint, not_before, null);
    if placed.created then
        update hostname set standing = 'queued', standing_actor = null, standing_message = null
        where hostname_id = host.hostname_id and standing in ('refused', 'failed');
    end if;
    return row(placed.job, host.hostname_id, placed.created, null, null, null, null)::enqueue_answer;
end $$;
create function usher.enqueue_onboarding(tenant text, hostname text, opts jsonb default '{}',
    idempotency_key text default null, priority integer default 0, not_before timestamptz default null,
    out job_id bigint, out hostname_id bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    request text := encode(sha256(convert_to(jsonb_build_array($2, $3, $5, extract(epoch from $6))::text, 'UTF8')), 'hex');
    before record;
    answer enqueue_answer;
begin
    if $4 is not null then
        insert into idempotency (tenant, key, request_hash, answer) values ($1, $4, request, '{}')
        on conflict (tenant, key) do nothing;
        if not found then
            select * into before from idempotency i where i.tenant = $1 and i.key = $4;
            if before.request_hash <> request then
                raise exception 'idempotency key was used for another request' using errcode = 'UE030',
                    detail = jsonb_build_object('code', 'UE030', 'key', $4)::text, hint = 'use a new key for a new request';
            end if;
            job_id := before.answer ->> 'job_id';
            hostname_id := before.answer ->> 'hostname_id';
            created := false;
            return;
        end if;
    end if;
    answer := try_enqueue($1, $2, coalesce($3, '{}'), $5, $6, null);
    if answer.code is not null then
        raise exception '%', answer.message using errcode = answer.code, detail = answer.detail::text, hint = answer.hint;
    end if;
    if $4 is not null then
        update idempotency i set answer = jsonb_build_object('job_id', answer.job_id, 'hostname_id', answer.hostname_id)
        where i.tenant = $1 and i.key = $4;
    end if;
    job_id := answer.job_id;
    hostname_id := answer.hostname_id;
    created := answer.created;
end $$;
create function usher.enqueue_batch(rows jsonb, batch_name text, mode text default 'all_or_nothing',
    out batch_id bigint, out accepted integer, out created integer, out rejected jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    item record;
    answer enqueue_answer;
    bad jsonb[] := '{}';
begin
    if mode not in ('all_or_nothing', 'partial') then
        raise exception 'unknown mode %', mode using errcode = '22023', hint = 'all_or_nothing or partial';
    end if;
    insert into batch (name, origin) values (batch_name, 'enqueue') returning batch.batch_id into batch_id;
    accepted := 0;
    created := 0;
    for item in select r.value, r.ordinality - 1 as index from jsonb_array_elements(rows) with ordinality r loop
        answer := try_enqueue(item.value ->> 'tenant', item.value ->> 'hostname', coalesce(item.value -> 'opts', '{}'),
                              coalesce((item.value ->> 'priority')::integer, 0), null, batch_id);
        if answer.code is null then
            accepted := accepted + 1;
            created := created + answer.created::integer;
        else
            bad := bad || (answer.detail || jsonb_build_object('index', item.index, 'message', answer.message,
                                                               'hint', answer.hint));
        end if;
    end loop;
    rejected := to_jsonb(bad);
    if mode = 'all_or_nothing' and bad <> '{}' then
        raise exception '% of % rows refused, nothing queued', cardinality(bad), jsonb_array_length(rows)
            using errcode = 'UE034', detail = rejected::text, hint = 'correct the rows, or pass mode => ''partial''';
    end if;
    update batch b set total = created where b.batch_id = enqueue_batch.batch_id;
end $$;
create function usher.set_tier(tenant text, tier text, source_event_id text, source_version bigint,
    out applied boolean, out previous text, out jobs integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    plan record;
    mine record;
    host record;
begin
    select * into plan from tier t where t.name = $2;
    if not found then
        raise exception 'unknown tier' using errcode = 'UE021', hint = 'see usher tier list',
            detail = jsonb_build_object('code', 'UE021', 'tier', $2)::text;
    end if;
    jobs := 0;
    -- The lane exists before the tenant does; ON CONFLICT keeps two first events from racing.
    insert into lane (name, weight, max_running) values ($1, plan.weight, plan.max_running) on conflict (name) do nothing;
    insert into tenant (tenant, tier, source_version, lane_id)
    select $1, $2, $4, lane_id from lane where name = $1
    on conflict (tenant) do nothing;
    applied := found;
    select * into mine from tenant t where t.tenant = $1 for no key update;
    if not applied and not exists (select from tier_event e where e.tenant = $1 and e.source_event = $3) then
        previous := mine.tier;
        applied := $4 > mine.source_version;
    elsif not applied then
        previous := mine.tier;
        return;
    end if;
    insert into tier_event (tenant, tier, previous, source_event, source_version, applied)
    values ($1, $2, previous, $3, $4, applied);
    if not applied or previous is null then return; end if;
    update tenant t set tier = $2, source_version = $4 where t.tenant = $1;
    if previous = $2 then return; end if;
    for host in
        update hostname h set generation = h.generation + 1
        where h.tenant = $1 and h.released_at is null returning h.hostname_id
    loop
        perform place_job('onboard', mine.lane_id, host.hostname_id, null, 0::smallint, null, null);
        jobs := jobs + 1;
    end loop;
    update lane set weight = plan.weight, max_running = plan.max_running where lane_id = mine.lane_id;
end $$;
create function usher.batch_progress(batch_id bigint) returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_build_object('batch_id', b.batch_id, 'name', b.name, 'origin', b.origin, 'total', b.total,
        'states', coalesce((select jsonb_object_agg(s.state, s.count) from (
            select state, count(*) from job_place p where p.batch_id = $1 group by state) s), '{}'),
        'ended', (select count(*) from job_place p where p.batch_id = $1 and p.state in ('done', 'failed', 'cancelled')))
    from batch b where b.batch_id = $1
$$;
