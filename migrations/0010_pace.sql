-- The pace of provider calls, shared by every worker: budgets that hold in every window, and a breaker.
--
-- A budget is the generic cell rate algorithm (ITU-T I.371). With s = (window + lag) / (quota - reserve - burst + 1) between
-- units and a tolerance of (burst - 1) s, n units that are all granted within less than window + lag satisfy
-- (n - 1) s < window + lag + (burst - 1) s, so n <= quota - reserve: in any window of any phase, also if each unit is spent
-- up to `lag` after it was granted. The reserve is counted exactly, over the same stretch.

-- migrate:up
alter table usher.budget alter column burst type double precision;
alter table usher.budget
    -- How late what was granted may reach the provider's count: units older than half of it are dropped by who holds them,
    -- the other half is for the way there.
    add column lag_ms      bigint  not null default 0 check (lag_ms >= 0),
    -- Units of the quota that only interactive calls may take.
    add column reserve     integer not null default 0 check (reserve >= 0),
    -- After a stop one call goes first; the others wait for its answer, at most until then.
    add column trial_until timestamptz,
    -- The numbers the program was started with; those the provider's headers tell take their place.
    add column declared    jsonb,
    add column adopted_at  timestamptz,
    -- What the provider last said is left.
    add column remaining    integer check (remaining >= 0),
    add column remaining_at timestamptz,
    add check (burst + reserve <= quota);

-- What was granted, by stretches of a 300th of the window, and what others were seen to spend.
create table usher.budget_use (
    name     text        not null references usher.budget on delete cascade,
    slot_at  timestamptz not null,
    units    integer     not null default 0 check (units >= 0),
    reserved integer     not null default 0 check (reserved >= 0),
    foreign_units integer not null default 0 check (foreign_units >= 0),
    primary key (name, slot_at)
) with (fillfactor = 80);

--            enough outage signs                pause over: one call          answered well
--   closed ──────────────────────▶ open ──────────────────────▶ half_open ──────────────────▶ ramping ──▶ closed
--      ▲                             ▲                              │ failed                     │ signs
--      └─ enough time                └──────────────────────────────┴────────────────────────────┘
create table usher.breaker (
    name          text        primary key check (name = 'provider'),
    state         text        not null default 'closed' check (state in ('closed', 'open', 'half_open', 'ramping')),
    since         timestamptz not null default clock_timestamp(),
    reason        text        check (length(reason) <= 2000),
    -- Open: no probe before; null is until an operator closes it. Half open: the probe is given up then.
    until_at      timestamptz,
    failed_probes integer     not null default 0 check (failed_probes >= 0),
    -- Signs of an outage, less good answers; forgotten after `window_ms` without a sign.
    score         integer     not null default 0 check (score >= 0),
    signed_at     timestamptz,
    threshold     integer     not null default 5 check (threshold >= 1),
    window_ms     bigint      not null default 60000 check (window_ms >= 1),
    -- Before the first probe; doubled by each that fails, to eight times.
    pause_ms      bigint      not null default 30000 check (pause_ms >= 1),
    ramp_ms       bigint      not null default 300000 check (ramp_ms >= 1),
    check (state not in ('open', 'half_open') or length(reason) > 0),
    check (state <> 'half_open' or until_at is not null)
);
insert into usher.breaker (name) values ('provider');

-- The signs of the present trouble: whose call failed. `spent` says that the job paid for it with an attempt, which it gets
-- back if an outage turns out to be the cause.
create table usher.outage_sign (
    sign_id    bigint generated always as identity primary key,
    signed_at  timestamptz not null default clock_timestamp(),
    kind       text        not null check (kind in ('down', 'denied')),
    job_id     bigint,
    subject_id bigint,
    tenant     text        not null,
    spent      boolean     not null
);

-- Of each class of error the last, for people.
create table usher.provider_error (
    class    text        primary key check (class ~ '^[a-z][a-z0-9_]*$'),
    count    bigint      not null default 1,
    first_at timestamptz not null default clock_timestamp(),
    last_at  timestamptz not null default clock_timestamp(),
    call     text        not null,
    tenant   text,
    message  text        not null check (length(message) <= 4000)
);

-- What became of the breaker, and who did it.
create table usher.provider_event (
    event_id bigint generated always as identity primary key,
    at       timestamptz not null default clock_timestamp(),
    event    text        not null check (event in ('opened', 'closed')),
    author   text        not null check (length(author) > 0),
    reason   text        not null check (length(reason) > 0)
);
create trigger provider_event_is_history before update or delete on usher.provider_event
    for each row execute function usher.refuse_change();

-- What the provider last said of the zone's quota, as somebody asked for it.
alter table usher.zone add column quota jsonb, add column quota_at timestamptz,
    -- What the last reading of the zone cost.
    add column pages integer not null default 1 check (pages >= 1),
    add check ((quota is null) = (quota_at is null));

create function usher.whole_ms(span interval) returns bigint
language sql immutable set search_path = usher, pg_temp as $$
    select greatest(1, ceil(extract(epoch from span) * 1000))::bigint
$$;

-- Between two units of background work.
create function usher.budget_spacing(b usher.budget) returns interval
language sql immutable set search_path = usher, pg_temp as $$
    select greatest(interval '1 microsecond',
        (b.window_ms + b.lag_ms) * interval '1 millisecond' / greatest(b.quota - b.reserve - b.burst + 1, 1))
$$;

-- The share of the rate that may be used while the breaker has closed a short while ago: from a tenth to all of it.
create function usher.ramp_share(b usher.breaker, moment timestamptz) returns double precision
language sql immutable set search_path = usher, pg_temp as $$
    select case when b.state = 'ramping'
        then least(1, greatest(0.1, extract(epoch from moment - b.since) * 1000 / b.ramp_ms)) else 1 end
$$;

-- How many units conform at a moment.
create function usher.conforming(b usher.budget, moment timestamptz, share double precision) returns integer
language sql immutable set search_path = usher, pg_temp as $$
    select greatest(0, 1 + floor(extract(epoch from moment + (b.burst - 1) * budget_spacing(b)
                                                     - greatest(b.arrival_at, moment))
                                 / extract(epoch from budget_spacing(b) / share)))::integer
$$;

drop function usher.declare_budget;
-- Declares a budget; numbers adopted from the provider stay unless others are declared than before.
create function usher.declare_budget(p_name text, p_quota integer, p_window_ms bigint, p_burst double precision,
                                     p_lag_ms bigint default 0, p_reserve integer default 0) returns void
language sql set search_path = usher, pg_temp as $$
    insert into budget as b (name, quota, window_ms, burst, lag_ms, reserve, declared)
    values (p_name, p_quota, p_window_ms, p_burst, p_lag_ms, p_reserve,
            jsonb_build_array(p_quota, p_window_ms, p_burst, p_lag_ms, p_reserve))
    on conflict on constraint budget_pkey do update
    set quota = excluded.quota, window_ms = excluded.window_ms, burst = excluded.burst, lag_ms = excluded.lag_ms,
        reserve = excluded.reserve, declared = excluded.declared, adopted_at = null
    where b.declared is distinct from excluded.declared
$$;

-- The breaker's times, which follow the provider's clock.
create function usher.declare_breaker(p_window_ms bigint, p_pause_ms bigint, p_ramp_ms bigint) returns void
language sql set search_path = usher, pg_temp as $$
    update breaker set window_ms = p_window_ms, pause_ms = p_pause_ms, ramp_ms = p_ramp_ms
    where (window_ms, pause_ms, ramp_ms) is distinct from (p_window_ms, p_pause_ms, p_ramp_ms)
$$;

create function usher.count_use(p_name text, moment timestamptz, width interval, granted integer, from_reserve integer,
                                from_others integer) returns void
language sql set search_path = usher, pg_temp as $$
    insert into budget_use as u (name, slot_at, units, reserved, foreign_units)
    values (p_name, date_bin(greatest(width, interval '1 millisecond'), moment, 'epoch'), granted, from_reserve, from_others)
    on conflict (name, slot_at) do update set units = u.units + excluded.units, reserved = u.reserved + excluded.reserved,
                                              foreign_units = u.foreign_units + excluded.foreign_units
$$;

drop function usher.take_budget;
-- Takes up to `wanted` units; `wait_ms` says when to come back if fewer were granted. What is granted is charged, used or
-- not. `on_trial` says that everybody waits for what comes of this one call: report it at once.
create function usher.take_budget(p_name text, wanted integer, interactive boolean default false,
                                  out granted integer, out wait_ms bigint, out on_trial boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    -- A probe that nothing is heard of is given up: our own processes' time, whatever the provider's clock.
    trial constant interval := interval '10 seconds';
    mine budget;
    gate breaker;
    moment timestamptz;
    start timestamptz;
    spacing interval;
    tolerance interval;
    share double precision := 1;
    from_reserve integer := 0;
begin
    select * into mine from budget where name = p_name for no key update;
    if not found then
        raise exception 'budget % is not declared', p_name using errcode = '22023';
    end if;
    granted := 0;
    on_trial := false;
    if p_name = 'calls' and not interactive then
        select * into gate from breaker;
        if gate.state <> 'closed' then
            select * into gate from breaker for no key update;
        end if;
    end if;
    moment := clock_timestamp();

    -- A stop, then one call alone.
    wait_ms := case when mine.blocked_until > moment then whole_ms(mine.blocked_until - moment)
                    when mine.blocked_until is not null and mine.trial_until > moment
                    then least(1000, whole_ms(mine.trial_until - moment))
                    -- The breaker: nothing but a probe.
                    when gate.state in ('open', 'half_open') and coalesce(gate.until_at > moment, true)
                    then case when gate.state = 'open' then whole_ms(coalesce(gate.until_at - moment, interval '1 minute'))
                              else least(1000, whole_ms(gate.until_at - moment)) end end;
    if wait_ms is not null then return; end if;
    on_trial := mine.blocked_until is not null or coalesce(gate.state in ('open', 'half_open'), false);

    if gate.state = 'ramping' then
        share := ramp_share(gate, moment);
        if share >= 1 then
            update breaker set state = 'closed', since = moment, reason = null, score = 0;
        end if;
    end if;
    spacing := budget_spacing(mine) / share;
    tolerance := (mine.burst - 1) * budget_spacing(mine);
    start := greatest(mine.arrival_at, moment);
    granted := least(wanted, conforming(mine, moment, share), case when on_trial then 1 end);
    if granted > 0 then
        start := start + granted * spacing;
        update budget set arrival_at = start,
                          trial_until = case when blocked_until is not null then moment + trial end
        where name = p_name;
        if gate.state in ('open', 'half_open') then
            update breaker set state = 'half_open', since = moment, until_at = moment + trial;
        end if;
    end if;
    if interactive and granted < wanted then
        select least(wanted - granted, greatest(0, mine.reserve - coalesce(sum(u.reserved), 0))) into from_reserve
        from budget_use u
        where u.name = p_name
          and u.slot_at > moment - (mine.window_ms * 301 / 300 + mine.lag_ms + 1) * interval '1 millisecond';
    end if;
    if granted + from_reserve > 0 then
        perform count_use(p_name, moment, mine.window_ms * interval '1 millisecond' / 300, granted, from_reserve, 0);
        delete from budget_use where name = p_name
            and slot_at < moment - 2 * (mine.window_ms + mine.lag_ms) * interval '1 millisecond';
        granted := granted + from_reserve;
    end if;
    -- Half a burst at once is worth the way here; more would leave units unused.
    wait_ms := case when granted >= wanted then 0
        else whole_ms(start + least(wanted - granted - 1, floor(mine.burst / 2)::integer) * spacing - tolerance - moment) end;
end $$;

-- What the provider's headers say: other limits than we thought are adopted, and what somebody else has spent is charged as
-- if one of us had. Nothing on a stop (`remaining` 0 then is the stop's own).
create function usher.observe_budget(p_name text, p_remaining integer, p_quota integer, p_window_ms bigint) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine budget;
    moment timestamptz;
    spacing interval;
    known integer;
    others integer := 0;
begin
    select * into mine from budget where name = p_name for no key update;
    if not found or p_remaining is null then return 0; end if;
    moment := clock_timestamp();
    -- The header's whole seconds are no reason to change a window that is a fraction longer or shorter.
    if p_quota >= 1 and p_window_ms >= 1000
       and (p_quota <> mine.quota or abs(p_window_ms - mine.window_ms) >= 1000) then
        mine.quota := p_quota;
        if abs(p_window_ms - mine.window_ms) >= 1000 then mine.window_ms := p_window_ms; end if;
        mine.burst := greatest(1, least(mine.burst, p_quota / 4));
        mine.reserve := least(mine.reserve, p_quota / 10);
        mine.adopted_at := moment;
    end if;
    spacing := budget_spacing(mine);
    -- Ours that may still be in the provider's window: counted up to `lag` after they were granted.
    select coalesce(sum(units + reserved + foreign_units), 0) into known from budget_use
    where name = p_name
      and slot_at > moment - (mine.window_ms * 301 / 300 + mine.lag_ms + 1) * interval '1 millisecond';
    others := greatest(0, mine.quota - least(p_remaining, mine.quota) - known);
    mine.arrival_at := least(greatest(mine.arrival_at, moment) + others * spacing,
                             greatest(mine.arrival_at, moment + (mine.window_ms + mine.lag_ms) * interval '1 millisecond'));
    -- Never more at once than the provider says are left, less four that may be on their way.
    if p_remaining < mine.burst + 4 then
        mine.arrival_at := greatest(mine.arrival_at, moment + (mine.burst + 4 - p_remaining) * spacing);
    end if;
    if others > 0 then
        perform count_use(p_name, moment, mine.window_ms * interval '1 millisecond' / 300, 0, 0, others);
    end if;
    update budget set quota = mine.quota, window_ms = mine.window_ms, burst = mine.burst, reserve = mine.reserve,
                      adopted_at = mine.adopted_at, arrival_at = mine.arrival_at,
                      remaining = p_remaining, remaining_at = moment
    where name = p_name;
    return others;
end $$;

-- Good answers since the last report, what the newest of them said about pace, and whether everybody waited for one.
create function usher.report_answers(good integer, on_trial boolean, p_remaining integer, p_quota integer,
                                     p_window_ms bigint) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    gate breaker;
begin
    perform observe_budget('calls', p_remaining, p_quota, p_window_ms);
    if on_trial then
        update budget set blocked_until = null, blocked_reason = null, trial_until = null
        where blocked_until <= clock_timestamp();
    end if;
    select * into gate from breaker;
    if gate.state = 'half_open' and on_trial then
        perform close_breaker('probe', 'a call was answered well');
    elsif gate.score > 0 then
        update breaker set score = greatest(0, score - good);
    end if;
end $$;

-- Closed again, at a tenth of the rate at first. Attempts that an outage has cost are given back; that it was one, and not
-- a few hostnames that fail for good, is shown by a probe that failed.
create function usher.close_breaker(p_author text, p_reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    gate breaker;
begin
    select * into gate from breaker for no key update;
    if gate.state not in ('open', 'half_open') then return; end if;
    if gate.failed_probes > 0 or p_author <> 'probe' then
        with paid as (
            select job_id, count(*) as n from outage_sign where spent and job_id is not null group by job_id
        ), waiting as (
            update deferred d set attempts = greatest(0, d.attempts - p.n) from paid p where p.job_id = d.job_id
        ), held as (
            update lease l set attempts = greatest(0, l.attempts - p.n) from paid p where p.job_id = l.job_id
        )
        update ready r set attempts = greatest(0, r.attempts - p.n) from paid p where p.job_id = r.job_id;
    end if;
    delete from outage_sign;
    update breaker set state = 'ramping', since = clock_timestamp(), reason = null, until_at = null, score = 0,
                       failed_probes = 0;
    insert into provider_event (event, author, reason) values ('closed', p_author, p_reason);
end $$;

create function usher.open_breaker(p_author text, p_reason text, until_at timestamptz) returns void
language sql set search_path = usher, pg_temp as $$
    update breaker set state = 'open', since = clock_timestamp(), reason = left(p_reason, 2000), until_at = $3,
                       failed_probes = 0;
    insert into provider_event (event, author, reason) values ('opened', p_author, left(p_reason, 2000));
$$;

-- A call failed as calls do in an outage. `down` is trouble of the provider's own or of the whole token; `denied` is a 403,
-- which counts only if several tenants get it. Answers the breaker's state, and whether this sign has opened it.
create function usher.report_sign(p_kind text, on_trial boolean, p_job_id bigint, p_subject_id bigint, p_tenant text,
                                  spends boolean, p_reason text, out state text, out opened boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    gate breaker;
    moment timestamptz;
    subjects integer;
    tenants integer;
begin
    opened := false;
    select * into gate from breaker for no key update;
    moment := clock_timestamp();
    state := gate.state;
    if gate.state = 'half_open' and on_trial then
        update breaker b set state = 'open', since = moment, failed_probes = b.failed_probes + 1,
            until_at = moment + b.pause_ms * (1 << least(b.failed_probes + 1, 3)) * interval '1 millisecond';
        state := 'open';
        return;
    end if;
    if gate.state in ('open', 'half_open') then return; end if;

    if coalesce(gate.signed_at < moment - gate.window_ms * interval '1 millisecond', true) then gate.score := 0; end if;
    delete from outage_sign where signed_at < moment - gate.window_ms * interval '1 millisecond';
    insert into outage_sign (kind, job_id, subject_id, tenant, spent)
    values (p_kind, p_job_id, p_subject_id, coalesce(p_tenant, ''), spends);
    -- A hostname that fails by itself is no outage, nor is one tenant.
    select count(distinct coalesce(subject_id, 0)) filter (where kind = 'down'), count(distinct tenant)
    into subjects, tenants from outage_sign;
    opened := gate.score + 1 >= gate.threshold and (subjects >= 3 or tenants >= 3);
    update breaker set score = gate.score + 1, signed_at = moment;
    if opened then
        perform open_breaker('workers', p_reason, moment + gate.pause_ms * interval '1 millisecond');
        update outage_sign set spent = false where sign_id = (select max(sign_id) from outage_sign);
        state := 'open';
    end if;
end $$;

create function usher.record_provider_error(p_class text, p_call text, p_tenant text, p_message text) returns void
language sql set search_path = usher, pg_temp as $$
    insert into provider_error as e (class, call, tenant, message) values (p_class, p_call, p_tenant, left(p_message, 4000))
    on conflict (class) do update set count = e.count + 1, last_at = clock_timestamp(), call = excluded.call,
                                      tenant = excluded.tenant, message = excluded.message
$$;

-- An operator's word: open stays open until it is closed.
create function usher.set_breaker(action text, author text, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
begin
    if coalesce(length(reason), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept';
    end if;
    perform from breaker for no key update;
    case action
        when 'open' then perform open_breaker(author, reason, null);
        when 'close' then perform close_breaker(author, reason);
        else raise exception 'unknown action %', action using errcode = '22023', hint = 'open or close';
    end case;
    return (select b.state from breaker b);
end $$;

-- How many jobs may be claimed now: none while everybody is stopped, one that goes first after that, and never more than
-- could make a call within a hundredth of the window, so that nobody holds a slot to wait in.
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

-- How the provider and our use of it stand, for people and programs.
create function usher.provider_status() returns jsonb
language sql set search_path = usher, pg_temp as $$
    select jsonb_build_object(
        'breaker', (select jsonb_strip_nulls(jsonb_build_object('state', b.state, 'since', b.since, 'reason', b.reason,
                'until', b.until_at, 'failed_probes', b.failed_probes, 'signs', b.score, 'threshold', b.threshold,
                'share', ramp_share(b, clock_timestamp())))
            from breaker b),
        'budgets', coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', b.name, 'quota', b.quota,
                'window_ms', b.window_ms, 'used', coalesce(u.used, 0), 'used_by_others', coalesce(u.others, 0),
                'left', greatest(0, b.quota - coalesce(u.used, 0)), 'now', conforming(b, clock_timestamp(), 1),
                'reserve', b.reserve, 'reserve_left', greatest(0, b.reserve - coalesce(u.reserved, 0)),
                'adopted_at', b.adopted_at, 'told_left', b.remaining, 'told_at', b.remaining_at,
                'blocked_until', b.blocked_until, 'blocked_reason', b.blocked_reason)) order by b.name)
            from budget b cross join lateral (
                select sum(units + reserved + foreign_units)::integer as used, sum(reserved)::integer as reserved,
                       sum(foreign_units)::integer as others
                from budget_use where name = b.name
                  and slot_at > clock_timestamp() - b.window_ms * interval '1 millisecond') u), '[]'),
        'errors', coalesce((select jsonb_agg(jsonb_strip_nulls(to_jsonb(e)) order by e.last_at desc)
                            from provider_error e), '[]'),
        'events', coalesce((select jsonb_agg(to_jsonb(v) - 'event_id' order by v.event_id desc)
                            from (select * from provider_event order by event_id desc limit 5) v), '[]'),
        'quota', (select z.quota || jsonb_build_object('read_at', z.quota_at) from zone z
                  where z.quota is not null order by z.quota_at desc limit 1))
$$;

-- Admission is at claim time.
alter function usher.claim(bigint, integer, interval) rename to claim_admitted;
create function usher.claim(p_worker_id bigint, max_count integer, time_limit interval default '5 minutes')
returns setof usher.claimed_job
language sql set search_path = usher, pg_temp as $$
    select * from claim_admitted(p_worker_id, claim_allowance(max_count), time_limit)
$$;

-- migrate:down
drop function usher.claim;
alter function usher.claim_admitted(bigint, integer, interval) rename to claim;
drop function usher.provider_status, usher.claim_allowance, usher.set_breaker, usher.record_provider_error, usher.report_sign, usher.open_breaker,
    usher.close_breaker, usher.report_answers, usher.observe_budget, usher.take_budget, usher.count_use,
    usher.declare_breaker, usher.declare_budget, usher.conforming, usher.ramp_share, usher.budget_spacing, usher.whole_ms;
drop table usher.provider_event, usher.provider_error, usher.outage_sign, usher.breaker, usher.budget_use;
alter table usher.zone drop column quota, drop column quota_at, drop column pages;
alter table usher.budget drop column lag_ms, drop column reserve, drop column trial_until, drop column declared,
    drop column adopted_at, drop column remaining, drop column remaining_at;
update usher.budget set burst = round(burst);
alter table usher.budget alter column burst type integer;
create function usher.declare_budget(name text, quota integer, window_ms bigint, burst integer) returns void
language sql set search_path = usher, pg_temp as $$
    insert into budget (name, quota, window_ms, burst) values (name, quota, window_ms, burst)
    on conflict on constraint budget_pkey
    do update set quota = excluded.quota, window_ms = excluded.window_ms, burst = excluded.burst
$$;
create function usher.take_budget(p_name text, wanted integer, out granted integer, out wait_ms bigint)
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine budget;
    moment timestamptz;
    spacing interval;
    start timestamptz;
begin
    select * into mine from budget where name = p_name for update;
    if not found then
        raise exception 'budget % is not declared', p_name using errcode = '22023';
    end if;
    moment := clock_timestamp();
    if mine.blocked_until > moment then
        granted := 0;
        wait_ms := ceil(extract(epoch from mine.blocked_until - moment) * 1000);
        return;
    end if;
    spacing := mine.window_ms * interval '1 millisecond' / greatest(mine.quota - mine.burst, 1);
    start := greatest(mine.arrival_at, moment);
    granted := least(wanted, floor(extract(epoch from moment + mine.burst * spacing - start)
                                   / extract(epoch from spacing))::integer);
    granted := greatest(granted, 0);
    if granted > 0 then
        update budget set arrival_at = start + granted * spacing where name = p_name;
    end if;
    wait_ms := case when granted >= wanted then 0
        else greatest(1, ceil(extract(epoch from (start + granted * spacing) + spacing - moment - mine.burst * spacing)
                              * 1000)) end;
end $$;
