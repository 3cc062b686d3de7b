-- What persons decide beside the tiers' policies: overrides of one hostname, entitlements of a tenant, and approvals of
-- weakenings. Each with who, why and until when; nothing of it is ever rewritten.

-- migrate:up

-- History with an end: the columns named may be filled once, everything else stays as it was written.
create function usher.refuse_rewrite() returns trigger
language plpgsql set search_path = usher, pg_temp as $$
begin
    if tg_op = 'DELETE' or to_jsonb(old) -> tg_argv[0] <> 'null'
       or to_jsonb(new) - tg_argv is distinct from to_jsonb(old) - tg_argv then
        raise exception '% of % is refused: its rows are history', tg_op, tg_table_name using errcode = '42501';
    end if;
    return new;
end $$;

create table usher.hostname_override (
    override_id  bigint generated always as identity primary key,
    hostname_id  bigint      not null references usher.hostname,
    min_tls      text        check (min_tls in ('1.0', '1.1', '1.2', '1.3')),
    -- In the provider's spelling; the workers judge the names.
    ciphers      text[]      check (cardinality(ciphers) between 1 and 100 and array_position(ciphers, null) is null),
    tls_1_3      text        check (tls_1_3 in ('on', 'off')),
    author       text        not null check (length(author) between 1 and 200),
    reason       text        not null check (length(reason) between 1 and 2000),
    created_at   timestamptz not null default clock_timestamp(),
    -- The first moment at which it holds no longer.
    until        timestamptz not null check (until = date_trunc('second', until)),
    ended_at     timestamptz,
    ending       text        check (ending in ('withdrawn', 'replaced', 'expired')),
    ended_by     text        check (length(ended_by) between 1 and 200),
    ended_reason text        check (length(ended_reason) between 1 and 2000),
    check (num_nonnulls(min_tls, ciphers, tls_1_3) > 0),
    check (until > created_at and until <= created_at + interval '366 days'),
    check (num_nulls(ended_at, ending, ended_by, ended_reason) in (0, 4))
);
create unique index hostname_override_current on usher.hostname_override (hostname_id) where ended_at is null;
create index hostname_override_until on usher.hostname_override (until) where ended_at is null;
create index hostname_override_history on usher.hostname_override (hostname_id);
create trigger hostname_override_is_history before update or delete on usher.hostname_override
    for each row execute function usher.refuse_rewrite('ended_at', 'ending', 'ended_by', 'ended_reason');

create table usher.entitlement (
    entitlement_id bigint generated always as identity primary key,
    tenant         text        not null references usher.tenant,
    capability     text        not null check (capability in ('custom_certificate', 'wildcard', 'mtls')),
    author         text        not null check (length(author) between 1 and 200),
    reason         text        not null check (length(reason) between 1 and 2000),
    created_at     timestamptz not null default clock_timestamp(),
    -- The first moment at which it holds no longer; null until it is revoked.
    until          timestamptz check (until = date_trunc('second', until)),
    ended_at       timestamptz,
    ending         text        check (ending in ('revoked', 'replaced', 'expired')),
    ended_by       text        check (length(ended_by) between 1 and 200),
    ended_reason   text        check (length(ended_reason) between 1 and 2000),
    check (until > created_at),
    check (num_nulls(ended_at, ending, ended_by, ended_reason) in (0, 4))
);
create unique index entitlement_current on usher.entitlement (tenant, capability) where ended_at is null;
create index entitlement_until on usher.entitlement (until) where ended_at is null;
create index entitlement_history on usher.entitlement (tenant);
create trigger entitlement_is_history before update or delete on usher.entitlement
    for each row execute function usher.refuse_rewrite('ended_at', 'ending', 'ended_by', 'ended_reason');

-- A weakening that a person reviewed and approved, bound to all of what was reviewed; one job may carry it out.
create table usher.approval (
    approval_id bigint generated always as identity primary key,
    hostname_id bigint      not null references usher.hostname,
    generation  bigint      not null check (generation >= 1),
    policy      text        not null check (policy ~ '^[a-z0-9][a-z0-9_-]*@[0-9]+$'),
    -- The zone's settings that the review took; null if they had never been read.
    zone        jsonb,
    -- Every change that was reviewed: [{key, before?, after?}, …].
    changes     jsonb       not null check (jsonb_typeof(changes) = 'array' and changes <> '[]'),
    plan_id     bigint      not null references usher.plan,
    author      text        not null check (length(author) between 1 and 200),
    reason      text        not null check (length(reason) between 1 and 2000),
    approved_at timestamptz not null default clock_timestamp(),
    -- The job that carried it out, or tried to.
    used_by     bigint,
    used_at     timestamptz,
    check ((used_by is null) = (used_at is null))
);
create index approval_newest on usher.approval (hostname_id, approval_id desc);
create trigger approval_is_history before update or delete on usher.approval
    for each row execute function usher.refuse_rewrite('used_by', 'used_at');

-- What holds at this moment, as the workers' own values read it. An end that nobody has noticed yet is an end.
create view usher.live_override as
select o.hostname_id, jsonb_strip_nulls(jsonb_build_object('min_tls', o.min_tls, 'ciphers', to_jsonb(o.ciphers),
           'tls_1_3', o.tls_1_3, 'author', o.author, 'reason', o.reason,
           'until', extract(epoch from o.until)::bigint)) as document
from usher.hostname_override o
where o.ended_at is null and o.until > clock_timestamp();

create view usher.live_entitlements as
select e.tenant, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('capability', e.capability, 'author', e.author,
           'reason', e.reason, 'until', extract(epoch from e.until)::bigint)) order by e.capability) as document
from usher.entitlement e
where e.ended_at is null and coalesce(e.until > clock_timestamp(), true)
group by e.tenant;

-- What was decided for these hostnames has changed: a new generation, and a job that acts on it. In the order of their
-- ids, so that two who decide at once do not wait for each other in a ring.
create function usher.renew_hostnames(hostname_ids bigint[]) returns integer
language plpgsql set search_path = usher, pg_temp as $$
declare
    host record;
    renewed integer := 0;
begin
    for host in
        select h.hostname_id, t.lane_id from hostname h join tenant t using (tenant)
        where h.hostname_id = any (hostname_ids) and h.released_at is null
        order by h.hostname_id for no key update of h
    loop
        update hostname h
        set generation = h.generation + 1,
            standing = case when h.standing in ('refused', 'failed') then 'queued' else h.standing end,
            standing_actor = case when h.standing not in ('refused', 'failed') then h.standing_actor end,
            standing_message = case when h.standing not in ('refused', 'failed') then h.standing_message end
        where h.hostname_id = host.hostname_id;
        perform place_job('onboard', host.lane_id, host.hostname_id, null, 0::smallint, null, null);
        renewed := renewed + 1;
    end loop;
    return renewed;
end $$;

-- The claimed hostname of this name, locked.
create function usher.claimed_hostname(input text) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    canonical record := canonical_hostname(input);
    answer bigint;
begin
    select h.hostname_id into answer from hostname h
    where h.name = canonical.name and h.released_at is null for no key update;
    if not found then
        raise exception 'no such hostname' using errcode = 'UE041', hint = 'see usher hostname list',
            detail = jsonb_build_object('code', 'UE041', 'hostname', input)::text;
    end if;
    return answer;
end $$;

-- The end of what is decided: after now, and before the longest time ahead if there is one.
create function usher.check_until(until timestamptz, longest interval) returns timestamptz
language plpgsql set search_path = usher, pg_temp as $$
declare
    answer timestamptz := date_trunc('second', until);
begin
    if answer <= clock_timestamp() then
        raise exception 'until % is past', until using errcode = '22023', hint = 'name a moment to come',
            detail = jsonb_build_object('field', 'until', 'actual', until)::text;
    elsif answer > clock_timestamp() + longest then
        raise exception 'until % is too far ahead', until using errcode = '22023',
            hint = format('at most %s days from now; decide again then', extract(day from longest)),
            detail = jsonb_build_object('field', 'until', 'actual', until)::text;
    end if;
    return answer;
end $$;

-- An operator decides settings of one hostname, until then; takes the place of the decision before. What is null is not
-- decided.
create function usher.set_override(hostname text, min_tls text, ciphers text[], tls_1_3 text, until timestamptz,
    author text, reason text, out override_id bigint, out job_id bigint)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    host bigint;
    ending timestamptz := check_until(set_override.until, interval '366 days');
begin
    if ending is null or num_nonnulls(set_override.min_tls, set_override.ciphers, set_override.tls_1_3) = 0 then
        raise exception 'an override names a setting and its end' using errcode = '22023',
            hint = 'pass one of min_tls, ciphers, tls_1_3, and until';
    end if;
    host := claimed_hostname(set_override.hostname);
    update hostname_override o
    set ended_at = clock_timestamp(), ending = 'replaced', ended_by = set_override.author,
        ended_reason = set_override.reason
    where o.hostname_id = host and o.ended_at is null;
    insert into hostname_override (hostname_id, min_tls, ciphers, tls_1_3, until, author, reason)
    values (host, set_override.min_tls, set_override.ciphers, set_override.tls_1_3, ending, set_override.author,
            set_override.reason)
    returning hostname_override.override_id into override_id;
    perform renew_hostnames(array[host]);
    select l.job_id into job_id from live l where l.subject_id = host;
end $$;

create function usher.withdraw_override(hostname text, author text, reason text,
    out override_id bigint, out job_id bigint)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    host bigint := claimed_hostname(withdraw_override.hostname);
begin
    update hostname_override o
    set ended_at = clock_timestamp(), ending = 'withdrawn', ended_by = withdraw_override.author,
        ended_reason = withdraw_override.reason
    where o.hostname_id = host and o.ended_at is null and o.until > clock_timestamp()
    returning o.override_id into override_id;
    if not found then
        raise exception 'the hostname has no override' using errcode = 'UE042', hint = 'see usher hostname get',
            detail = jsonb_build_object('code', 'UE042', 'hostname', withdraw_override.hostname)::text;
    end if;
    perform renew_hostnames(array[host]);
    select l.job_id into job_id from live l where l.subject_id = host;
end $$;

-- The tenant, locked as a billing event locks it.
create function usher.known_tenant(input text) returns text
language plpgsql set search_path = usher, pg_temp as $$
declare
    answer text;
begin
    select t.tenant into answer from tenant t where t.tenant = input for no key update;
    if not found then
        raise exception 'unknown tenant' using errcode = 'UE024', hint = 'see usher tenant list',
            detail = jsonb_build_object('code', 'UE024', 'tenant', input)::text;
    end if;
    return answer;
end $$;

create function usher.renew_tenant(p_tenant text) returns integer
language sql set search_path = usher, pg_temp as $$
    select renew_hostnames(array(select h.hostname_id from hostname h
                                 where h.tenant = p_tenant and h.released_at is null))
$$;

-- A person grants a tenant a capability beyond its tier; takes the place of the same grant before.
create function usher.grant_capability(tenant text, capability text, until timestamptz, author text, reason text,
    out entitlement_id bigint, out jobs integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    mine text := known_tenant(grant_capability.tenant);
    ending timestamptz := check_until(grant_capability.until, null);
begin
    update entitlement e
    set ended_at = clock_timestamp(), ending = 'replaced', ended_by = grant_capability.author,
        ended_reason = grant_capability.reason
    where e.tenant = mine and e.capability = grant_capability.capability and e.ended_at is null;
    insert into entitlement (tenant, capability, until, author, reason)
    values (mine, grant_capability.capability, ending, grant_capability.author, grant_capability.reason)
    returning entitlement.entitlement_id into entitlement_id;
    jobs := renew_tenant(mine);
end $$;

create function usher.revoke_capability(tenant text, capability text, author text, reason text,
    out entitlement_id bigint, out jobs integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    mine text := known_tenant(revoke_capability.tenant);
begin
    update entitlement e
    set ended_at = clock_timestamp(), ending = 'revoked', ended_by = revoke_capability.author,
        ended_reason = revoke_capability.reason
    where e.tenant = mine and e.capability = revoke_capability.capability and e.ended_at is null
      and coalesce(e.until > clock_timestamp(), true)
    returning e.entitlement_id into entitlement_id;
    if not found then
        raise exception 'the tenant was not granted %', revoke_capability.capability using errcode = 'UE042',
            hint = 'see usher tenant get', detail = jsonb_build_object('code', 'UE042', 'tenant', mine,
                'capability', revoke_capability.capability)::text;
    end if;
    jobs := renew_tenant(mine);
end $$;

-- Notices what has come to its end, by the database's clock, and has the hostnames' jobs act on it; called by the
-- workers again and again. What somebody holds at this moment is noticed the next time. Answers how many ended.
create function usher.end_exceptions(max_count integer) returns integer
language plpgsql set search_path = usher, pg_temp set lock_timeout = '500ms' as $$
declare
    due record;
    noticed integer := 0;
begin
    for due in
        select o.override_id, h.hostname_id from hostname_override o join hostname h using (hostname_id)
        where o.ended_at is null and o.until <= clock_timestamp()
        order by h.hostname_id limit max_count
        -- First the hostname, as those who decide do.
        for no key update of h skip locked
    loop
        update hostname_override o
        set ended_at = clock_timestamp(), ending = 'expired', ended_by = 'usher', ended_reason = 'its time was over'
        where o.override_id = due.override_id and o.ended_at is null;
        continue when not found;
        perform renew_hostnames(array[due.hostname_id]);
        noticed := noticed + 1;
    end loop;
    for due in
        select e.entitlement_id, e.tenant from entitlement e
        where e.ended_at is null and e.until <= clock_timestamp()
        order by e.tenant limit max_count
        for update of e skip locked
    loop
        begin
            update entitlement e
            set ended_at = clock_timestamp(), ending = 'expired', ended_by = 'usher', ended_reason = 'its time was over'
            where e.entitlement_id = due.entitlement_id;
            perform renew_tenant(due.tenant);
            noticed := noticed + 1;
        exception when lock_not_available then
            -- One of the tenant's hostnames is held: the next time, and no other end waits for it.
            null;
        end;
    end loop;
    return noticed;
end $$;

-- As usher.apply_plan, with rows that weaken among them: each of these carries its reviewed changes as `approve`. Who
-- has it carried out approves them, and says why.
create function usher.apply_plan_approving(rows jsonb, zone jsonb, checksum text, head jsonb, author text, reason text,
    out batch_id bigint, out queued integer, out created integer, out approved integer, out moved jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    applied record;
begin
    if coalesce(length(apply_plan_approving.reason), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept';
    end if;
    applied := apply_plan(apply_plan_approving.rows, apply_plan_approving.zone, apply_plan_approving.checksum,
                          apply_plan_approving.head, apply_plan_approving.author);
    batch_id := applied.batch_id;
    queued := applied.queued;
    created := applied.created;
    moved := applied.moved;
    insert into approval (hostname_id, generation, policy, zone, changes, plan_id, author, reason)
    select r.hostname_id, r.generation, r.policy, apply_plan_approving.zone, r.approve, p.plan_id,
           apply_plan_approving.author, apply_plan_approving.reason
    from jsonb_to_recordset(apply_plan_approving.rows)
             as r (hostname_id bigint, generation bigint, policy text, approve jsonb)
    join plan p on p.batch_id = apply_plan_approving.batch_id
    where r.approve is not null
      and not exists (select from jsonb_to_recordset(applied.moved) as m (hostname_id bigint)
                      where m.hostname_id = r.hostname_id);
    get diagnostics approved = row_count;
end $$;

-- Takes an approval for a job that is about to write; false if another job had it. The same job may ask again.
create function usher.use_approval(p_approval_id bigint, p_job_id bigint) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
begin
    update approval set used_by = p_job_id, used_at = clock_timestamp()
    where approval_id = p_approval_id and used_by is null;
    return found or exists (select from approval where approval_id = p_approval_id and used_by = p_job_id);
end $$;

-- migrate:down
drop function usher.use_approval, usher.apply_plan_approving, usher.end_exceptions, usher.revoke_capability,
    usher.grant_capability, usher.renew_tenant, usher.known_tenant, usher.withdraw_override, usher.set_override,
    usher.check_until, usher.claimed_hostname, usher.renew_hostnames;
drop view usher.live_entitlements, usher.live_override;
drop table usher.approval, usher.entitlement, usher.hostname_override;
drop function usher.refuse_rewrite;
