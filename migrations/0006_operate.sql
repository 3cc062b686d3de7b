-- What people and programs ask and order: where is it, stop it, do it again.

-- migrate:up

-- Where each job is, in one word, with what it waits for.
create view usher.job_place as
select j.job_id, j.kind, lane.name as tenant, j.subject_id, j.batch_id, j.replay_of, j.priority, j.enqueued_at,
       case when e.job_id is not null then e.state
            when l.job_id is not null then 'running'
            when d.job_id is not null then case when d.reason = 'retry' then 'retrying' else 'waiting' end
            when r.job_id is not null then 'ready'
            else 'misplaced' end as state,
       coalesce(e.attempts, l.attempts, d.attempts, r.attempts) as attempts,
       coalesce(e.outcome, d.reason) as reason,
       coalesce(e.actor, d.actor) as actor,
       e.error_class, e.code, e.message, e.ended_at, e.replayed_by, d.due_at, l.worker_id, l.attempt_id, l.claimed_at
from usher.job j
join usher.lane using (lane_id)
left join usher.ready r using (job_id)
left join usher.deferred d using (job_id)
left join usher.lease l using (job_id)
left join usher.ended e using (job_id);

create function usher.job_status(job_id bigint) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer jsonb;
begin
    select jsonb_strip_nulls(jsonb_build_object('job_id', p.job_id, 'tenant', p.tenant, 'hostname', h.name,
               'state', p.state, 'attempts', p.attempts, 'reason', p.reason, 'actor', p.actor,
               'error_class', p.error_class, 'code', p.code, 'message', p.message, 'batch_id', p.batch_id,
               'replay_of', p.replay_of, 'replayed_by', p.replayed_by, 'enqueued_at', p.enqueued_at,
               'due_at', p.due_at, 'ended_at', p.ended_at,
               'history', (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('attempt_id', a.attempt_id,
                       'number', a.number, 'worker_id', a.worker_id, 'started_at', a.started_at, 'ended_at', a.ended_at,
                       'outcome', a.outcome, 'reason', a.reason, 'error_class', a.error_class, 'code', a.code,
                       'message', a.message, 'actor', a.actor, 'provider_calls', a.provider_calls, 'detail', a.detail))
                   order by a.attempt_id) from attempt a where a.job_id = p.job_id)))
    into answer
    from job_place p left join hostname h on h.hostname_id = p.subject_id
    where p.job_id = $1;
    if answer is null then
        raise exception 'no such job' using errcode = 'UE040', hint = 'see usher job list',
            detail = jsonb_build_object('code', 'UE040', 'job_id', $1)::text;
    end if;
    return answer;
end $$;

-- Where a hostname stands, what it waits for and which DNS records its tenant must set.
create function usher.hostname_status(tenant text, hostname text) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    canonical record := canonical_hostname(hostname);
    answer jsonb;
begin
    select jsonb_strip_nulls(jsonb_build_object('hostname_id', h.hostname_id, 'hostname', h.name, 'tenant', h.tenant,
               'tier', t.tier, 'standing', h.standing, 'actor', h.standing_actor, 'message', h.standing_message,
               'generation', h.generation, 'observed_generation', h.observed_generation, 'wish', h.wish,
               'provider_id', h.provider_id, 'policy', h.applied_policy, 'observed', h.observed,
               'observed_at', h.observed_at, 'applied_at', h.applied_at,
               'validation', h.validation, 'validation_seen_at', h.validation_seen_at,
               'job_id', (select l.job_id from live l where l.subject_id = h.hostname_id)))
    into answer
    from hostname h join tenant t on t.tenant = h.tenant
    where h.tenant = $1 and h.name = canonical.name and h.released_at is null;
    if answer is null then
        raise exception 'no such hostname' using errcode = 'UE041', hint = 'see usher hostname list',
            detail = jsonb_build_object('code', 'UE041', 'hostname', $2)::text;
    end if;
    return answer;
end $$;

-- Counts over the batch's own jobs, by their place; the total was fixed when the batch was made.
create function usher.batch_progress(batch_id bigint) returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_build_object('batch_id', b.batch_id, 'name', b.name, 'origin', b.origin, 'total', b.total,
        'states', coalesce((select jsonb_object_agg(s.state, s.count) from (
            select state, count(*) from job_place p where p.batch_id = $1 group by state) s), '{}'),
        'ended', (select count(*) from job_place p where p.batch_id = $1 and p.state in ('done', 'failed', 'cancelled')))
    from batch b where b.batch_id = $1
$$;

-- Ends a job that has not started, or asks the attempt in progress to stop. Answers the job's new state.
create function usher.cancel(job_id bigint, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    gone record;
begin
    if coalesce(length($2), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept';
    end if;
    -- First the live row, as everybody who renews does; what renews it from now on is newer than this order.
    update live l set rerun = false where l.job_id = $1;
    -- A job on its way from one place to the next is in neither for a moment: look again.
    for try in 1..3 loop
        with taken as (
            delete from ready r where r.job_id = $1 returning r.attempts
        ), waited as (
            delete from deferred d where d.job_id = $1 returning d.attempts
        )
        select attempts into gone from (select attempts from taken union all select attempts from waited) t;
        if found then
            insert into ended (job_id, state, outcome, message, actor, attempts)
            values ($1, 'cancelled', 'cancelled', left($2, 4000), 'operator', gone.attempts);
            delete from live l where l.job_id = $1;
            update hostname h set standing = 'failed', standing_actor = 'operator', standing_message = left($2, 2000)
            where h.hostname_id = (select j.subject_id from job j where j.job_id = $1)
              and h.standing in ('queued', 'waiting');
            return 'cancelled';
        end if;
        update lease l set cancel_requested = $2 where l.job_id = $1;
        if found then return 'cancelling'; end if;
    end loop;
    return (select state from job_place p where p.job_id = $1);
end $$;

-- Which ended jobs a replay would take. Filter: state (failed, cancelled), error_class, code, tenant, tier, since, until;
-- an unknown key is an error, so that a typing mistake never widens the scope.
create function usher.replay_candidates(filter jsonb)
returns table (job_id bigint, lane_id integer, subject_id bigint, superseded boolean)
language plpgsql stable set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    unknown text := (select min(key) from jsonb_object_keys(filter) as k (key)
                     where key not in ('state', 'error_class', 'code', 'tenant', 'tier', 'since', 'until'));
begin
    if unknown is not null then
        raise exception 'unknown filter key %', unknown using errcode = '22023',
            hint = 'state, error_class, code, tenant, tier, since, until';
    end if;
    return query
        select e.job_id, j.lane_id, j.subject_id,
               -- A newer job of the same hostname, live or ended, has taken its place.
               exists (select from live where live.subject_id = j.subject_id)
               or exists (select from job n where n.subject_id = j.subject_id and n.job_id > j.job_id)
               or exists (select from hostname h where h.hostname_id = j.subject_id and h.released_at is not null)
        from ended e join job j using (job_id)
        join lane using (lane_id)
        left join tenant t on t.lane_id = j.lane_id
        where e.state = coalesce(filter ->> 'state', 'failed') and e.state in ('failed', 'cancelled')
          and e.replayed_by is null
          and (filter -> 'error_class' is null or e.error_class = filter ->> 'error_class')
          and (filter -> 'code' is null or e.code = filter ->> 'code')
          and (filter -> 'tenant' is null or lane.name = filter ->> 'tenant')
          and (filter -> 'tier' is null or t.tier = filter ->> 'tier')
          and (filter -> 'since' is null or e.ended_at >= (filter ->> 'since')::timestamptz)
          and (filter -> 'until' is null or e.ended_at < (filter ->> 'until')::timestamptz)
        order by e.job_id;
end $$;

create function usher.replay_preview(filter jsonb, out selected integer, out superseded integer)
language sql stable set search_path = usher, pg_temp as $$
    select count(*) filter (where not c.superseded), count(*) filter (where c.superseded) from replay_candidates(filter) c
$$;

-- Queues the selected jobs again as a batch of its own. Each ended job is replayed at most once; its history stays.
create function usher.replay(filter jsonb, reason text, out batch_id bigint, out replayed integer, out superseded integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    old record;
    placed record;
begin
    if coalesce(length(reason), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept with the batch';
    end if;
    insert into batch (name, origin, reason) values ('replay', 'replay', reason) returning batch.batch_id into batch_id;
    replayed := 0;
    superseded := 0;
    for old in select * from replay_candidates(filter) loop
        if old.superseded then
            superseded := superseded + 1;
            continue;
        end if;
        placed := place_job('onboard', old.lane_id, old.subject_id, batch_id, 0::smallint, null, old.job_id);
        update ended e set replayed_by = placed.job where e.job_id = old.job_id;
        update hostname h set standing = 'queued', standing_actor = null, standing_message = null
        where h.hostname_id = old.subject_id and h.standing in ('refused', 'failed');
        replayed := replayed + placed.created::integer;
    end loop;
    update batch b set total = replayed where b.batch_id = replay.batch_id;
end $$;

-- migrate:down
drop function usher.replay, usher.replay_preview, usher.replay_candidates, usher.cancel, usher.batch_progress,
    usher.hostname_status, usher.job_status;
drop view usher.job_place;
