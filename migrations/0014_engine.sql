-- The queue's engine: fair, exact in its limits, and of one pace whatever the backlog and however long somebody else's
-- transaction stays open.
--
-- A long transaction keeps dead rows and their index entries alive, and a queue makes many. So every look-up on a hot path
-- starts behind them, at a floor below which nothing lives any more:
--
--   what is looked for            by                        from
--   the lane that runs next       turn (virtual_time)       the virtual time: no lane that can run is behind it
--   a lane's turn                 turn (lane, virtual_time) the same
--   a lane's next job             ready (lane, rank)        turn.ready_floor
--   how many of a lane's run      lease (lane, attempt_id)  turn.lease_floor
--   wishes to look at a lane      lane_wake (transaction)   the oldest transaction that was open at the last look
--
-- The exception is who cancels one job: that looks through `lease`, since an index by job would be paid for by each claim.
--
-- Fairness is start-time fair queueing by provider calls: a lane that runs a job moves on by one unit over its weight, and
-- at settlement by one more for each further call the attempt made. A job without calls costs one unit, like one with one.

-- migrate:up

-- A lane's place in the order, apart from the lane itself: it moves with each claim, the lane hardly ever. No constraint says
-- that a lane has one: checking it would look through the dead. The trigger below gives each lane its own.
create table usher.turn (
    lane_id      integer  not null,
    virtual_time bigint   not null default 0 check (virtual_time >= 0),
    -- `crowded`: its tier is at its limit. Only `runnable` lanes are in the run index.
    state        text     not null default 'empty' check (state in ('runnable', 'empty', 'limited', 'crowded', 'paused')),
    -- Nothing of the lane is ready below this rank, and no lease of it has a lower attempt id.
    ready_floor  bigint   not null default 0,
    lease_floor  bigint   not null default 0
) with (fillfactor = 90, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0);
insert into usher.turn (lane_id, virtual_time, state)
select lane_id, virtual_time, case state when 'paused' then 'runnable' else state end from usher.lane;
create index turn_order on usher.turn (virtual_time) where state = 'runnable';
create index turn_parked on usher.turn (lane_id) where state <> 'runnable';
create index turn_lane on usher.turn (lane_id, virtual_time);

alter table usher.lane drop column virtual_time, drop column state,
    -- The group whose limit of running jobs the lane counts towards; null: none.
    add column tier text;
update usher.lane l set tier = t.tier from usher.tenant t where t.lane_id = l.lane_id;

create function usher.give_turn() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    insert into turn (lane_id) values (new.lane_id);
    return null;
end $$;
create trigger lane_has_turn after insert on usher.lane for each row execute function usher.give_turn();

create function usher.follow_tier() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    update lane set tier = new.tier where lane_id = new.lane_id and tier is distinct from new.tier;
    -- What held the old tier's lanes need not hold the new one's.
    if found then insert into lane_wake (lane_id, rank) values (new.lane_id, null); end if;
    return null;
end $$;
create trigger tenant_tier_is_lane_tier after insert or update of tier, lane_id on usher.tenant
    for each row execute function usher.follow_tier();

-- The order within a lane: priority first, then age.
alter table usher.ready add column rank bigint not null generated always as (((9 - priority)::bigint << 56) + job_id) stored;
drop index usher.ready_order;
create index ready_order on usher.ready (lane_id, rank);
-- A person waits for these. Hardly ever many.
create index ready_interactive on usher.ready (job_id) where priority >= 8;

-- The look-ups these keys made for each row cost more than they were worth: only the functions below write here.
alter table usher.job drop constraint job_lane_id_fkey, drop constraint job_batch_id_fkey;
alter table usher.lease drop constraint lease_worker_id_fkey, drop constraint lease_pkey, drop constraint lease_attempt_id_key,
    add column subject_id bigint, add primary key (attempt_id);
update usher.lease l set subject_id = j.subject_id from usher.job j where j.job_id = l.job_id;
drop index usher.lease_lane, usher.lease_worker, usher.lease_deadline;
create index lease_lane on usher.lease (lane_id, attempt_id);
create index lease_cancelled on usher.lease (worker_id) where cancel_requested is not null;

alter table usher.lane_wake
    add column tx bigint not null default txid_current(),
    -- What became ready, if it is known: at this rank or after. 0: anywhere; null: nothing, a slot came free.
    add column rank bigint default 0,
    -- Provider calls to charge beside the unit the job has paid.
    add column calls bigint not null default 0 check (calls >= 0),
    -- For one who woke a lane: whether it came to light behind the present.
    add column again boolean not null default false;
create index lane_wake_order on usher.lane_wake (tx);
create sequence usher.wake_floor as bigint minvalue 0 start 0;

-- The attempt that ended a job is told once, with the job's end; the others have a table of their own. Of these, `renewed`
-- finished, but while it ran a newer wish came: the job went on.
alter table usher.attempt rename to attempt_log;
alter table usher.attempt_default rename to attempt_log_default;
do $$
declare
    child text;
begin
    for child in select relname from pg_inherits join pg_class on oid = inhrelid
                 where inhparent = 'usher.attempt_log'::regclass and relname ~ '^attempt_[0-9]+$' loop
        execute format('alter table usher.%I rename to %I', child, replace(child, 'attempt_', 'attempt_log_'));
    end loop;
end $$;
alter table usher.attempt_log drop constraint attempt_outcome_check, add constraint attempt_outcome_check check (outcome in
    ('done', 'failed', 'cancelled', 'retry', 'deferred', 'released', 'worker_lost', 'overdue', 'renewed'));
-- The same rule as before at a tenth of the cost: it is asked of every job that ends.
alter table usher.ended drop constraint ended_outcome_check, add constraint ended_outcome_check check
    (outcome <> '' and translate(left(outcome, 1), 'abcdefghijklmnopqrstuvwxyz', '') = ''
     and translate(outcome, 'abcdefghijklmnopqrstuvwxyz0123456789_', '') = '');
alter table usher.ended
    add column attempt_id bigint,
    add column worker_id bigint,
    add column started_at timestamptz,
    add column provider_calls integer not null default 0 check (provider_calls >= 0),
    -- Null: nothing to tell.
    add column detail jsonb,
    add check (num_nulls(attempt_id, worker_id, started_at) in (0, 3));
create view usher.attempt as
select attempt_id, job_id, number, worker_id, started_at, ended_at, outcome, reason, error_class, code, message, actor,
       provider_calls, detail
from usher.attempt_log
union all
select attempt_id, job_id, attempts, worker_id, started_at, ended_at, state,
       case state when 'done' then outcome when 'cancelled' then message end, error_class, code,
       case when state <> 'cancelled' then message end, actor, provider_calls, coalesce(detail, '{}')
from usher.ended where attempt_id is not null;

-- Where they are made and dropped, by the names they have now.
create or replace function usher.ensure_partitions() returns integer
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
                              ('attempt_log', 'attempt_id', (select last_value from attempt_id))) as t (name, key, newest)
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

-- How many may run at once beside each lane's own limit: of a tier, or of all.
create table usher.running_limit (
    scope       text    not null check (scope in ('all', 'tier')),
    name        text    not null default '',
    max_running integer not null check (max_running >= 0),
    primary key (scope, name),
    check ((scope = 'all') = (name = ''))
);

-- Orders to stop claiming, until then. `infinity`: until somebody resumes.
create table usher.pause_order (
    pause_id   bigint generated always as identity primary key,
    scope      text        not null check (scope in ('all', 'tier', 'tenant', 'kind')),
    name       text        not null,
    until_at   timestamptz not null,
    reason     text        not null check (length(reason) > 0),
    created_at timestamptz not null default clock_timestamp(),
    ended_at   timestamptz,
    ending     text        check (ending in ('resumed', 'replaced', 'expired')),
    check ((scope = 'all') = (name = '')),
    check ((ended_at is null) = (ending is null))
);
create unique index pause_current on usher.pause_order (scope, name) where ended_at is null;

-- Counts of what should never, or hardly ever, happen.
create table usher.queue_counter (
    name    text        primary key,
    value   bigint      not null default 0,
    last_at timestamptz
);
insert into usher.queue_counter (name) values ('lost_wake_ups'), ('stale_settlements');

create function usher.count_event(p_name text, p_count bigint) returns void
language sql set search_path = usher, pg_temp as $$
    update queue_counter set value = value + p_count, last_at = clock_timestamp() where name = p_name and p_count > 0
$$;

-- A limit that is raised or lifted lets the lanes it held look again.
create function usher.wake_crowded() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    insert into lane_wake (lane_id, rank) select lane_id, null from turn where state = 'crowded';
    return null;
end $$;
create trigger limit_wakes_crowded after update or delete on usher.running_limit
    for each statement execute function usher.wake_crowded();

-- Folds wake-ups into turns. Never waits: a turn somebody else holds is left for the next claim. No wake-up is lost: its row
-- commits together with the ready row or the freed slot it tells of, and a lane is parked only under its turn's lock after
-- looking again, so either the parker sees the work or the wake-up is folded after the parking.
create or replace function usher.fold_wakes(max_count integer) returns void
language plpgsql set search_path = usher, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
    scale constant bigint := 1000000;
    lowest bigint := (select last_value from wake_floor);
    present bigint := (select last_value from virtual_time);
    wanted integer[];
    near integer[];
    held integer[];
    places bigint[];
    oldest bigint;
begin
    -- What transactions before the oldest open one have written is all there to be seen: a floor below it and below every
    -- wake-up that is left is safe for good.
    select array_agg(distinct w.lane_id), least(min(w.tx), txid_snapshot_xmin(txid_current_snapshot())) into wanted, oldest
    from (select lane_id, tx from lane_wake where tx >= lowest order by tx limit max_count) w;
    if oldest > lowest then perform setval('wake_floor', oldest); end if;
    if wanted is null then return; end if;

    near := array(select lane_id from turn where lane_id = any (wanted) and virtual_time >= present);
    with locked as (
        select lane_id, virtual_time from turn where lane_id = any (near) and virtual_time >= present
        for no key update skip locked
    )
    select array_agg(lane_id), array_agg(virtual_time) into held, places from locked;
    if cardinality(near) < cardinality(wanted) then
        -- Parked for long, or come to light behind the present.
        with locked as (
            select lane_id, virtual_time from turn
            where lane_id = any (array(select unnest(wanted) except select unnest(near)))
            for no key update skip locked
        )
        select coalesce(held, '{}') || array_agg(lane_id), coalesce(places, '{}') || array_agg(virtual_time)
        into held, places from locked;
    end if;
    if held is null then return; end if;

    -- Only wake-ups seen by this statement, which began after the locks: what commits later is not taken away with them.
    with gone as (
        delete from lane_wake where ctid = any (array(
            select ctid from lane_wake where tx >= lowest and lane_id = any (held) order by tx limit max_count))
        returning lane_id, rank, calls, again
    ), told as (
        select lane_id, max(place) as place, min(rank) as rank, sum(calls) as calls, bool_and(again) as again
        from (select lane_id, place, null::bigint as rank, 0::bigint as calls, null::boolean as again
              from unnest(held, places) as h (lane_id, place)
              union all select lane_id, null, rank, calls, again from gone) u
        group by lane_id
    ), moved as (
        -- A lane that wakes starts at the present: idle time is not hoarded.
        update turn t set state = case when t.state <> 'runnable' and not w.again then 'runnable' else t.state end,
                          virtual_time = greatest(t.virtual_time, present)
                                         + (w.calls * scale / (select weight from lane l where l.lane_id = w.lane_id))::bigint,
                          ready_floor = least(t.ready_floor, w.rank)
        from told w
        where t.lane_id = w.lane_id and t.virtual_time = w.place
          and (t.state <> 'runnable' and not w.again or t.virtual_time < present or w.calls > 0
               or w.rank < t.ready_floor)
        returning t.lane_id, not w.again as woken
    )
    -- The present may move on before this commits; whoever looks after that puts the lane right.
    insert into lane_wake (lane_id, rank, again) select lane_id, null, true from moved where woken;
end $$;

-- How many more may run by the limits of tiers, and of all (under the name ''). Their rows stay locked until the claim commits,
-- and the leases are counted in a new statement: exact, as a lane's own limit is.
create function usher.limit_room(out names text[], out rooms integer[])
language plpgsql set search_path = usher, pg_temp set jit = off as $$
begin
    if not exists (select from running_limit) then return; end if;
    begin
        perform from running_limit order by scope, name for update;
    exception when lock_not_available then
        -- Others are at it for longer than the caller may wait (its lock_timeout): nothing now, and what it settles is kept.
        select array_agg(name), array_agg(0) into names, rooms from (select name from running_limit union select '') r;
        return;
    end;
    select array_agg(r.name), array_agg(r.max_running - case r.scope
               when 'all' then (select count(*) from lease)
               else (select count(*) from lease join lane using (lane_id) where lane.tier = r.name) end)
    into names, rooms from running_limit r;
end $$;

-- Leases jobs of these lanes, whose turns the caller has locked. Each lane is filled up to the level that `wanted` jobs
-- reach together, as water fills a vessel of steps as wide as the lanes' weights, in portions of at least `quantum`; lanes
-- that cannot go on are parked. Jobs of a paused kind are put off instead.
create function usher.take(p_worker_id bigint, wanted integer, quantum integer, interactive boolean, lane_ids integer[],
    places bigint[], ready_floors bigint[], lease_floors bigint[], limited text[], rooms integer[], time_limit interval)
returns setof usher.claimed_job
language plpgsql set search_path = usher, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
    scale constant double precision := 1000000;
    base constant bigint := places[1];
    rank_limit constant bigint := case when interactive then 2::bigint << 56 else 9223372036854775807 end;
    paused text[] := (select array_agg(scope || ':' || name) from pause_order where ended_at is null);
begin
    return query
    with lot as materialized (
        select u.*, l.weight, l.name, l.tier, r.oldest,
               coalesce('tenant:' || l.name = any (paused) or 'tier:' || l.tier = any (paused), false) as is_paused,
               l.max_running - r.running as room, rooms[array_position(limited, l.tier)] as tier_room,
               sum(l.weight) over (order by u.place, u.lane_id) as width,
               sum(l.weight * (u.place - base)::double precision) over (order by u.place, u.lane_id) as sunk,
               lead(u.place) over (order by u.place, u.lane_id) as next_place
        from unnest(lane_ids, places, ready_floors, lease_floors) as u (lane_id, place, ready_floor, lease_floor)
        join lane l using (lane_id)
        -- A new statement, hence a snapshot younger than the turn's lock: the limit is exact, with no counter to leak.
        cross join lateral (select count(*)::integer as running, min(s.attempt_id) as oldest from lease s
                            where (s.lane_id, s.attempt_id) >= (u.lane_id, u.lease_floor) and s.lane_id <= u.lane_id) r
    ), water as (
        select min((wanted * scale + sunk) / width) as level from lot
        where next_place is null or (wanted * scale + sunk) / width <= next_place - base
    ), part as (
        select lot.*, case when is_paused then 0 else greatest(0, least(room, wanted,
            greatest(quantum, ceil((level - (place - base)) * weight / scale))))::integer end as count
        from lot cross join water
    ), tiered as (
        select p.*, case when tier_room is null then count
                         else least(count, greatest(0, tier_room - (tier_sum - count))) end::integer as allowed,
               tier_room - (tier_sum - count) as tier_left
        from (select part.*, sum(count) over (partition by tier order by place, lane_id) as tier_sum from part) p
    ), share as materialized (
        select p.*, least(p.allowed, wanted - p.before)::integer as given
        from (select tiered.*, sum(allowed) over (order by place, lane_id) - allowed as before from tiered) p
        where p.before < wanted
    ), seen as materialized (
        select s.lane_id, r.ctid as spot, r.rank, r.xmax <> 0 as is_touched from share s
        cross join lateral (select c.ctid, c.rank, c.xmax from ready c
                            where c.lane_id = s.lane_id and c.rank >= s.ready_floor and c.rank < rank_limit
                            order by c.rank limit s.given) r
    ), taken as (
        -- Only an order to cancel could hold one of these (the turn's lock keeps other claims away): never waited for.
        delete from ready where ctid = any (array(select spot from seen where not is_touched) || array(
            select c.ctid from ready c where c.ctid = any (array(select spot from seen where is_touched)) for update skip locked))
        returning job_id, lane_id, priority, attempts, losses
    ), numbered as materialized (
        select t.*, nextval('attempt_id') as attempt_id, clock_timestamp() as claimed_at,
               j.kind, j.subject_id, j.batch_id, j.payload, coalesce('kind:' || j.kind = any (paused), false) as is_paused
        from taken t join job j using (job_id)
    ), leased as (
        insert into lease (job_id, attempt_id, worker_id, lane_id, priority, attempts, losses, claimed_at, deadline_at, subject_id)
        select job_id, attempt_id, p_worker_id, lane_id, priority, attempts, losses, claimed_at, claimed_at + time_limit, subject_id
        from numbered where not is_paused
    ), heard as (
        -- A wish that was committed before this will be seen by the attempt that now begins, so it needs no rerun.
        update live set rerun = false where subject_id = any (array(
            select subject_id from live where rerun and subject_id = any (array(
                select subject_id from numbered where subject_id is not null and not is_paused)) for update skip locked))
    ), put_off as (
        insert into deferred (job_id, lane_id, priority, attempts, losses, due_at, reason, actor)
        select n.job_id, n.lane_id, n.priority, n.attempts, n.losses, p.until_at, 'paused', 'operator'
        from numbered n join pause_order p on p.scope = 'kind' and p.name = n.kind and p.ended_at is null
        where n.is_paused
    ), told as (
        select lane_id, max(place) as place, max(weight) as weight, max(room) as room, max(tier_left) as tier_left,
               max(given) as given, bool_or(is_paused) as is_paused, max(ready_floor) as ready_floor,
               max(lease_floor) as lease_floor, max(oldest) as oldest,
               count(rank) as seen, min(rank) as first_rank, max(rank) as last_rank,
               count(attempt_id) as taken, count(leased_id) as leased, min(leased_id) as first_leased
        from (select lane_id, place, weight, room, tier_left, given, is_paused, ready_floor, lease_floor, oldest,
                     null::bigint as rank, null::bigint as attempt_id, null::bigint as leased_id from share
              union all select lane_id, null, null, null, null, null, null, null, null, null, rank, null, null from seen
              union all select lane_id, null, null, null, null, null, null, null, null, null, null, attempt_id,
                               case when not is_paused then attempt_id end from numbered) u
        group by lane_id
    ), moved as (
        update turn t set
            virtual_time = s.place + s.leased * scale::bigint / s.weight,
            state = case when s.is_paused then 'paused'
                         when s.room <= s.leased then 'limited'
                         when s.tier_left <= s.leased then 'crowded'
                         when not interactive and s.seen < s.given and s.seen = s.taken then 'empty'
                         else 'runnable' end,
            -- What was seen and not taken is in another's hands and may come back.
            ready_floor = case when s.seen = 0 then s.ready_floor when s.seen = s.taken then s.last_rank + 1
                               else s.first_rank end,
            lease_floor = coalesce(s.oldest, s.first_leased, s.lease_floor)
        from told s
        where t.lane_id = s.lane_id and t.virtual_time = s.place
    )
    select n.job_id, n.attempt_id, (n.attempts + 1)::smallint, n.losses, n.kind, s.name, n.subject_id, n.batch_id, n.payload,
           n.claimed_at + time_limit
    from numbered n join share s using (lane_id) where not n.is_paused;
end $$;

-- Admission is at claim time: what cannot make its call would only hold a slot. An interactive job may use of the reserve of
-- calls, so it is held up by stops alone.
drop function usher.claim(bigint, integer, interval), usher.claim_admitted(bigint, integer, interval),
    usher.claim_allowance(integer);
create function usher.claim_allowance(max_count integer, interactive boolean default false) returns integer
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    mine budget;
    gate breaker;
    moment timestamptz := clock_timestamp();
    spacing interval;
begin
    select * into gate from breaker;
    if gate.state in ('open', 'half_open') then
        return case when gate.until_at <= moment then least(max_count, 1) else 0 end;
    end if;
    if exists (select from budget where blocked_until > moment or (blocked_until is not null and trial_until > moment)) then
        return 0;
    end if;
    if exists (select from budget where blocked_until is not null) then return least(max_count, 1); end if;
    select * into mine from budget where name = 'calls';
    if not found or interactive then return max_count; end if;
    spacing := budget_spacing(mine);
    return least(max_count, greatest(0, 1 + floor(
        extract(epoch from moment + mine.window_ms * interval '1 millisecond' / 100 + (mine.burst - 1) * spacing
                           - greatest(mine.arrival_at, moment))
        / extract(epoch from spacing / ramp_share(gate, moment)))::integer));
end $$;

-- Claims up to `wanted` jobs for a worker, and up to `reserved` more for which a person waits (priority 8 and 9); fairly: the
-- lanes that have had least go first. Cost grows with the lanes visited, never with the backlog.
create function usher.claim_jobs(p_worker_id bigint, wanted integer, reserved integer default 0,
    time_limit interval default '5 minutes')
returns setof usher.claimed_job
language plpgsql set search_path = usher, pg_temp
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
declare
    quantum constant integer := greatest(1, least(8, wanted / 8));
    urgent bigint;
    present bigint;
    limited text[];
    rooms integer[];
    turns record;
    got integer;
begin
    -- A dead worker gets nothing.
    if not exists (select from worker where worker_id = p_worker_id and ended_at is null) then return; end if;
    perform end_pauses();
    -- Nobody ends or replaces an order between our reading it and our commit.
    if not pg_try_advisory_xact_lock_shared(hashtext('usher.pause')) then return; end if;
    if exists (select from pause_order where ended_at is null and scope = 'all') then return; end if;
    select names, r.rooms into limited, rooms from limit_room() r;
    if limited is not null then
        wanted := greatest(0, least(wanted, rooms[array_position(limited, '')]));
        reserved := greatest(0, least(reserved, rooms[array_position(limited, '')] - wanted));
        -- As many lanes of a tier with room again as it has room.
        insert into lane_wake (lane_id, rank)
        select w.lane_id, null from unnest(limited, rooms) as r (name, room)
        cross join lateral (select lane_id from turn join lane using (lane_id)
                            where turn.state = 'crowded' and lane.tier = r.name
                            order by turn.virtual_time limit greatest(r.room, 0)) w;
    end if;
    reserved := claim_allowance(wanted + reserved, true) - wanted;
    wanted := claim_allowance(wanted);
    perform promote_due(500);
    perform fold_wakes(2000);
    present := (select last_value from virtual_time);
    perform setval('virtual_time', t.virtual_time) from (
        select virtual_time from turn where state = 'runnable' and virtual_time >= present order by virtual_time limit 1) t
    where t.virtual_time > present;

    if wanted + reserved > 0 and exists (select from ready where priority >= 8) then
        for turns in
            select array_agg(t.lane_id) as lanes, array_agg(t.virtual_time) as places,
                   array_agg(t.ready_floor) as ready_floors, array_agg(t.lease_floor) as lease_floors
            from (select * from turn
                  where lane_id = any (array(select distinct lane_id from (
                            select r.lane_id from ready r where r.priority >= 8 and exists (
                                select from turn c where c.lane_id = r.lane_id and c.virtual_time >= present
                                                     and c.state = 'runnable')
                            order by r.job_id limit 200) r))
                    and virtual_time >= present and state = 'runnable'
                  order by virtual_time, lane_id for no key update skip locked) t
        loop
            exit when turns.lanes is null;
            return query select * from take(p_worker_id, wanted + reserved, 1, true, turns.lanes, turns.places,
                                            turns.ready_floors, turns.lease_floors, limited, rooms, time_limit);
            get diagnostics got = row_count;
            wanted := wanted - greatest(0, got - reserved);
            select r.rooms into rooms from limit_room() r;
        end loop;
    end if;
    -- Several rounds, so that a few lanes with much work fill the batch as well as many with little.
    for round in 1..20 loop
        exit when wanted < 1;
        select array_agg(t.lane_id) as lanes, array_agg(t.virtual_time) as places,
               array_agg(t.ready_floor) as ready_floors, array_agg(t.lease_floor) as lease_floors
        into turns
        from (select * from turn where state = 'runnable' and virtual_time >= present
              order by virtual_time limit greatest(4, (wanted + quantum - 1) / quantum) for no key update skip locked) t;
        exit when turns.lanes is null;
        return query select * from take(p_worker_id, wanted, quantum, false, turns.lanes, turns.places,
                                        turns.ready_floors, turns.lease_floors, limited, rooms, time_limit);
        get diagnostics got = row_count;
        wanted := wanted - got;
        select r.rooms into rooms from limit_room() r;
    end loop;
end $$;

-- As workers of the version before call it.
create function usher.claim(p_worker_id bigint, max_count integer, time_limit interval default '5 minutes')
returns setof usher.claimed_job
language sql set search_path = usher, pg_temp as $$
    select * from claim_jobs(p_worker_id, max_count, 0, time_limit)
$$;

-- Records how attempts ended.
create function usher.settle_jobs(p_worker_id bigint, job_ids bigint[], attempt_ids bigint[], outcomes text[],
    delays_ms bigint[] default null, reasons text[] default null, error_classes text[] default null, codes text[] default null,
    messages text[] default null, actors text[] default null, calls integer[] default null, details jsonb[] default null)
returns bigint[]
language plpgsql set search_path = usher, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
declare
    accepted bigint[];
    late bigint;
begin
    with input as materialized (
        select * from unnest(job_ids, attempt_ids, outcomes, delays_ms, reasons, error_classes, codes, messages, actors, calls, details)
            as i (job_id, attempt_id, outcome, delay_ms, reason, error_class, code, message, actor, calls, detail)
    ), released as (
        delete from lease where attempt_id = any (attempt_ids) and job_id = any (job_ids) returning *
    ), still as materialized (
        -- Whose wish has not grown while the attempt ran.
        select job_id from live where subject_id = any (array(select subject_id from released where subject_id is not null))
        and not rerun for update skip locked
    ), settled as materialized (
        select r.job_id, r.attempt_id, r.lane_id, r.priority, r.attempts, r.losses, r.claimed_at,
               case when r.cancel_requested is not null and i.outcome in ('retry', 'deferred', 'released')
                    then 'cancelled' else i.outcome end as outcome,
               coalesce(r.cancel_requested, i.reason) as reason,
               i.error_class, i.code, left(i.message, 4000) as message, i.actor,
               coalesce(i.calls, 0) as calls, i.detail, i.delay_ms,
               r.subject_id is not null and r.job_id not in (select job_id from still)
               and exists (select from live l where l.subject_id = r.subject_id and l.job_id = r.job_id) as renewed
        from released r join input i using (attempt_id)
    ), stale as (
        insert into stale_settlement (attempt_id, job_id, worker_id, outcome)
        select attempt_id, job_id, p_worker_id, outcome from input i
        where attempt_id not in (select attempt_id from released)
          -- The same settlement sent twice because its first answer was lost is no zombie.
          and not exists (select from ended e where e.job_id = i.job_id and e.attempt_id = i.attempt_id
                                                and e.worker_id = p_worker_id)
          and not exists (select from attempt_log a where a.attempt_id = i.attempt_id and a.worker_id = p_worker_id
                                                      and a.outcome not in ('worker_lost', 'overdue'))
        returning attempt_id
    ), finished as (
        insert into ended (job_id, state, outcome, error_class, code, message, actor, attempts,
                           attempt_id, worker_id, started_at, provider_calls, detail)
        select job_id, outcome, case outcome when 'failed' then coalesce(error_class, 'failed')
                                             when 'cancelled' then 'cancelled' else coalesce(reason, outcome) end,
               error_class, code, case outcome when 'cancelled' then left(reason, 4000) else message end, actor, attempts + 1,
               attempt_id, p_worker_id, claimed_at, calls, detail
        from settled where outcome in ('done', 'failed', 'cancelled') and not renewed
    ), unlisted as (
        delete from live where job_id = any (array(
            select job_id from settled where outcome in ('done', 'failed', 'cancelled') and not renewed
                                         and job_id in (select job_id from still)))
    ), logged as (
        insert into attempt_log (attempt_id, job_id, number, worker_id, started_at, outcome, reason, error_class, code,
                                 message, actor, provider_calls, detail)
        select attempt_id, job_id, attempts + 1, p_worker_id, claimed_at,
               -- It finished, and did not end its job: a newer wish has it run once more.
               case when renewed and outcome in ('done', 'failed', 'cancelled') then 'renewed' else outcome end,
               reason, error_class, code, message, actor, calls, coalesce(detail, '{}')
        from settled where renewed or outcome not in ('done', 'failed', 'cancelled')
    ), back as (
        insert into ready (job_id, lane_id, priority, attempts, losses)
        select job_id, lane_id, priority, case outcome when 'released' then attempts else 0 end, losses
        from settled where outcome = 'released' or (outcome in ('done', 'failed', 'cancelled') and renewed)
        returning lane_id, rank
    ), later as (
        insert into deferred (job_id, lane_id, priority, attempts, losses, due_at, reason, actor)
        select job_id, lane_id, priority, attempts + case outcome when 'retry' then 1 else 0 end, losses,
               clock_timestamp() + case when renewed then interval '1 second'
                                        else coalesce(delay_ms, 0) * interval '1 millisecond' end,
               coalesce(reason, outcome), coalesce(actor, 'us')
        from settled where outcome in ('retry', 'deferred')
    ), woken as (
        insert into lane_wake (lane_id, rank, calls)
        select lane_id, (select min(rank) from back b where b.lane_id = s.lane_id), sum(greatest(calls - 1, 0))
        from settled s group by lane_id
    )
    select coalesce(array_agg(attempt_id), '{}'), (select count(*) from stale) into accepted, late from settled;
    if late > 0 then perform count_event('stale_settlements', late); end if;
    return accepted;
end $$;

-- As workers of the version before call it: one JSON array of {job_id, attempt_id, outcome: done|failed|cancelled|retry|
-- deferred|released, delay_ms, reason, error_class, code, message, actor, provider_calls, detail}.
create or replace function usher.settle(p_worker_id bigint, settlements jsonb) returns bigint[]
language sql set search_path = usher, pg_temp as $$
    select settle_jobs(p_worker_id, array_agg(job_id), array_agg(attempt_id), array_agg(outcome), array_agg(delay_ms),
                       array_agg(reason), array_agg(error_class), array_agg(code), array_agg(message), array_agg(actor),
                       array_agg(provider_calls), array_agg(detail))
    from jsonb_to_recordset(settlements) as s (
        job_id bigint, attempt_id bigint, outcome text, delay_ms bigint, reason text, error_class text, code text,
        message text, actor text, provider_calls integer, detail jsonb)
$$;

-- One heartbeat a process, whatever it runs. Answers whether the worker still counts as alive (if not, all its leases are
-- forfeit and it must stop its work and register anew) and which of its attempts somebody asked to cancel. The worker's own
-- clock decides nothing; how far it is ahead of ours is kept for people.
drop function usher.heartbeat(bigint, interval);
alter table usher.worker add column skew_ms bigint;
create function usher.heartbeat(p_worker_id bigint, lease interval, worker_clock timestamptz default null,
    out alive boolean, out cancel_requested bigint[])
language plpgsql set search_path = usher, pg_temp as $$
begin
    update worker w set seen_at = clock_timestamp(), expires_at = clock_timestamp() + lease,
                        skew_ms = coalesce(round(extract(epoch from worker_clock - clock_timestamp()) * 1000), w.skew_ms)
    where w.worker_id = p_worker_id and w.ended_at is null;
    alive := found;
    cancel_requested := array(select l.attempt_id from lease l
                              where l.worker_id = p_worker_id and l.cancel_requested is not null);
end $$;

-- Takes back what dead workers and stuck handlers hold, at most so many at a time; one caller at a time, the others find
-- nothing to do. A lost worker spends no attempt, up to the poison cap: a job that has taken that many workers with it ends
-- as failed.
create or replace function usher.rescue(max_count integer, poison_cap integer default 5) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    moved integer;
begin
    if not pg_try_advisory_xact_lock(hashtext('usher.rescue')) then return 0; end if;
    update worker set ended_at = clock_timestamp(), ending = 'lost'
    where worker_id = any (array(
        select worker_id from worker where ended_at is null and expires_at < clock_timestamp() for update skip locked));
    with lost as (
        delete from lease where attempt_id = any (array(
            select l.attempt_id from lease l join worker w using (worker_id)
            where w.ended_at is not null or l.deadline_at < clock_timestamp()
            limit max_count for update of l skip locked))
        returning *
    ), logged as (
        insert into attempt_log (attempt_id, job_id, number, worker_id, started_at, outcome)
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
    perform sweep_turns(1000);
    return moved;
end $$;

-- Hands back what a worker holds without knowing: a claim was committed and its answer lost. The worker is alive, so nobody
-- would rescue it before the attempt's deadline.
create or replace function usher.release_unknown(p_worker_id bigint, known bigint[]) returns integer
language sql set search_path = usher, pg_temp as $$
    with unknown as (
        delete from lease where worker_id = p_worker_id and attempt_id <> all (known) returning *
    ), logged as (
        insert into attempt_log (attempt_id, job_id, number, worker_id, started_at, outcome)
        select attempt_id, job_id, attempts + 1, worker_id, claimed_at, 'released' from unknown
    ), stopped as (
        insert into ended (job_id, state, outcome, message, actor, attempts)
        select job_id, 'cancelled', 'cancelled', left(cancel_requested, 4000), 'operator', attempts
        from unknown where cancel_requested is not null
        returning job_id
    ), unlisted as (
        delete from live where job_id in (select job_id from stopped)
    ), back as (
        insert into ready (job_id, lane_id, priority, attempts, losses)
        select job_id, lane_id, priority, attempts, losses from unknown where cancel_requested is null
    ), woken as (
        insert into lane_wake (lane_id) select distinct lane_id from unknown
    )
    select count(*)::integer from unknown
$$;

-- The backstop: lanes that are parked though they could run, and no wake-up tells of it. There should be none, so each is
-- counted. Looks at so many parked lanes a call, in turn.
create sequence usher.sweep_cursor as bigint minvalue 0 start 0;
create function usher.sweep_turns(max_count integer) returns integer
language plpgsql set search_path = usher, pg_temp set jit = off as $$
declare
    held integer[];
    found_lanes integer[];
    present constant bigint := (select last_value from virtual_time);
begin
    held := array(select lane_id from turn where state <> 'runnable' and lane_id > (select last_value from sweep_cursor)
                  order by lane_id limit max_count for no key update skip locked);
    perform setval('sweep_cursor', case when cardinality(held) < max_count then 0 else held[max_count] end);
    -- A new statement, under the locks: nobody parks or wakes these lanes meanwhile.
    with lost as (
        select t.lane_id from turn t join lane l using (lane_id)
        where t.lane_id = any (held)
          and (t.state in ('empty', 'limited')
               or t.state = 'crowded' and not exists (select from running_limit r where r.scope = 'tier' and r.name = l.tier)
               or t.state = 'paused' and not exists (select from pause_order p where p.ended_at is null and (
                      p.scope = 'tenant' and p.name = l.name or p.scope = 'tier' and p.name = l.tier)))
          and exists (select from ready r where r.lane_id = t.lane_id)
          and (select count(*) from lease s where s.lane_id = t.lane_id) < l.max_running
          and not exists (select from lane_wake w where w.lane_id = t.lane_id)
    ), woken as (
        update turn t set state = 'runnable', virtual_time = greatest(virtual_time, present), ready_floor = 0
        where lane_id in (select lane_id from lost)
    )
    select array_agg(lane_id) into found_lanes from lost;
    perform count_event('lost_wake_ups', cardinality(found_lanes));
    return coalesce(cardinality(found_lanes), 0);
end $$;

-- Stops claiming in a scope until then (null: until resumed): `all`, a `tier`, a `tenant`, or a `kind` of job. What runs goes on.
-- Answers the order's number. An order for the same scope takes the place of the one before.
create function usher.pause(scope text, name text, until_at timestamptz, reason text) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    answer bigint;
begin
    if pause.scope not in ('all', 'tier', 'tenant', 'kind') or (pause.scope = 'all') <> (coalesce(pause.name, '') = '') then
        raise exception 'cannot pause % %', pause.scope, pause.name using errcode = '22023',
            hint = 'scope is all (without a name), tier, tenant or kind (with its name)';
    elsif pause.until_at <= clock_timestamp() then
        raise exception 'until % is past', pause.until_at using errcode = '22023', hint = 'name a moment to come';
    end if;
    perform pg_advisory_xact_lock(hashtext('usher.pause'));
    perform record_audit('pause', pause.reason, jsonb_strip_nulls(jsonb_build_object(
        'scope', pause.scope, 'name', coalesce(pause.name, ''), 'until', pause.until_at)));
    update pause_order o set ended_at = clock_timestamp(), ending = 'replaced'
    where o.scope = pause.scope and o.name = coalesce(pause.name, '') and o.ended_at is null;
    insert into pause_order (scope, name, until_at, reason)
    values (pause.scope, coalesce(pause.name, ''), coalesce(pause.until_at, 'infinity'), pause.reason)
    returning pause_id into answer;
    -- Jobs put off until the end of the order before wait for the end of this one.
    if pause.scope = 'kind' then perform requeue_paused(pause.name, coalesce(pause.until_at, 'infinity')); end if;
    return answer;
end $$;

-- Ends a pause before its time; false if there is none.
create function usher.resume(scope text, name text, reason text) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
begin
    perform pg_advisory_xact_lock(hashtext('usher.pause'));
    perform record_audit('resume', resume.reason, jsonb_build_object('scope', resume.scope, 'name', coalesce(resume.name, '')));
    update pause_order o set ended_at = clock_timestamp(), ending = 'resumed'
    where o.scope = resume.scope and o.name = coalesce(resume.name, '') and o.ended_at is null;
    if not found then return false; end if;
    perform wake_paused(resume.scope, coalesce(resume.name, ''));
    return true;
end $$;

create function usher.requeue_paused(p_kind text, moment timestamptz) returns void
language sql set search_path = usher, pg_temp as $$
    update deferred d set due_at = moment from job j where d.reason = 'paused' and j.job_id = d.job_id and j.kind = p_kind
$$;

-- Has the lanes and jobs look again that an order held which is no more.
create function usher.wake_paused(p_scope text, p_name text) returns void
language plpgsql set search_path = usher, pg_temp as $$
begin
    if p_scope = 'kind' then perform requeue_paused(p_name, clock_timestamp()); end if;
    insert into lane_wake (lane_id, rank)
    select t.lane_id, null from turn t join lane l using (lane_id)
    where t.state = 'paused' and (p_scope = 'tenant' and l.name = p_name or p_scope = 'tier' and l.tier = p_name);
end $$;

-- Ends the orders whose time is over. Called by every claim, so nobody has to act.
create function usher.end_pauses() returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    done record;
begin
    if not exists (select from pause_order where ended_at is null and until_at <= clock_timestamp()) then return; end if;
    perform pg_advisory_xact_lock(hashtext('usher.pause'));
    for done in
        update pause_order set ended_at = clock_timestamp(), ending = 'expired'
        where pause_id = any (array(select pause_id from pause_order where ended_at is null and until_at <= clock_timestamp()
                                    for update skip locked))
        returning scope, name
    loop
        perform wake_paused(done.scope, done.name);
    end loop;
end $$;

-- migrate:down
drop trigger tenant_tier_is_lane_tier on usher.tenant;
drop trigger lane_has_turn on usher.lane;
drop function usher.end_pauses, usher.wake_paused, usher.requeue_paused, usher.resume, usher.pause, usher.sweep_turns,
    usher.release_unknown, usher.rescue, usher.heartbeat, usher.settle, usher.settle_jobs, usher.claim, usher.claim_jobs,
    usher.claim_allowance, usher.take, usher.limit_room, usher.fold_wakes, usher.count_event, usher.follow_tier,
    usher.give_turn, usher.ensure_partitions;
drop sequence usher.sweep_cursor, usher.wake_floor;
drop table usher.running_limit, usher.pause_order, usher.queue_counter;
drop function usher.wake_crowded;
alter table usher.worker drop column skew_ms;

alter table usher.lane drop column tier,
    add column virtual_time bigint not null default 0 check (virtual_time >= 0),
    add column state text not null default 'empty' check (state in ('runnable', 'empty', 'limited', 'paused'));
update usher.lane l set virtual_time = t.virtual_time, state = 'runnable' from usher.turn t where t.lane_id = l.lane_id;
create index lane_run on usher.lane (virtual_time) where state = 'runnable';
drop table usher.turn;
drop index usher.ready_interactive, usher.ready_order;
alter table usher.ready drop column rank;
create index ready_order on usher.ready (lane_id, priority desc, job_id);
alter table usher.lane_wake drop column tx, drop column rank, drop column calls, drop column again;

drop index usher.lease_lane, usher.lease_cancelled;
alter table usher.lease drop constraint lease_pkey, drop column subject_id, add primary key (job_id), add unique (attempt_id),
    add foreign key (worker_id) references usher.worker;
create index lease_lane on usher.lease (lane_id);
create index lease_worker on usher.lease (worker_id);
create index lease_deadline on usher.lease (deadline_at);
alter table usher.job add foreign key (lane_id) references usher.lane, add foreign key (batch_id) references usher.batch;

drop view usher.attempt;
do $$
declare
    child text;
begin
    for child in select relname from pg_inherits join pg_class on oid = inhrelid
                 where inhparent = 'usher.attempt_log'::regclass loop
        execute format('alter table usher.%I rename to %I', child, replace(child, 'attempt_log_', 'attempt_'));
    end loop;
end $$;
alter table usher.attempt_log rename to attempt;
update usher.attempt set outcome = 'done' where outcome = 'renewed';
alter table usher.attempt drop constraint attempt_outcome_check, add constraint attempt_outcome_check check (outcome in
    ('done', 'failed', 'cancelled', 'retry', 'deferred', 'released', 'worker_lost', 'overdue'));
insert into usher.attempt (attempt_id, job_id, number, worker_id, started_at, ended_at, outcome, reason, error_class, code, message,
                           actor, provider_calls, detail)
select attempt_id, job_id, attempts, worker_id, started_at, ended_at, state,
       case state when 'done' then outcome when 'cancelled' then message end, error_class, code,
       case when state <> 'cancelled' then message end, actor, provider_calls, coalesce(detail, '{}')
from usher.ended where attempt_id is not null;
alter table usher.ended drop constraint ended_outcome_check,
    add constraint ended_outcome_check check (outcome ~ '^[a-z][a-z0-9_]*$'),
    drop column attempt_id, drop column worker_id, drop column started_at, drop column provider_calls, drop column detail;

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

create function usher.heartbeat(p_worker_id bigint, lease interval, out alive boolean, out cancel_requested bigint[])
language plpgsql set search_path = usher, pg_temp as $$
begin
    update worker w set seen_at = clock_timestamp(), expires_at = clock_timestamp() + lease
    where w.worker_id = p_worker_id and w.ended_at is null;
    alive := found;
    cancel_requested := array(select l.attempt_id from lease l
                              where l.worker_id = p_worker_id and l.cancel_requested is not null);
end $$;

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

alter function usher.claim(bigint, integer, interval) rename to claim_admitted;
create function usher.claim_allowance(max_count integer) returns integer
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    mine budget;
    gate breaker;
    moment timestamptz := clock_timestamp();
    spacing interval;
begin
    select * into gate from breaker;
    if gate.state in ('open', 'half_open') then
        return case when gate.until_at <= moment then least(max_count, 1) else 0 end;
    end if;
    if exists (select from budget where blocked_until > moment or (blocked_until is not null and trial_until > moment)) then
        return 0;
    end if;
    if exists (select from budget where blocked_until is not null) then return least(max_count, 1); end if;
    select * into mine from budget where name = 'calls';
    if not found then return max_count; end if;
    spacing := budget_spacing(mine);
    return least(max_count, greatest(0, 1 + floor(
        extract(epoch from moment + mine.window_ms * interval '1 millisecond' / 100 + (mine.burst - 1) * spacing
                           - greatest(mine.arrival_at, moment))
        / extract(epoch from spacing / ramp_share(gate, moment)))::integer));
end $$;

create function usher.claim(p_worker_id bigint, max_count integer, time_limit interval default '5 minutes')
returns setof usher.claimed_job
language sql set search_path = usher, pg_temp as $$
    select * from claim_admitted(p_worker_id, claim_allowance(max_count), time_limit)
$$;

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
