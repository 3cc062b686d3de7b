-- What the provider allows, shared by every worker of every host: the calls of one token, and new certificates.

-- migrate:up
create table usher.budget (
    name           text primary key check (name ~ '^[a-z][a-z0-9_]*$'),
    -- The provider's own words: at most `quota` in any window of `window_ms`.
    quota          integer     not null check (quota >= 1),
    window_ms      bigint      not null check (window_ms >= 1),
    -- How many may come at once. Any window of any phase sees at most burst + rate × window, so the rate is what the
    -- burst leaves: (quota - burst) / window.
    burst          integer     not null check (burst >= 1),
    -- Theoretical arrival time of the generic cell rate algorithm (ITU-T I.371): one timestamp is the whole state.
    arrival_at     timestamptz not null default clock_timestamp(),
    -- The provider told us to stop until then; nobody claims work before.
    blocked_until  timestamptz,
    blocked_reason text,
    check (burst < quota or quota = 1),
    check (blocked_until is null or length(blocked_reason) > 0)
);

-- Declares a budget or changes its numbers; what was taken stays taken.
create function usher.declare_budget(name text, quota integer, window_ms bigint, burst integer) returns void
language sql set search_path = usher, pg_temp as $$
    insert into budget (name, quota, window_ms, burst) values (name, quota, window_ms, burst)
    on conflict on constraint budget_pkey
    do update set quota = excluded.quota, window_ms = excluded.window_ms, burst = excluded.burst
$$;

-- Takes up to `wanted`; `wait` says when to come back if fewer were granted. What is granted is charged, used or not.
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

-- Everybody stops until then. A shorter stop never ends a longer one.
create function usher.block_budget(p_name text, duration_ms bigint, reason text) returns void
language sql set search_path = usher, pg_temp as $$
    update budget set blocked_until = greatest(blocked_until, clock_timestamp() + duration_ms * interval '1 millisecond'),
                      blocked_reason = reason
    where name = p_name
$$;

-- migrate:down
drop function usher.block_budget, usher.take_budget, usher.declare_budget;
drop table usher.budget;
