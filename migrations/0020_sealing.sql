-- The keys that tenants' private keys are sealed to, their rotation, and the life of a certificate: wanted, replaced by
-- another and kept until that one is seen in force, shredded.

-- migrate:up

-- The private halves are in the workers' key files and nowhere else.
create table usher.sealing_key (
    key_id        text primary key check (key_id ~ '^[0-9a-f]{16}$'),
    -- Null of a key that is known only by what was sealed to it.
    public_key    text unique check (public_key ~ '^usher-public-key-1:[A-Za-z0-9+/]{43}=$'),
    -- The one to seal to.
    is_current    boolean     not null default false,
    first_seen_at timestamptz not null default clock_timestamp(),
    published_at  timestamptz,
    retired_at    timestamptz,
    check ((public_key is null) = (published_at is null)),
    check (not is_current or (public_key is not null and retired_at is null))
);
create unique index sealing_key_current on usher.sealing_key (is_current) where is_current;

-- The DER of the first certificate of a chain.
create function usher.leaf_der(chain_pem text) returns bytea
language sql immutable strict parallel safe set search_path = usher, pg_temp as $$
    select decode(substring(chain_pem from '-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----'), 'base64')
$$;

-- Whether these bytes are a private key that nobody sealed, whichever form it has: sealed ones are random from the first
-- byte to the last.
create function usher.is_unsealed(bytes bytea) returns boolean
language sql immutable strict parallel safe set search_path = usher, pg_temp as $$
    select octet_length(bytes) < 64
        -- Text as a whole: PEM, base64, hexadecimal, in one byte a character or in two.
        or encode(bytes, 'hex') ~ '^(efbbbf|fffe|feff)?((00)?(09|0a|0d|[2-7].)(00)?)*$'
        or position('\x2d2d2d2d2d424547494e'::bytea in bytes) > 0
        -- PKCS#8, PKCS#1 and SEC1: a SEQUENCE that begins with a small INTEGER, its version.
        or encode(substring(bytes from 1 for 16), 'hex') ~ '^(0[9ad]|20|efbbbf)*30(8[123]|[0-7].)?(..){0,3}02010[0-3](30|02|04)'
        -- Object identifiers that name a key's algorithm, wherever the key begins: PKCS, elliptic curves.
        or position('\x2a864886f70d01'::bytea in bytes) > 0
        or position('\x2a8648ce3d'::bytea in bytes) > 0
        or position('\x06052b81040022'::bytea in bytes) > 0
        or position('\x06052b81040023'::bytea in bytes) > 0
$$;

insert into usher.sealing_key (key_id) select distinct key_id from usher.certificate;

alter table usher.certificate
    add foreign key (key_id) references usher.sealing_key,
    add column shredded_at timestamptz,
    -- The provider serves one of each kind for a hostname, and one replaces another of its own kind only.
    add column key_kind text not null generated always as (
        case when position('\x06072a8648ce3d0201'::bytea in usher.leaf_der(chain_pem)) > 0 then 'ecdsa' else 'rsa' end) stored;
update usher.certificate set shredded_at = retired_at where retired_at is not null;
-- A certificate that was replaced keeps its key until the other is seen in force, so that one can go back.
alter table usher.certificate
    drop constraint certificate_check1,
    add constraint certificate_shredded check ((sealed_key is null) = (shredded_at is not null)),
    add constraint certificate_shredded_is_retired check (shredded_at is null or retired_at is not null),
    add constraint certificate_is_sealed check (not usher.is_unsealed(sealed_key));
drop index usher.certificate_current;
create unique index certificate_current on usher.certificate (tenant, hostname, key_kind) where retired_at is null;
-- What a key still has to open.
create index certificate_key on usher.certificate (key_id, certificate_id) where sealed_key is not null;

-- Of a pair, one RSA and one ECDSA, `applied_certificate` is the newer and this the other.
alter table usher.hostname add column applied_partner bigint references usher.certificate;

-- What was found of a certificate when it was to be applied, once each: it is not in date.
create table usher.certificate_finding (
    certificate_id bigint      not null references usher.certificate,
    cause          text        not null check (cause in ('expired', 'not_yet_valid', 'ends_soon')),
    found_at       timestamptz not null default clock_timestamp(),
    message        text        not null,
    primary key (certificate_id, cause)
);
create trigger certificate_finding_is_history before update or delete on usher.certificate_finding
    for each row execute function usher.refuse_change();

-- Where jobs wait for a key that the worker who had them does not hold.
create index deferred_missing_key on usher.deferred (job_id) where reason = 'missing_key';

-- Makes a public key the one to seal to; the same again changes nothing.
create function usher.publish_sealing_key(public_key text, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    id text;
begin
    if $1 is null or $1 !~ '^usher-public-key-1:[A-Za-z0-9+/]{43}=$' then
        raise exception 'not a public sealing key' using errcode = '22023', hint = 'usher keys generate prints one',
            detail = jsonb_build_object('field', 'public_key')::text;
    end if;
    id := left(encode(sha256(decode(split_part($1, ':', 2), 'base64')), 'hex'), 16);
    if exists (select from sealing_key k where k.key_id = id and k.is_current) then return id; end if;
    perform record_audit('publish_sealing_key', $2, jsonb_build_object('key_id', id));
    insert into sealing_key as k (key_id, public_key, published_at) values (id, $1, clock_timestamp())
    on conflict (key_id) do update set public_key = excluded.public_key,
                                       published_at = coalesce(k.published_at, clock_timestamp());
    perform from sealing_key k where k.key_id = id and k.retired_at is null for update;
    if not found then
        raise exception 'key % was retired', id using errcode = 'UE011', hint = 'make a new one: usher keys rotate',
            detail = jsonb_build_object('code', 'UE011', 'key_id', id)::text;
    end if;
    update sealing_key k set is_current = false where k.is_current;
    update sealing_key k set is_current = true where k.key_id = id;
    return id;
end $$;

-- The key to seal to, for whoever puts certificates; null if none is published.
create function usher.sealing_key() returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_build_object('key_id', k.key_id, 'public_key', k.public_key) from sealing_key k where k.is_current
$$;

-- Every key with what it still has to open.
create function usher.sealing_keys() returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'key_id', k.key_id, 'public_key', k.public_key, 'current', k.is_current, 'first_seen_at', k.first_seen_at,
        'retired_at', k.retired_at,
        'certificates', (select count(*) from certificate c where c.key_id = k.key_id and c.sealed_key is not null))
        order by k.is_current desc, k.first_seen_at desc, k.key_id), '[]')
    from sealing_key k
$$;

-- Puts a key sealed anew in the place of the one sealed before, unless that is gone meanwhile. What the old one was sealed
-- to is compared, so that a certificate put since is never overwritten: it is another row.
create function usher.rewrap_certificate(certificate_id bigint, from_key text, to_key text, sealed_key bytea) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
begin
    if is_unsealed($4) then
        raise exception 'the private key is not sealed' using errcode = 'UE010',
            detail = jsonb_build_object('code', 'UE010', 'certificate_id', $1)::text, hint = 'usher keys rewrap seals it';
    end if;
    perform from sealing_key k where k.key_id = $3 and k.retired_at is null for key share;
    if not found then
        raise exception 'key % is not one to seal to', $3 using errcode = 'UE011', hint = 'usher keys publish makes it one',
            detail = jsonb_build_object('code', 'UE011', 'key_id', $3)::text;
    end if;
    update certificate c set sealed_key = $4, key_id = $3
    where c.certificate_id = $1 and c.key_id = $2 and c.sealed_key is not null;
    return found;
end $$;

-- Ends a key that nothing is sealed to any more.
create function usher.retire_sealing_key(p_key_id text, reason text) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
declare
    needed bigint;
begin
    perform record_audit('retire_sealing_key', $2, jsonb_build_object('key_id', p_key_id));
    insert into sealing_key (key_id) values (p_key_id) on conflict (key_id) do nothing;
    -- Locked against whoever seals to it at this moment; counted in a new statement.
    perform from sealing_key k where k.key_id = p_key_id for update;
    select count(*) into needed from certificate c where c.key_id = p_key_id and c.sealed_key is not null;
    if needed > 0 then
        raise exception 'key % still opens % certificates', p_key_id, needed using errcode = 'UE011',
            hint = 'usher keys rewrap seals them to the current key',
            detail = jsonb_build_object('code', 'UE011', 'key_id', p_key_id, 'certificates', needed)::text;
    end if;
    if exists (select from sealing_key k where k.key_id = p_key_id and k.is_current) then
        raise exception 'key % is the one to seal to', p_key_id using errcode = 'UE011',
            hint = 'publish another first: usher keys publish',
            detail = jsonb_build_object('code', 'UE011', 'key_id', p_key_id)::text;
    end if;
    update sealing_key k set retired_at = clock_timestamp() where k.key_id = p_key_id and k.retired_at is null;
    return found;
end $$;

-- Has the jobs look again that wait for one of these keys; answers how many.
create function usher.wake_for_keys(key_ids text[]) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    waiting bigint[];
begin
    waiting := array(
        select l.subject_id from deferred d join live l using (job_id) join hostname h on h.hostname_id = l.subject_id
        where d.reason = 'missing_key' and d.due_at > clock_timestamp()
          and not exists (select from certificate c where c.tenant = h.tenant and c.hostname = h.name
                                                      and c.retired_at is null and c.key_id <> all (key_ids))
        limit 1000);
    if waiting = '{}' then return 0; end if;
    return cardinality(waiting) - cardinality(wake_subjects(waiting));
end $$;

-- Stores a certificate; one with the same kind of key before it is replaced. The key of that one is kept while it may still
-- be what the provider serves, else shredded. `facts` may be '{}': a worker reads them off the chain.
create or replace function usher.put_certificate(p_tenant text, p_hostname text, chain_pem text, sealed_key bytea, key_id text,
    facts jsonb, fingerprint text, not_before timestamptz, not_after timestamptz) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    canonical record := canonical_hostname(p_hostname);
    leaf bytea := leaf_der(chain_pem);
    kind text;
    host hostname;
    same bigint;
    answer bigint;
begin
    if sealed_key is null or is_unsealed(sealed_key) then
        raise exception 'the private key is not sealed' using errcode = 'UE010',
            detail = jsonb_build_object('code', 'UE010', 'hostname', p_hostname)::text,
            hint = 'seal it to the workers'' public key first: usher keys public shows how';
    end if;
    -- The seal is bound to the name as it was sealed for.
    if canonical.name is distinct from p_hostname then
        raise exception 'the hostname is not in canonical form' using errcode = '22023', hint = 'seal it for the canonical name',
            detail = jsonb_build_object('field', 'hostname', 'actual', p_hostname, 'expected', canonical.name)::text;
    end if;
    if leaf is null or encode(sha256(leaf), 'hex') is distinct from fingerprint then
        raise exception 'the fingerprint is not the leaf''s' using errcode = '22023',
            hint = 'SHA-256 of the first certificate''s DER, in lower-case hexadecimal',
            detail = jsonb_build_object('field', 'fingerprint', 'hostname', p_hostname)::text;
    end if;
    perform from tenant t where t.tenant = p_tenant;
    if not found then
        raise exception 'unknown tenant' using errcode = 'UE024', hint = 'call usher.set_tier for it first',
            detail = jsonb_build_object('code', 'UE024', 'tenant', p_tenant)::text;
    end if;
    insert into sealing_key (key_id) values (put_certificate.key_id) on conflict do nothing;
    perform from sealing_key k where k.key_id = put_certificate.key_id and k.retired_at is null for key share;
    if not found then
        raise exception 'key % was retired', key_id using errcode = 'UE011', hint = 'seal to the current key: usher.sealing_key()',
            detail = jsonb_build_object('code', 'UE011', 'key_id', key_id)::text;
    end if;
    select * into host from hostname h
    where h.tenant = p_tenant and h.name = p_hostname and h.released_at is null for no key update;
    select c.certificate_id into same from certificate c
    where c.tenant = p_tenant and c.hostname = p_hostname and c.retired_at is null
      and c.fingerprint = put_certificate.fingerprint and c.chain_pem = put_certificate.chain_pem;
    if found then
        -- The same again changes nothing, unless its key was sealed to one that may be lost, and now is to another.
        update certificate c set sealed_key = put_certificate.sealed_key, key_id = put_certificate.key_id
        where c.certificate_id = same and c.key_id <> put_certificate.key_id;
        if found then
            perform place_job('onboard', t.lane_id, host.hostname_id, null, 0::smallint, null, null)
            from tenant t where t.tenant = p_tenant and host.hostname_id is not null;
        end if;
        return same;
    end if;
    kind := case when position('\x06072a8648ce3d0201'::bytea in leaf) > 0 then 'ecdsa' else 'rsa' end;
    update certificate c
    set retired_at = clock_timestamp(),
        shredded_at = case when c.certificate_id in (host.applied_certificate, host.applied_partner) then null
                           else clock_timestamp() end,
        sealed_key = case when c.certificate_id in (host.applied_certificate, host.applied_partner) then c.sealed_key end
    where c.tenant = p_tenant and c.hostname = p_hostname and c.key_kind = kind and c.retired_at is null;
    insert into certificate (tenant, hostname, chain_pem, sealed_key, key_id, facts, fingerprint, not_before, not_after)
    values (p_tenant, p_hostname, chain_pem, sealed_key, key_id, coalesce(facts, '{}'), fingerprint, not_before, not_after)
    returning certificate_id into answer;
    -- Whoever waits for it can go on, and an attempt that runs without it runs once more.
    perform place_job('onboard', t.lane_id, host.hostname_id, null, 0::smallint, null, null)
    from tenant t where t.tenant = p_tenant and host.hostname_id is not null;
    return answer;
end $$;

-- The certificates of a hostname that were replaced are needed no longer: others were seen in force.
create function usher.shred_replaced(p_hostname_id bigint, in_force bigint[]) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    shredded integer;
begin
    update certificate c set sealed_key = null, shredded_at = clock_timestamp()
    from hostname h
    where h.hostname_id = p_hostname_id and c.tenant = h.tenant and c.hostname = h.name
      and c.retired_at is not null and c.shredded_at is null and c.certificate_id <> all (in_force);
    get diagnostics shredded = row_count;
    return shredded;
end $$;

-- What a worker read off a chain that was stored without facts.
create function usher.record_certificate_facts(p_certificate_id bigint, facts jsonb, not_before timestamptz,
    not_after timestamptz) returns void
language sql set search_path = usher, pg_temp as $$
    update certificate c set facts = $2, not_before = $3, not_after = $4
    where c.certificate_id = $1 and c.facts = '{}'
$$;

-- Takes a certificate out of use and shreds its key; true if it was not yet. Refused while a hostname cannot do without:
-- away from a tenant's own certificate goes only what was planned. If it replaced one that is still there, that one is
-- wanted again. `force` is for a key that must be gone now, whatever comes of it.
create function usher.retire_certificate(p_certificate_id bigint, reason text, force boolean default false) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine certificate;
    host hostname;
    earlier bigint;
    has_partner boolean;
begin
    -- The hostname first, as put_certificate and the workers do.
    perform from hostname h join certificate c on c.tenant = h.tenant and c.hostname = h.name
    where c.certificate_id = p_certificate_id and h.released_at is null for no key update of h;
    select * into mine from certificate c where c.certificate_id = p_certificate_id for update;
    if not found then
        raise exception 'no such certificate' using errcode = 'UE043', hint = 'see usher cert list',
            detail = jsonb_build_object('code', 'UE043', 'certificate_id', p_certificate_id)::text;
    end if;
    if mine.shredded_at is not null then return false; end if;
    select * into host from hostname h
    where h.tenant = mine.tenant and h.name = mine.hostname and h.released_at is null for no key update;
    if mine.retired_at is null then
        select max(c.certificate_id) into earlier from certificate c
        where c.tenant = mine.tenant and c.hostname = mine.hostname and c.key_kind = mine.key_kind
          and c.retired_at is not null and c.shredded_at is null;
        has_partner := exists (select from certificate c where c.tenant = mine.tenant and c.hostname = mine.hostname
                                                           and c.key_kind <> mine.key_kind and c.retired_at is null);
        if not force and not has_partner and earlier is null
           and (host.wish @> '{"custom_certificate": true}'
                or mine.certificate_id in (host.applied_certificate, host.applied_partner)) then
            raise exception 'certificate % is in use', p_certificate_id using errcode = 'UE016',
                hint = 'put another in its place, or move the hostname to the provider''s certificate by a reviewed plan',
                detail = jsonb_build_object('code', 'UE016', 'certificate_id', p_certificate_id,
                                            'hostname', mine.hostname)::text;
        end if;
    end if;
    perform record_audit('retire_certificate', $2, jsonb_build_object('certificate_id', p_certificate_id,
        'tenant', mine.tenant, 'hostname', mine.hostname, 'force', force));
    update certificate c set retired_at = coalesce(c.retired_at, clock_timestamp()), shredded_at = clock_timestamp(),
                             sealed_key = null
    where c.certificate_id = p_certificate_id;
    if mine.retired_at is not null then return true; end if;
    update certificate c set retired_at = null where c.certificate_id = earlier;
    if host.hostname_id is not null then perform renew_hostnames(array[host.hostname_id]); end if;
    return true;
end $$;

-- A certificate as people and programs see it, without its key.
create function usher.certificate_document(c usher.certificate) returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'certificate_id', c.certificate_id, 'tenant', c.tenant, 'hostname', c.hostname,
        'state', case when c.shredded_at is not null then 'retired' when c.retired_at is not null then 'replaced'
                      else 'wanted' end,
        'in_force', exists (select from hostname h where h.released_at is null and h.tenant = c.tenant
                                and h.name = c.hostname and c.certificate_id in (h.applied_certificate, h.applied_partner)
                                and h.observed_at > h.applied_at and h.standing in ('enforced', 'partial')),
        'key_kind', c.key_kind, 'key_id', c.key_id, 'fingerprint', c.fingerprint, 'serial', c.facts ->> 'serial',
        'issuer', c.facts ->> 'issuer', 'names', c.facts -> 'names', 'not_before', c.not_before, 'not_after', c.not_after,
        'created_at', c.created_at, 'retired_at', c.retired_at, 'shredded_at', c.shredded_at,
        'findings', (select jsonb_agg(jsonb_build_object('cause', f.cause, 'found_at', f.found_at, 'message', f.message)
                                      order by f.found_at)
                     from certificate_finding f where f.certificate_id = c.certificate_id)))
$$;

create function usher.certificate_status(p_certificate_id bigint) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer jsonb;
begin
    select certificate_document(c) into answer from certificate c where c.certificate_id = p_certificate_id;
    if not found then
        raise exception 'no such certificate' using errcode = 'UE043', hint = 'see usher cert list',
            detail = jsonb_build_object('code', 'UE043', 'certificate_id', p_certificate_id)::text;
    end if;
    return answer;
end $$;

-- A tenant's certificates, those that end first before the others.
create function usher.certificates(p_tenant text, p_hostname text default null, including_retired boolean default false)
    returns jsonb
language sql stable set search_path = usher, pg_temp as $$
    select jsonb_build_object('certificates', coalesce(
        jsonb_agg(certificate_document(c) order by c.not_after, c.certificate_id), '[]'))
    from certificate c
    where c.tenant = p_tenant and coalesce(c.hostname = p_hostname, true) and (including_retired or c.retired_at is null)
$$;

-- As before, but with a pair's newer certificate for both.
create or replace function usher.apply_plan(rows jsonb, zone jsonb, checksum text, head jsonb, author text,
    out batch_id bigint, out queued integer, out created integer, out moved jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    item record;
    host record;
    placed record;
    reason text;
    late jsonb[] := '{}';
    zone_moved boolean := zone is distinct from
        (select z.settings from zone z where z.settings is not null order by z.read_at desc limit 1);
begin
    insert into batch (name, origin) values ('plan ' || left(apply_plan.checksum, 12), 'plan')
    returning batch.batch_id into batch_id;
    queued := 0;
    created := 0;
    -- In the order of their ids, so that two who apply at once do not wait for each other in a ring.
    for item in
        select * from jsonb_to_recordset(rows) as r (hostname_id bigint, generation bigint, policy text, state text,
                                                     certificate_id bigint)
        order by r.hostname_id
    loop
        select h.generation, h.released_at, t.lane_id, tier.name || '@' || tier.revision as policy,
               (select max(c.certificate_id) from certificate c
                where c.tenant = h.tenant and c.hostname = h.name and c.retired_at is null) as certificate_id,
               observed_state(h.observed, h.provider_id, h.intent) as state
        into host
        from hostname h
        join tenant t on t.tenant = h.tenant
        join tier on tier.name = t.tier
        where h.hostname_id = item.hostname_id
        for no key update of h;
        reason := case
            when not found or host.released_at is not null then 'released'
            when zone_moved then 'zone'
            when host.generation <> item.generation then 'generation'
            when host.policy <> item.policy then 'policy'
            when host.certificate_id is distinct from item.certificate_id then 'certificate'
            when host.state <> item.state then 'observed'
        end;
        if reason is not null then
            late := late || jsonb_build_object('hostname_id', item.hostname_id, 'reason', reason);
            continue;
        end if;
        placed := place_job('onboard', host.lane_id, item.hostname_id, batch_id, 0::smallint, null, null);
        queued := queued + 1;
        created := created + placed.created::integer;
        update hostname h set standing = 'queued', standing_actor = null, standing_message = null
        where h.hostname_id = item.hostname_id and h.standing in ('refused', 'failed');
    end loop;
    moved := to_jsonb(late);
    if queued = 0 then
        delete from batch b where b.batch_id = apply_plan.batch_id;
        batch_id := null;
        return;
    end if;
    update batch b set total = created where b.batch_id = apply_plan.batch_id;
    insert into plan (checksum, head, batch_id, author, queued, moved)
    values (apply_plan.checksum, apply_plan.head, apply_plan.batch_id, apply_plan.author, apply_plan.queued,
            cardinality(late));
end $$;

-- Who may do what.
insert into usher.permission (role, object, privilege)
select r.role, f.name, 'execute'
from (values
    ('{usher_enqueuer,usher_worker,usher_operator,usher_auditor}', '{sealing_key}'),
    ('{usher_enqueuer}', '{certificates,certificate_status}'),
    ('{usher_operator,usher_auditor}', '{certificates,certificate_status,sealing_keys}'),
    ('{usher_worker}', '{rewrap_certificate,wake_for_keys,shred_replaced,record_certificate_facts,record_audit}'),
    ('{usher_operator}', '{publish_sealing_key,retire_sealing_key,retire_certificate}')
) as t (roles, names)
cross join unnest(t.roles::name[]) as r (role)
cross join unnest(t.names::text[]) as f (name)
on conflict do nothing;
insert into usher.permission (role, object, privilege) values
    ('usher_worker', 'hostname', 'update (applied_partner)'),
    ('usher_worker', 'certificate_finding', 'select'),
    ('usher_worker', 'certificate_finding', 'insert'),
    ('usher_worker', 'sealing_key', 'select'),
    ('usher_operator', 'certificate', 'select (shredded_at, key_kind)'),
    ('usher_auditor', 'certificate', 'select (shredded_at, key_kind)'),
    ('usher_auditor', 'certificate_finding', 'select'),
    ('usher_auditor', 'sealing_key', 'select')
on conflict do nothing;
insert into usher.error_code (code, meaning, remedy) values
    ('UE011', 'the sealing key is needed, retired or unknown', 'see usher keys list; usher keys rewrap frees an old one'),
    ('UE016', 'the certificate is in use', 'put another in its place, or plan the move to the provider''s'),
    ('UE043', 'no such certificate', 'see usher cert list')
on conflict do nothing;

comment on function usher.publish_sealing_key(text, text) is
    'Makes a public key (usher-public-key-1:…) the one that private keys are sealed to; answers its id. The same '
    'again changes nothing. A reason is required. Errors: 22023, UE011 (it was retired).';
comment on function usher.sealing_key() is
    'The key to seal private keys to: {key_id, public_key}; null if none is published.';
comment on function usher.sealing_keys() is
    'Every sealing key, with the number of certificates it still has to open.';
comment on function usher.rewrap_certificate(bigint, text, text, bytea) is
    'Puts a private key that was sealed anew in the place of the one sealed to from_key; false if that is gone '
    'meanwhile. Errors: UE010 (not sealed), UE011 (not a key to seal to).';
comment on function usher.retire_sealing_key(text, text) is
    'Ends a sealing key that nothing is sealed to any more; false if it had ended. A reason is required. Errors: '
    'UE011 (still needed, or the current one).';
comment on function usher.wake_for_keys(text[]) is
    'Has the jobs look again that wait for one of these sealing keys; answers how many.';
comment on function usher.shred_replaced(bigint, bigint[]) is
    'Shreds the keys of a hostname''s replaced certificates, but for those in force; answers how many.';
comment on function usher.record_certificate_facts(bigint, jsonb, timestamptz, timestamptz) is
    'Stores what a worker read off a chain that came without facts.';
comment on function usher.retire_certificate(bigint, text, boolean) is
    'Takes a certificate out of use and shreds its key; true if it was not yet. A reason is required; force is for a '
    'key that must be gone now, whatever comes of it. Errors: 22023, UE043 (no such certificate), UE016 (in use).';
comment on function usher.certificate_status(bigint) is
    'One certificate without its key: validity, names, whether it is wanted, replaced or retired, and in force. '
    'Errors: UE043.';
comment on function usher.certificates(text, text, boolean) is
    'A tenant''s certificates without their keys, those that end first before the others.';
select usher.apply_permissions();

-- migrate:down
delete from usher.permission where object in ('sealing_key', 'sealing_keys', 'certificates', 'certificate_status',
    'rewrap_certificate', 'wake_for_keys', 'shred_replaced', 'record_certificate_facts', 'publish_sealing_key',
    'retire_sealing_key', 'retire_certificate', 'certificate_finding')
    or privilege in ('update (applied_partner)', 'select (shredded_at, key_kind)')
    or (role, object) = ('usher_worker', 'record_audit');
delete from usher.error_code where code in ('UE011', 'UE016', 'UE043');
drop function usher.certificates, usher.certificate_status, usher.certificate_document, usher.retire_certificate,
    usher.record_certificate_facts, usher.shred_replaced, usher.wake_for_keys, usher.retire_sealing_key,
    usher.rewrap_certificate, usher.sealing_keys, usher.sealing_key, usher.publish_sealing_key;
create or replace function usher.put_certificate(p_tenant text, p_hostname text, chain_pem text, sealed_key bytea, key_id text,
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
      and c.fingerprint = put_certificate.fingerprint and c.chain_pem = put_certificate.chain_pem;
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
create or replace function usher.apply_plan(rows jsonb, zone jsonb, checksum text, head jsonb, author text,
    out batch_id bigint, out queued integer, out created integer, out moved jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    item record;
    host record;
    placed record;
    reason text;
    late jsonb[] := '{}';
    zone_moved boolean := zone is distinct from
        (select z.settings from zone z where z.settings is not null order by z.read_at desc limit 1);
begin
    insert into batch (name, origin) values ('plan ' || left(apply_plan.checksum, 12), 'plan')
    returning batch.batch_id into batch_id;
    queued := 0;
    created := 0;
    -- In the order of their ids, so that two who apply at once do not wait for each other in a ring.
    for item in
        select * from jsonb_to_recordset(rows) as r (hostname_id bigint, generation bigint, policy text, state text,
                                                     certificate_id bigint)
        order by r.hostname_id
    loop
        select h.generation, h.released_at, t.lane_id, tier.name || '@' || tier.revision as policy, c.certificate_id,
               observed_state(h.observed, h.provider_id, h.intent) as state
        into host
        from hostname h
        join tenant t on t.tenant = h.tenant
        join tier on tier.name = t.tier
        left join certificate c on c.tenant = h.tenant and c.hostname = h.name and c.retired_at is null
        where h.hostname_id = item.hostname_id
        for no key update of h;
        reason := case
            when not found or host.released_at is not null then 'released'
            when zone_moved then 'zone'
            when host.generation <> item.generation then 'generation'
            when host.policy <> item.policy then 'policy'
            when host.certificate_id is distinct from item.certificate_id then 'certificate'
            when host.state <> item.state then 'observed'
        end;
        if reason is not null then
            late := late || jsonb_build_object('hostname_id', item.hostname_id, 'reason', reason);
            continue;
        end if;
        placed := place_job('onboard', host.lane_id, item.hostname_id, batch_id, 0::smallint, null, null);
        queued := queued + 1;
        created := created + placed.created::integer;
        update hostname h set standing = 'queued', standing_actor = null, standing_message = null
        where h.hostname_id = item.hostname_id and h.standing in ('refused', 'failed');
    end loop;
    moved := to_jsonb(late);
    if queued = 0 then
        delete from batch b where b.batch_id = apply_plan.batch_id;
        batch_id := null;
        return;
    end if;
    update batch b set total = created where b.batch_id = apply_plan.batch_id;
    insert into plan (checksum, head, batch_id, author, queued, moved)
    values (apply_plan.checksum, apply_plan.head, apply_plan.batch_id, apply_plan.author, apply_plan.queued,
            cardinality(late));
end $$;
drop table usher.certificate_finding;
drop index usher.deferred_missing_key, usher.certificate_current, usher.certificate_key;
alter table usher.hostname drop column applied_partner;
-- One of each kind was allowed, and a replaced one kept its key.
update usher.certificate set retired_at = coalesce(retired_at, clock_timestamp()), sealed_key = null,
                             shredded_at = coalesce(shredded_at, clock_timestamp())
where shredded_at is null and certificate_id <> all (
    select max(certificate_id) from usher.certificate where retired_at is null group by tenant, hostname);
alter table usher.certificate
    drop constraint certificate_shredded,
    drop constraint certificate_shredded_is_retired,
    drop constraint certificate_is_sealed,
    drop constraint certificate_key_id_fkey,
    drop column key_kind,
    drop column shredded_at,
    add constraint certificate_check1 check ((sealed_key is null) = (retired_at is not null));
create unique index certificate_current on usher.certificate (tenant, hostname) where retired_at is null;
drop function usher.is_unsealed, usher.leaf_der;
drop table usher.sealing_key;
