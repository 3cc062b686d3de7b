-- What readings of the zone show beside the state of our own work: hostnames that nobody claims, hostnames that changed
-- under our hands, and hints from the provider that it is time to read.

-- migrate:up

-- Hostnames of the zone that no tenant claims, as the last reading showed them.
create table usher.unclaimed (
    provider_id   text        primary key check (length(provider_id) between 1 and 64),
    name          text        not null check (name = lower(name) and length(name) between 1 and 255),
    observed      jsonb       not null check (jsonb_typeof(observed) = 'object'),
    first_seen_at timestamptz not null,
    seen_at       timestamptz not null,
    check (seen_at >= first_seen_at)
);
create index unclaimed_name on usher.unclaimed (name);
create index unclaimed_seen on usher.unclaimed (seen_at);

-- An enforced hostname that a reading showed otherwise than before, although no job of ours was at work on it.
create table usher.drift (
    drift_id    bigint generated always as identity primary key,
    hostname_id bigint      not null references usher.hostname,
    before      jsonb       not null check (jsonb_typeof(before) = 'object'),
    -- Null: a whole reading did not show it, which is no proof; its job asks for it by its id.
    after       jsonb       check (jsonb_typeof(after) = 'object'),
    seen_at     timestamptz not null,
    -- The job that was woken; placed after the reading, each in a transaction of its own.
    job_id      bigint
);
create index drift_hostname on usher.drift (hostname_id);
create index drift_seen on usher.drift (seen_at);
create index drift_unplaced on usher.drift (drift_id) where job_id is null;

-- Hints from the provider that were heard, so that each counts once.
create table usher.provider_hint (
    event_id   text        primary key check (length(event_id) between 1 and 300),
    event_type text        not null,
    heard_at   timestamptz not null default clock_timestamp()
);
create index provider_hint_heard on usher.provider_hint (heard_at);

-- Set by a hint: the zone is to be read soon, whoever waits.
alter table usher.zone add hinted_at timestamptz;

-- What of an observation a policy promises, in a form that compares: lists of ciphers are sets, and states come and go.
create function usher.observed_promise(observed jsonb) returns jsonb
language sql immutable set search_path = usher, pg_temp as $$
    select jsonb_build_array(
        (observed -> 'settings') - 'ciphers',
        (select jsonb_agg(c order by c) from jsonb_array_elements_text(
            case when jsonb_typeof(observed -> 'settings' -> 'ciphers') = 'array'
                 then observed -> 'settings' -> 'ciphers' else '[]' end) as t (c)),
        observed -> 'wildcard',
        observed -> 'custom_certificate')
$$;

-- Gives one drifted hostname its job; null if none is left. One a transaction: holding many at once could deadlock with
-- a caller's.
create function usher.place_drifted() returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    found_drift record;
    host record;
    placed record;
begin
    select d.drift_id, d.hostname_id into found_drift from drift d
    where d.job_id is null order by d.drift_id limit 1 for update skip locked;
    if not found then return null; end if;
    select h.hostname_id, t.lane_id into host
    from hostname h join tenant t on t.tenant = h.tenant
    where h.hostname_id = found_drift.hostname_id and h.released_at is null;
    if not found then
        delete from drift d where d.drift_id = found_drift.drift_id;
        return 0;
    end if;
    placed := place_job('onboard', host.lane_id, host.hostname_id, null, 0::smallint, null, null);
    update drift d set job_id = placed.job where d.drift_id = found_drift.drift_id;
    update hostname h set standing = 'queued', standing_actor = 'us',
                          standing_message = 'drifted: the provider shows other settings than were enforced'
    where h.hostname_id = host.hostname_id and h.standing in ('enforced', 'partial');
    return host.hostname_id;
end $$;

-- Claims hostnames that the zone has and nobody claimed, for a tenant, by the way every claim is made; the provider's
-- hostname is adopted, not created again. Those refused (another tenant's claim, the quota) are returned and left alone.
create function usher.claim_unclaimed(p_tenant text, provider_ids text[],
    out batch_id bigint, out claimed integer, out refused jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    item record;
    answer enqueue_answer;
    opts jsonb;
    bad jsonb[] := '{}';
begin
    insert into batch (name, origin) values ('import for ' || p_tenant, 'enqueue') returning batch.batch_id into batch_id;
    claimed := 0;
    for item in
        select * from unclaimed u where u.provider_id = any (provider_ids) order by u.name for update
    loop
        -- What is there stays: a name served with its children, or with the tenant's own certificate, is wished so.
        opts := jsonb_strip_nulls(jsonb_build_object(
            'wildcard', case when (item.observed ->> 'wildcard')::boolean then true end,
            'custom_certificate', case when (item.observed ->> 'custom_certificate')::boolean then true end));
        answer := try_enqueue(p_tenant, item.name, opts, 0, null, batch_id);
        if answer.code is not null then
            bad := bad || (answer.detail || jsonb_build_object('hostname', item.name, 'message', answer.message,
                                                               'hint', answer.hint));
            continue;
        end if;
        update hostname h set provider_id = item.provider_id, observed = item.observed, observed_at = item.seen_at
        where h.hostname_id = answer.hostname_id and h.provider_id is null and h.intent is null
          and not exists (select from hostname o where o.provider_id = item.provider_id and o.released_at is null);
        delete from unclaimed u where u.provider_id = item.provider_id;
        claimed := claimed + 1;
    end loop;
    refused := to_jsonb(bad);
    if claimed = 0 then
        delete from batch b where b.batch_id = claim_unclaimed.batch_id;
        batch_id := null;
        return;
    end if;
    update batch b set total = (select count(*) from job j where j.batch_id = b.batch_id)
    where b.batch_id = claim_unclaimed.batch_id;
end $$;

-- A hint from the provider: the hostname's waiting job looks for itself, anything else has the zone read soon. Never the
-- truth: nothing of it but whom it is about is used. Answers 'duplicate', 'woken' or 'noted'.
create function usher.hear_provider_event(event_id text, event_type text, provider_id text, hostname text) returns text
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    waiting bigint;
begin
    insert into provider_hint (event_id, event_type) values ($1, $2) on conflict do nothing;
    if not found then return 'duplicate'; end if;
    -- A few old ones leave with each new one, so that the table stays small.
    delete from provider_hint e where e.event_id = any (array(
        select o.event_id from provider_hint o where o.heard_at < clock_timestamp() - interval '30 days'
        order by o.heard_at limit 10 for update skip locked));
    -- It was told of before it was read: what is stored is older than the event, so its job looks before it decides.
    update hostname h set intent = 'edit'
    where h.hostname_id = (
              select o.hostname_id from hostname o
              where o.released_at is null and o.provider_id is not null and o.standing = 'waiting'
                and (o.provider_id = $3 or o.name = lower($4))
              limit 1)
      and h.intent is null
    returning h.hostname_id into waiting;
    if waiting is not null then
        perform wake_subjects(array[waiting]);
        return 'woken';
    end if;
    update zone set hinted_at = clock_timestamp();
    return 'noted';
end $$;

-- migrate:down
drop function usher.hear_provider_event, usher.claim_unclaimed, usher.place_drifted, usher.observed_promise;
alter table usher.zone drop hinted_at;
drop table usher.provider_hint, usher.drift, usher.unclaimed;
