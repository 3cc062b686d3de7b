-- What workers call. Every function is READ COMMITTED: each statement in it sees what was committed before that statement,
-- which is what "lock, then count in a new statement" needs.

-- migrate:up

-- A worker announces itself; the answer is its number for as long as it keeps its heartbeat.
create function usher.register_worker(name text, lease interval) returns bigint
language sql set search_path = usher, pg_temp as $$
    insert into worker (name, expires_at) values (name, clock_timestamp() + lease) returning worker_id
$$;

-- One heartbeat a process, whatever it runs. Answers whether the worker still counts as alive (if not, all its leases are
-- forfeit and it must stop its work and register anew) and which of its attempts somebody asked to cancel.
create function usher.heartbeat(p_worker_id bigint, lease interval, out alive boolean, out cancel_requested bigint[])
language plpgsql set search_path = usher, pg_temp as $$
begin
    update worker w set seen_at = clock_timestamp(), expires_at = clock_timestamp() + lease
    where w.worker_id = p_worker_id and w.ended_at is null;
    alive := found;
    cancel_requested := array(select l.attempt_id from lease l
                              where l.worker_id = p_worker_id and l.cancel_requested is not null);
end $$;

-- Folds wake-ups into lanes. Never waits: a lane or a wake-up somebody else holds is left for the next claim.
-- No wake-up is lost: its row commits together with the ready row or the freed slot it tells of, and a lane is parked only
-- under its lock after looking again, so either the parker sees the work or the wake-up is folded after the parking.
create function usher.fold_wakes(max_count integer) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    wanted integer[];
    held integer[];
begin
    wanted := array(select distinct w.lane_id from (select lane_id from lane_wake limit max_count) w);
    if wanted = '{}' then return; end if;
    held := array(select lane_id from lane where lane_id = any (wanted) order by lane_id for no key update skip locked);
    -- Only wake-ups seen by this statement, which began after the lock: what commits later is not taken away with them.
    delete from lane_wake where ctid = any (array(
        select ctid from lane_wake where lane_id = any (held) limit max_count for update skip locked));
    -- A lane that wakes starts at the present: idle time is not hoarded.
    update lane set state = 'runnable',
                    virtual_time = greatest(virtual_time, (select last_value from virtual_time))
    where lane_id = any (held) and state in ('empty', 'limited');
end $$;

-- Moves work whose time has come from `deferred` to `ready`.
create function usher.promote_due(max_count integer) returns integer
language sql set search_path = usher, pg_temp as $$
    with due as (
        delete from deferred where job_id = any (array(
            select job_id from deferred where due_at <= clock_timestamp()
            order by due_at limit max_count for update skip locked))
        returning job_id, lane_id, priority, attempts, losses
    ), placed as (
        insert into ready (job_id, lane_id, priority, attempts, losses) select * from due returning lane_id
    ), woken as (
        insert into lane_wake (lane_id) select distinct lane_id from placed
    )
    select count(*)::integer from placed
$$;

create type usher.claimed_job as (
    job_id bigint, attempt_id bigint, number smallint, losses smallint, kind text, lane text,
    subject_id bigint, batch_id bigint, payload jsonb, deadline_at timestamptz
);

-- Claims up to `max_count` jobs for a worker, fairly: the lanes that have had least run first, each gives a few.
-- Cost grows with the lanes visited, never with the backlog.
create function usher.claim(p_worker_id bigint, max_count integer, time_limit interval default '5 minutes')
returns setof usher.claimed_job
language plpgsql set search_path = usher, pg_temp as $$
declare
    -- One job of a lane of weight 1 advances its virtual time by this much.
    scale constant bigint := 1000000;
    here record;
    quantum integer := greatest(1, least(32, max_count / 4));
    allowed integer;
    taken bigint[];
    claimed bigint[] := '{}';
    before integer;
begin
    -- A dead worker gets nothing, and while the provider told everyone to stop, nobody does: a job that could not make its
    -- call would only hold a slot.
    if max_count < 1 or not exists (select from worker where worker_id = p_worker_id and ended_at is null)
       or exists (select from budget where blocked_until > clock_timestamp()) then
        return;
    end if;
    perform promote_due(500);
    perform fold_wakes(2000);

    -- Several rounds, so that a few lanes with much work fill the batch as well as many with little.
    loop
        before := cardinality(claimed);
        for here in
            select l.* from lane l where l.state = 'runnable'
            order by l.virtual_time limit greatest(4, max_count) for no key update skip locked
        loop
            exit when cardinality(claimed) >= max_count;
            -- A new statement, hence a snapshot younger than the lane's lock: the limit is exact, with no counter to leak.
            allowed := least(quantum, max_count - cardinality(claimed),
                             here.max_running - (select count(*) from lease where lane_id = here.lane_id)::integer);
            if allowed > 0 then
                with chosen as (
                    delete from ready where job_id = any (array(
                        select r.job_id from ready r where r.lane_id = here.lane_id
                        order by r.priority desc, r.job_id limit allowed for update skip locked))
                    returning *
                ), leased as (
                    insert into lease (job_id, attempt_id, worker_id, lane_id, priority, attempts, losses, deadline_at)
                    select c.job_id, nextval('attempt_id'), p_worker_id, c.lane_id, c.priority, c.attempts, c.losses,
                           clock_timestamp() + time_limit
                    from chosen c
                    returning job_id
                )
                select array_agg(job_id) into taken from leased;
            else
                taken := null;
            end if;
            if taken is not null then
                claimed := claimed || taken;
                perform setval('virtual_time', greatest(here.virtual_time, (select last_value from virtual_time)));
            end if;
            update lane set
                virtual_time = virtual_time + coalesce(cardinality(taken), 0) * scale / weight,
                state = case
                    when allowed <= 0 then 'limited'
                    when not exists (select from ready where lane_id = here.lane_id) then 'empty'
                    else 'runnable' end
            where lane_id = here.lane_id;
        end loop;
        exit when cardinality(claimed) = before or cardinality(claimed) >= max_count;
    end loop;

    -- A wish that was committed before this point will be seen by the attempt that now begins, so it needs no rerun.
    update live set rerun = false where subject_id = any (array(
        select subject_id from live where job_id = any (claimed) and rerun for update skip locked));
    return query
        select j.job_id, l.attempt_id, (l.attempts + 1)::smallint, l.losses, j.kind, lane.name,
               j.subject_id, j.batch_id, j.payload, l.deadline_at
        from unnest(claimed) with ordinality as c (job_id, place)
        join lease l using (job_id) join job j using (job_id) join lane on lane.lane_id = l.lane_id
        order by c.place;
end $$;

-- True while this attempt's lease stands, which is then held until the transaction ends: what a handler records beside its
-- settlement says `… and usher.holds(attempt)`, and the two stand or fall together.
create function usher.holds(p_attempt_id bigint) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform from lease where attempt_id = p_attempt_id for update;
    return found;
end $$;

-- Records how attempts ended and moves their jobs to the next place. A settlement whose (job, attempt) holds no lease is
-- stale: it is logged and not applied. Answers the attempts accepted.
--
-- Each element: {job_id, attempt_id, outcome: done|failed|cancelled|retry|deferred|released, delay_ms, reason, error_class,
-- code, message, actor, provider_calls, detail}.
create function usher.settle(p_worker_id bigint, settlements jsonb) returns bigint[]
language plpgsql set search_path = usher, pg_temp as $$
declare
    ending bigint[];
    still bigint[];
    renewed bigint[];
    accepted bigint[];
begin
    -- Whose wish grew while the attempt ran? A live row that cannot be locked is being renewed by a transaction in
    -- progress: the job runs once more, whatever that transaction decides; if it waits, after a second, not at once, since
    -- that transaction may stay open for long.
    ending := array(select s.job_id from jsonb_to_recordset(settlements) as s (job_id bigint, outcome text));
    still := array(select job_id from live where job_id = any (ending) and not rerun for update skip locked);
    renewed := array(select job_id from live where job_id = any (ending) and job_id <> all (still));

    with input as (
        select * from jsonb_to_recordset(settlements) as s (
            job_id bigint, attempt_id bigint, outcome text, delay_ms bigint, reason text, error_class text, code text,
            message text, actor text, provider_calls integer, detail jsonb)
    ), released as (
        delete from lease l using input i where l.job_id = i.job_id and l.attempt_id = i.attempt_id returning l.*
    ), settled as (
        select r.*, i.error_class, i.code, left(i.message, 4000) as message, i.actor,
               -- A job somebody asked to cancel ends here, unless this attempt finished it.
               case when r.cancel_requested is not null and i.outcome in ('retry', 'deferred', 'released')
                    then 'cancelled' else i.outcome end as outcome,
               coalesce(r.cancel_requested, i.reason) as reason,
               coalesce(i.provider_calls, 0) as provider_calls, coalesce(i.detail, '{}') as detail,
               clock_timestamp() + case when r.job_id = any (renewed) then interval '1 second'
                                        else coalesce(i.delay_ms, 0) * interval '1 millisecond' end as due_at
        from released r join input i using (job_id, attempt_id)
    ), stale as (
        insert into stale_settlement (attempt_id, job_id, worker_id, outcome)
        select attempt_id, job_id, p_worker_id, outcome from input i
        where attempt_id not in (select attempt_id from released)
          -- The same settlement sent twice because its first answer was lost is no zombie.
          and not exists (select from attempt a where a.attempt_id = i.attempt_id and a.worker_id = p_worker_id
                                                  and a.outcome not in ('worker_lost', 'overdue'))
    ), logged as (
        insert into attempt (attempt_id, job_id, number, worker_id, started_at, outcome, reason, error_class, code,
                             message, actor, provider_calls, detail)
        select attempt_id, job_id, attempts + 1, worker_id, claimed_at, outcome, reason, error_class, code,
               message, actor, provider_calls, detail
        from settled
    ), finished as (
        insert into ended (job_id, state, outcome, error_class, code, message, actor, attempts)
        select job_id, outcome, case outcome when 'failed' then coalesce(error_class, 'failed')
                                             when 'cancelled' then 'cancelled' else coalesce(reason, outcome) end,
               error_class, code, case outcome when 'cancelled' then left(reason, 4000) else message end, actor, attempts + 1
        from settled where outcome in ('done', 'failed', 'cancelled') and job_id <> all (renewed)
        returning job_id
    ), unlisted as (
        delete from live where job_id in (select job_id from finished)
    ), back as (
        -- `released` is work handed back by a worker that stops: its attempt is refunded.
        insert into ready (job_id, lane_id, priority, attempts, losses)
        select job_id, lane_id, priority, case outcome when 'released' then attempts else 0 end, losses
        from settled where outcome = 'released' or (outcome in ('done', 'failed', 'cancelled') and job_id = any (renewed))
    ), later as (
        insert into deferred (job_id, lane_id, priority, attempts, losses, due_at, reason, actor)
        select job_id, lane_id, priority, attempts + case outcome when 'retry' then 1 else 0 end, losses, due_at,
               coalesce(reason, outcome), coalesce(actor, 'us')
        from settled where outcome in ('retry', 'deferred')
    ), woken as (
        -- Work came back or a slot came free: either way the lane is worth a look.
        insert into lane_wake (lane_id) select distinct lane_id from settled
    )
    select coalesce(array_agg(attempt_id), '{}') into accepted from settled;
    return accepted;
end $$;

-- Takes back what dead workers and stuck handlers hold. A lost worker spends no attempt, up to the poison cap: a job that
-- has taken that many workers with it ends as failed.
create function usher.rescue(max_count integer, poison_cap integer default 5) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    moved integer;
begin
    update worker set ended_at = clock_timestamp(), ending = 'lost'
    where worker_id = any (array(
        select worker_id from worker where ended_at is null and expires_at < clock_timestamp() for update skip locked));
    with lost as (
        delete from lease where job_id = any (array(
            select l.job_id from lease l join worker w using (worker_id)
            where w.ended_at is not null or l.deadline_at < clock_timestamp()
            limit max_count for update of l skip locked))
        returning *
    ), logged as (
        insert into attempt (attempt_id, job_id, number, worker_id, started_at, outcome)
        select attempt_id, job_id, attempts + 1, worker_id, claimed_at,
               case when deadline_at < clock_timestamp() then 'overdue' else 'worker_lost' end
        from lost
    ), poisoned as (
        insert into ended (job_id, state, outcome, error_class, message, actor, attempts)
        select job_id, 'failed', 'poison', 'poison',
               format('the worker was lost or stuck %s times while it ran this job', losses + 1), 'operator', attempts
        from lost where losses + 1 >= poison_cap and cancel_requested is null
        returning job_id
    ), stopped as (
        insert into ended (job_id, state, outcome, message, actor, attempts)
        select job_id, 'cancelled', 'cancelled', left(cancel_requested, 4000), 'operator', attempts
        from lost where cancel_requested is not null
        returning job_id
    ), unlisted as (
        delete from live where job_id in (select job_id from poisoned union all select job_id from stopped)
    ), back as (
        insert into ready (job_id, lane_id, priority, attempts, losses)
        select job_id, lane_id, priority, attempts, losses + 1 from lost where losses + 1 < poison_cap and cancel_requested is null
    ), woken as (
        insert into lane_wake (lane_id) select distinct lane_id from lost
    )
    select count(*) into moved from lost;
    return moved;
end $$;

-- Hands back what a worker holds without knowing: a claim was committed and its answer lost. The worker is alive, so nobody
-- would rescue it before the attempt's deadline.
create function usher.release_unknown(p_worker_id bigint, known bigint[]) returns integer
language sql set search_path = usher, pg_temp as $$
    with unknown as (
        delete from lease where worker_id = p_worker_id and attempt_id <> all (known) returning *
    ), logged as (
        insert into attempt (attempt_id, job_id, number, worker_id, started_at, outcome)
        select attempt_id, job_id, attempts + 1, worker_id, claimed_at, 'released' from unknown
    ), back as (
        insert into ready (job_id, lane_id, priority, attempts, losses)
        select job_id, lane_id, priority, attempts, losses from unknown
    ), woken as (
        insert into lane_wake (lane_id) select distinct lane_id from unknown
    )
    select count(*)::integer from unknown
$$;

-- A worker that leaves in order, after it has settled or released everything.
create function usher.stop_worker(p_worker_id bigint) returns void
language sql set search_path = usher, pg_temp as $$
    update worker set ended_at = clock_timestamp(), ending = 'stopped' where worker_id = p_worker_id and ended_at is null
$$;

-- Has the jobs of these subjects look again: something they wait for has changed. One that waits is due now; one that runs
-- may have decided on what was before, so it runs once more. Answers the subjects somebody else holds at this moment, to be
-- tried again: waiting for them here, with others held, could deadlock with a caller's transaction.
create function usher.wake_subjects(subject_ids bigint[]) returns bigint[]
language plpgsql set search_path = usher, pg_temp as $$
declare
    held bigint[];
begin
    held := array(select subject_id from live where subject_id = any (subject_ids) for update skip locked);
    update live set rerun = true where subject_id = any (held) and not rerun;
    -- A new statement: what was settled before the lock was had is seen by it.
    update deferred set due_at = clock_timestamp()
    where job_id = any (array(select job_id from live where subject_id = any (held))) and due_at > clock_timestamp();
    return array(select subject_id from live where subject_id = any (subject_ids) and subject_id <> all (held));
end $$;

-- migrate:down
drop function usher.wake_subjects, usher.stop_worker, usher.release_unknown, usher.rescue, usher.settle, usher.holds, usher.claim,
    usher.promote_due, usher.fold_wakes, usher.heartbeat, usher.register_worker;
drop type usher.claimed_job;
