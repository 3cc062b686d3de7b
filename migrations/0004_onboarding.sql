-- Tenants, what their tiers promise, the hostnames they claim and the certificates they bring.

-- migrate:up
create table usher.tier (
    name           text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    -- The revision new work resolves to.
    revision       integer     not null,
    weight         smallint    not null check (weight between 1 and 100),
    max_running    integer     not null check (max_running >= 1),
    hostname_quota integer     check (hostname_quota >= 0),
    pending_quota  integer     check (pending_quota >= 0),
    changed_at     timestamptz not null default clock_timestamp()
);

create table usher.policy (
    tier       text        not null references usher.tier deferrable initially deferred,
    revision   integer     not null check (revision >= 1),
    document   jsonb       not null check (jsonb_typeof(document) = 'object'),
    -- Over the meaning (the canonical JSON of the policy), not over the layout of a file.
    checksum   text        not null check (checksum ~ '^[0-9a-f]{64}$'),
    author     text        not null check (length(author) > 0),
    reason     text        not null check (length(reason) > 0),
    created_at timestamptz not null default clock_timestamp(),
    primary key (tier, revision)
);
alter table usher.tier add foreign key (name, revision) references usher.policy (tier, revision)
    deferrable initially deferred;

create function usher.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: its rows are history', tg_op, tg_table_name using errcode = '42501';
end $$;
create trigger policy_is_immutable before update or delete on usher.policy
    for each row execute function usher.refuse_change();

create table usher.tenant (
    tenant         text primary key check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    tier           text        not null references usher.tier,
    -- The billing system's own counter: an event below it came late and changes nothing.
    source_version bigint      not null default 0 check (source_version >= 0),
    lane_id        integer     not null unique references usher.lane,
    created_at     timestamptz not null default clock_timestamp()
);

-- Every billing event ever heard, applied or not.
create table usher.tier_event (
    event_id       bigint generated always as identity primary key,
    tenant         text        not null references usher.tenant,
    tier           text        not null references usher.tier,
    previous       text        references usher.tier,
    source_event   text        not null,
    source_version bigint      not null,
    applied        boolean     not null,
    heard_at       timestamptz not null default clock_timestamp(),
    unique (tenant, source_event)
);
create trigger tier_event_is_immutable before update or delete on usher.tier_event
    for each row execute function usher.refuse_change();

create table usher.certificate (
    certificate_id bigint generated always as identity primary key,
    tenant         text        not null references usher.tenant,
    hostname       text        not null,
    -- Leaf first. Public by nature.
    chain_pem      text        not null check (chain_pem like '-----BEGIN CERTIFICATE-----%'
                                               and chain_pem not like '%PRIVATE KEY%'),
    -- The private key, sealed to the workers' public key; shredded when the certificate is retired.
    sealed_key     bytea       check (octet_length(sealed_key) between 64 and 65536),
    key_id         text        not null check (key_id ~ '^[0-9a-f]{16}$'),
    facts          jsonb       not null check (jsonb_typeof(facts) = 'object'),
    fingerprint    text        not null check (fingerprint ~ '^[0-9a-f]{64}$'),
    not_before     timestamptz not null,
    not_after      timestamptz not null,
    created_at     timestamptz not null default clock_timestamp(),
    retired_at     timestamptz,
    check (not_after > not_before),
    check ((sealed_key is null) = (retired_at is not null)),
    -- A sealed key is never a PEM text, whoever wrote it.
    check (position('\x2d2d2d2d2d424547494e'::bytea in sealed_key) = 0)
);
create unique index certificate_current on usher.certificate (tenant, hostname) where retired_at is null;

-- A second certificate for the same hostname takes the first one's place; the sealed key of the first is shredded.
create function usher.put_certificate(p_tenant text, p_hostname text, chain_pem text, sealed_key bytea, key_id text,
    facts jsonb, fingerprint text, not_before timestamptz, not_after timestamptz) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    same bigint;
    answer bigint;
begin
    if position('\x2d2d2d2d2d424547494e'::bytea in sealed_key) > 0 or octet_length(sealed_key) < 64 then
        raise exception 'the private key is not sealed' using errcode = 'UE010',
            detail = jsonb_build_object('code', 'UE010', 'hostname', p_hostname)::text,
            hint = 'seal it to the workers'' public key first: usher cert put does';
    end if;
    select c.certificate_id into same from certificate c
    where c.tenant = p_tenant and c.hostname = p_hostname and c.retired_at is null
      and c.fingerprint = put_certificate.fingerprint;
    if found then return same; end if;
    update certificate c set retired_at = clock_timestamp(), sealed_key = null
    where c.tenant = p_tenant and c.hostname = p_hostname and c.retired_at is null;
    insert into certificate (tenant, hostname, chain_pem, sealed_key, key_id, facts, fingerprint, not_before, not_after)
    values (p_tenant, p_hostname, chain_pem, sealed_key, key_id, facts, fingerprint, not_before, not_after)
    returning certificate_id into answer;
    -- Whoever waits for it can go on, and an attempt that runs without it runs once more.
    perform place_job('onboard', t.lane_id, h.hostname_id, null, 0::smallint, null, null)
    from hostname h join tenant t using (tenant)
    where h.tenant = p_tenant and h.name = p_hostname and h.released_at is null;
    return answer;
end $$;

create table usher.hostname (
    hostname_id          bigint generated always as identity primary key,
    tenant               text        not null references usher.tenant,
    -- The canonical A-label form (RFC 5890): lower case, no trailing dot, at least two labels.
    name                 text        not null check (length(name) <= 253
        and name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    -- What was asked for on top of the tier.
    wish                 jsonb       not null default '{}' check (jsonb_typeof(wish) = 'object'),
    -- Grows with every change of the desired state; `observed_generation` is the last one brought into force.
    generation           bigint      not null default 1 check (generation >= 1),
    observed_generation  bigint      not null default 0 check (observed_generation between 0 and generation),
    -- Written before the call it announces, so that a lost reply or a dead worker is resolved by looking first.
    intent               text        check (intent in ('create', 'edit')),
    provider_id          text        check (length(provider_id) between 1 and 64),
    -- What the provider last showed, and when we saw it and last wrote.
    observed             jsonb,
    observed_at          timestamptz,
    applied_at           timestamptz,
    -- What was written last: one job writes one generation of one policy once, and a key that then did not take is said so.
    applied_job          bigint,
    applied_generation   bigint,
    applied_policy       text        check (applied_policy ~ '^[a-z0-9][a-z0-9_-]*@[0-9]+$'),
    applied_certificate  bigint      references usher.certificate,
    -- The DNS records the tenant must set, kept when first seen: the provider drops them once validated.
    validation           jsonb,
    validation_seen_at   timestamptz,
    -- Where it stands, for people: a word of a closed list, and who must act.
    standing             text        not null default 'queued' check (standing in
        ('queued', 'waiting', 'enforced', 'partial', 'unverified', 'refused', 'failed', 'released')),
    standing_actor       text        check (standing_actor in ('us', 'tenant', 'operator', 'provider')),
    standing_message     text,
    claimed_at           timestamptz not null default clock_timestamp(),
    released_at          timestamptz,
    check ((observed is null) = (observed_at is null)),
    check ((standing = 'released') = (released_at is not null)),
    check (standing not in ('enforced', 'partial') or provider_id is not null)
);
-- One claim a name, whichever tenant; a released name is free.
create unique index hostname_claimed on usher.hostname (name) where released_at is null;
create unique index hostname_provider on usher.hostname (provider_id) where released_at is null and provider_id is not null;
-- Not partial: on an empty table it would tie with hostname_claimed for a look-up by name, and the worse plan would be kept.
create index hostname_tenant on usher.hostname (tenant);
create index hostname_waiting on usher.hostname (hostname_id) where standing in ('waiting', 'unverified') and released_at is null;

-- What the provider's zone says, read once and shared; and the readings of its list pages.
create table usher.zone (
    zone_id    text primary key,
    settings   jsonb,
    read_at    timestamptz,
    -- Who reads the settings, and who reads the pages, holds the turn until then; a reader that dies is replaced.
    reading_until timestamptz,
    turn_until timestamptz,
    swept_at   timestamptz,
    -- When those who have been looked at since their last write are looked at again.
    next_at    timestamptz not null default clock_timestamp(),
    sweeps     bigint      not null default 0,
    check ((settings is null) = (read_at is null))
);

create table usher.idempotency (
    tenant       text        not null,
    key          text        not null check (length(key) between 1 and 200),
    request_hash text        not null,
    answer       jsonb       not null,
    created_at   timestamptz not null default clock_timestamp(),
    primary key (tenant, key)
);

-- migrate:down
drop table usher.idempotency, usher.zone, usher.hostname, usher.certificate, usher.tier_event, usher.tenant cascade;
drop table usher.policy, usher.tier cascade;
drop function usher.put_certificate, usher.refuse_change;
