-- Who may do what: five roles, their rights as rows of one table, and tenants kept apart by the database itself.
--
--   usher_owner     owns the schema and all in it; functions that others call run as it. Nobody logs in as it.
--   usher_enqueuer  hands in work and asks how it stands, for the tenants it was granted
--   usher_worker    does the work; the only one that reads a sealed key
--   usher_operator  sees all but the keys; cancels, pauses, replays, decides
--   usher_auditor   reads history, policies and evidence, and changes nothing
--
-- People grant these to their logins: grant usher_worker to my_login. Roles belong to the whole cluster and may be in use
-- by another database of it: they are made if they are missing and never dropped here.

-- migrate:up
do $$
declare
    wanted name;
    missing name[] := '{}';
    orders text;
begin
    foreach wanted in array array['usher_owner', 'usher_enqueuer', 'usher_worker', 'usher_operator', 'usher_auditor'] loop
        continue when exists (select from pg_roles where rolname = wanted);
        begin
            execute format('create role %I nologin', wanted);
        exception
            -- The migration of another database was faster.
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then missing := missing || wanted;
        end;
    end loop;
    -- Who migrates goes on owning what there is, by way of this role, and may migrate again.
    if missing = '{}' and not pg_has_role('usher_owner', 'usage') then
        begin
            execute format('grant usher_owner to %I', current_user);
        exception
            when unique_violation then null;
            when insufficient_privilege then missing := array['usher_owner'];
        end;
    end if;
    if missing = '{}' then return; end if;
    select string_agg(format('create role %I nologin;', w), ' ') into orders
    from unnest(missing) as m (w) where not exists (select from pg_roles where rolname = w);
    raise exception '% may not make the roles of Usher', current_user using errcode = '42501',
        detail = jsonb_build_object('missing', missing, 'login', current_user)::text,
        hint = format('have a superuser run, then migrate again: %s grant usher_owner to %I;',
                      coalesce(orders, ''), current_user);
end $$;

-- Which tenants a login may hand in work for and ask about; '*' is all of them, also those to come, and the right to say
-- which tier a tenant is on. A table and not a setting: a setting could be changed by the very session it confines.
create table usher.tenant_grant (
    role       name        not null,
    tenant     text        not null check (tenant = '*' or tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    granted_by name        not null default session_user,
    granted_at timestamptz not null default clock_timestamp(),
    primary key (tenant, role)
);

-- Who acts: the login, or the role it has taken on with SET ROLE. Inside a function that runs as its owner `current_user`
-- no longer tells; this does, whatever functions lie between. A session takes on only roles it is a member of.
create function usher.caller() returns name
language sql stable
return coalesce(nullif(current_setting('role'), 'none')::name, session_user);

create function usher.sees_tenant(p_tenant text) returns boolean
language plpgsql stable parallel restricted security definer set search_path = usher, pg_temp as $$
declare
    who constant name := caller();
begin
    return exists (select from tenant_grant g
                   where g.tenant = p_tenant and pg_has_role(who, to_regrole(quote_ident(g.role)), 'usage'));
end $$;

-- True for all but an enqueuer that was granted single tenants. A policy asks it once a statement, not once a row, and the
-- planner takes it apart: who sees all by a role costs next to nothing.
create function usher.sees_all_tenants() returns boolean
language sql stable
return pg_has_role(usher.caller(), 'usher_owner', 'usage') or pg_has_role(usher.caller(), 'usher_worker', 'usage')
    or pg_has_role(usher.caller(), 'usher_operator', 'usage') or pg_has_role(usher.caller(), 'usher_auditor', 'usage')
    or usher.sees_tenant('*');

create function usher.sees_lane(p_lane_id integer) returns boolean
language plpgsql stable parallel restricted security definer set search_path = usher, pg_temp as $$
begin
    return exists (select from lane l where l.lane_id = p_lane_id and sees_tenant(l.name));
end $$;

-- A subject is what one live job is about; of an enqueuer with single tenants it is one of their hostnames.
create function usher.sees_subject(p_subject_id bigint) returns boolean
language plpgsql stable parallel restricted security definer set search_path = usher, pg_temp as $$
begin
    return exists (select from hostname h where h.hostname_id = p_subject_id and sees_tenant(h.tenant));
end $$;

-- What a row for somebody else's tenant meets. It reads as an unknown tenant does: whether it is there is not told.
create function usher.refuse_tenant(p_tenant text) returns boolean
language plpgsql stable set search_path = usher, pg_temp as $$
begin
    raise exception 'unknown tenant' using errcode = 'UE024', hint = 'call usher.set_tier for it first',
        detail = jsonb_build_object('code', 'UE024', 'tenant', p_tenant)::text;
end $$;

create function usher.refuse_lane(p_lane_id integer) returns boolean
language plpgsql stable set search_path = usher, pg_temp as $$
begin
    return refuse_tenant((select l.name from lane l where l.lane_id = p_lane_id));
end $$;

create function usher.refuse_subject(p_subject_id bigint) returns boolean
language plpgsql stable set search_path = usher, pg_temp as $$
begin
    raise exception 'the subject is no hostname of this login''s tenants' using errcode = 'UE082',
        hint = 'pass none, or the hostname_id of one of them',
        detail = jsonb_build_object('code', 'UE082', 'subject_id', p_subject_id)::text;
end $$;

create function usher.refuse_tier(p_tenant text) returns boolean
language plpgsql stable set search_path = usher, pg_temp as $$
begin
    raise exception 'this login may not say which tier a tenant is on' using errcode = 'UE080',
        detail = jsonb_build_object('code', 'UE080', 'tenant', p_tenant, 'login', caller())::text,
        hint = 'tiers are the operators'' and the platform''s: usher.grant_tenant(role, ''*'', reason) makes a login that';
end $$;

create function usher.grant_tenant(role text, tenant text, reason text) returns void
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
begin
    if not exists (select from pg_roles r where r.rolname = $1) then
        raise exception 'no such role' using errcode = 'UE081', hint = 'create the role first, then grant it usher_enqueuer',
            detail = jsonb_build_object('code', 'UE081', 'role', $1)::text;
    end if;
    perform record_audit('grant_tenant', $3, jsonb_build_object('role', $1, 'tenant', $2));
    insert into tenant_grant (role, tenant) values ($1, $2) on conflict do nothing;
end $$;

create function usher.revoke_tenant(role text, tenant text, reason text) returns boolean
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
begin
    perform record_audit('revoke_tenant', $3, jsonb_build_object('role', $1, 'tenant', $2));
    delete from tenant_grant g where g.role = $1 and g.tenant = $2;
    return found;
end $$;

-- The rights of each role. `object` is a function's name (all of its forms) where the privilege is `execute`, else a table,
-- view or sequence; '*' is every one of them but the certificates. What a later migration adds is nobody's, but the operator's
-- to read ('*'), until it has rows here and has called usher.apply_permissions(); what holds keys must be excepted there.
create table usher.permission (
    role      name not null check (role in ('usher_enqueuer', 'usher_worker', 'usher_operator', 'usher_auditor')),
    object    text not null check (object = '*' or object ~ '^[a-z][a-z0-9_]*$'),
    privilege text not null check (privilege ~ '^(execute|(select|insert|update|delete)( \([a-z0-9_]+(, [a-z0-9_]+)*\))?)$'),
    primary key (role, object, privilege)
);

insert into usher.permission (role, object, privilege)
select r.role, f.name, 'execute'
from (values
    -- For the policies of the tables.
    ('{usher_enqueuer,usher_worker,usher_operator,usher_auditor}',
     '{caller,sees_all_tenants,sees_tenant,sees_lane,sees_subject}'),
    ('{usher_enqueuer,usher_worker,usher_operator,usher_auditor}',
     '{job_status,hostname_status,batch_progress,canonical_hostname}'),
    -- Work in.
    ('{usher_enqueuer}', '{enqueue_onboarding,enqueue_batch,enqueue_job,enqueue_jobs,put_certificate,set_tier}'),
    ('{usher_operator}', '{put_certificate,set_tier}'),
    -- The worker's round.
    ('{usher_worker}',
     '{register_worker,heartbeat,claim,claim_jobs,settle,settle_jobs,rescue,release_unknown,stop_worker,wake_subjects,
       ensure_partitions,holds,use_approval,end_exceptions,place_drifted,replay_step,fire_schedule,perform_scheduled,
       fold_statistics,refresh_queue_depth,refresh_standings,fall_asleep,wake_up,tend_intake}'),
    -- The provider's pace: the workers', and of those who look at something with a call of their own.
    ('{usher_worker}', '{declare_budget,declare_breaker}'),
    ('{usher_worker,usher_operator}',
     '{take_budget,block_budget,report_sign,report_answers,record_provider_error,hear_provider_event}'),
    ('{usher_worker,usher_operator}', '{observed_state,observed_promise}'),
    -- Orders.
    ('{usher_operator}',
     '{cancel,pause,resume,replay,replay_preview,set_breaker,set_override,withdraw_override,grant_capability,
       revoke_capability,apply_plan,apply_plan_approving,claim_unclaimed,record_audit,ensure_partitions}'),
    ('{usher_operator}',
     '{replay_start,replay_halt,replay_resume,replay_cancel,cancel_prepare,cancel_step,apply_schedule,pause_schedule,
       resume_schedule,run_schedule,perform_scheduled,set_retention,set_admission_limit,apply_retention,misplaced_among,
       has_stray_rows,fold_statistics,refresh_queue_depth,refresh_standings}'),
    ('{usher_operator,usher_auditor}', '{provider_status,list_jobs,replay_status}')
) as t (roles, names)
cross join unnest(t.roles::name[]) as r (role)
cross join unnest(t.names::text[]) as f (name)
on conflict do nothing;

insert into usher.permission (role, object, privilege)
select t.role, o.name, t.privilege
from (values
    ('usher_enqueuer', 'select', '{tenant,hostname,tier,error_code}'),
    ('usher_worker', 'select',
     '{hostname,tenant,tier,policy,certificate,live_override,live_entitlements,approval,evidence,zone,unclaimed,drift,live,
       ready,job,job_id,schedule,schedule_run,error_code}'),
    ('usher_worker', 'insert', '{evidence,drift,unclaimed}'),
    ('usher_worker', 'delete', '{unclaimed}'),
    ('usher_worker', 'update (name, observed, seen_at)', '{unclaimed}'),
    ('usher_worker', 'insert (zone_id, turn_until)', '{zone}'),
    ('usher_worker', 'update (settings, read_at, reading_until, turn_until, swept_at, next_at, sweeps, pages)', '{zone}'),
    -- What was seen, done and proved of a hostname; whose it is and what was wished are not the worker's to change.
    ('usher_worker',
     'update (observed_generation, intent, provider_id, observed, observed_at, applied_at, applied_job, '
     'applied_generation, applied_policy, applied_certificate, validation, validation_seen_at, standing, '
     'standing_actor, standing_message)', '{hostname}'),
    ('usher_operator', 'select', '{*}'),
    ('usher_operator', 'insert', '{policy,tier,evidence}'),
    ('usher_operator', 'update (revision, weight, max_running, hostname_quota, pending_quota, changed_at)', '{tier}'),
    ('usher_operator', 'update (weight, max_running)', '{lane}'),
    ('usher_operator', 'insert', '{lane_wake,running_limit}'),
    ('usher_operator', 'update', '{running_limit}'),
    ('usher_operator', 'delete', '{running_limit}'),
    ('usher_operator', 'insert (zone_id, quota, quota_at)', '{zone}'),
    ('usher_operator', 'update (quota, quota_at)', '{zone}'),
    ('usher_auditor', 'select',
     '{tenant,tier,policy,tier_event,hostname,evidence,hostname_override,entitlement,approval,plan,audit,drift,
       provider_event,batch,batch_event,job,ended,attempt,job_place,live_override,live_entitlements,tenant_grant,permission,
       pause_order,replay_order,replay_item,cancel_order,cancel_item,schedule,schedule_run,retention_policy,
       retention_log,error_code}')
) as t (role, privilege, names)
cross join unnest(t.names::text[]) as o (name);

-- A certificate without its key.
insert into usher.permission (role, object, privilege)
select r.role, 'certificate', 'select (certificate_id, tenant, hostname, chain_pem, key_id, facts, fingerprint, not_before, '
                              'not_after, created_at, retired_at)'
from (values ('usher_operator'), ('usher_auditor')) as r (role);

-- Brings owners, rights and row-level security of everything in the schema to what is written above; safe to repeat. Each
-- later migration that adds a table or a function, or replaces one, ends with it.
create function usher.apply_permissions() returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    here constant oid := 'usher'::regnamespace;
    orders text[];
    next_order text;
begin
    if (select nspowner from pg_namespace where oid = here) <> 'usher_owner'::regrole then
        alter schema usher owner to usher_owner;
    end if;
    select array_agg(o.sql order by o.step) into orders from (
        select 1 as step, format('alter %s usher.%I owner to usher_owner', case c.relkind
                   when 'v' then 'view' when 'S' then 'sequence' when 'c' then 'type' else 'table' end, c.relname) as sql
        from pg_class c
        where c.relnamespace = here and c.relkind in ('r', 'p', 'v', 'S', 'c') and c.relowner <> 'usher_owner'::regrole
          -- The sequence of an identity column goes with its table.
          and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass
                                                    and d.deptype in ('i', 'a') and d.refobjsubid > 0)
        union all
        select 1, format('alter routine %s owner to usher_owner', p.oid::regprocedure)
        from pg_proc p where p.pronamespace = here and p.proowner <> 'usher_owner'::regrole
        union all
        -- What a role calls runs as the owner and needs no right on what lies below it; so does what a change sets off. A
        -- mere expression, whose names were bound when it was made, goes by who asks.
        select 2, format('alter routine %s security %s', p.oid::regprocedure,
                         case when p.prosecdef then 'invoker' else 'definer' end)
        from pg_proc p
        where p.pronamespace = here
          and p.prosecdef <> (p.provolatile <> 'i' and p.prosqlbody is null
              and (p.prorettype = 'trigger'::regtype
                   or exists (select from permission m where m.privilege = 'execute' and m.object = p.proname)))
        union all
        select 3, format('revoke all on all %s in schema usher from public, usher_enqueuer, usher_worker, usher_operator, '
                         'usher_auditor', k.kind)
        from (values ('tables'), ('sequences'), ('routines')) as k (kind)
        union all
        select 4, 'grant usage on schema usher to usher_enqueuer, usher_worker, usher_operator, usher_auditor'
        union all
        select 4, format('grant execute on routine %s to %I', p.oid::regprocedure, m.role)
        from permission m join pg_proc p on p.pronamespace = here and p.proname = m.object
        where m.privilege = 'execute'
        union all
        select 4, format('grant %s on %s usher.%I to %I', m.privilege,
                         case c.relkind when 'S' then 'sequence' else 'table' end, c.relname, m.role)
        from permission m
        join pg_class c on c.relnamespace = here and c.relkind in ('r', 'p', 'v', 'S')
             and (c.relname = m.object or (m.object = '*' and c.relname <> 'certificate'))
        where m.privilege <> 'execute') o;
    foreach next_order in array orders loop
        execute next_order;
    end loop;
    perform apply_row_security();
end $$;

-- Row-level security, forced also upon the owner that the functions run as, on every table that says whose its rows are.
-- What a function looks up for an enqueuer is confined with it, whoever wrote the function.
create function usher.apply_row_security() returns void
language plpgsql set search_path = usher, pg_temp as $$
declare
    guarded record;
begin
    for guarded in
        select c.oid, c.relname as name,
               case c.relname when 'job' then 'usher.sees_lane(lane_id)'
                              when 'live' then 'usher.sees_subject(subject_id)'
                              when 'batch' then 'made_by = usher.caller()'
                              when 'idempotency' then 'usher.sees_tenant(tenant) or tenant = ''@'' || session_user'
                              else 'usher.sees_tenant(tenant)' end as own,
               -- A name is claimed once, whichever tenant asks: to find that out the functions see them all, and answer
               -- for the tenant they were asked for.
               case when c.relname in ('hostname', 'live') then 'true' end as owners,
               -- What a row of somebody else's is answered with. No job is queued past this, whichever function is asked.
               case c.relname when 'job' then 'usher.sees_lane(lane_id) or usher.refuse_lane(lane_id)'
                              when 'live' then 'usher.sees_subject(subject_id) or usher.refuse_subject(subject_id)'
                              when 'batch' then 'made_by = usher.caller()'
                              when 'tier_event' then 'usher.refuse_tier(tenant)'
                              when 'idempotency' then 'tenant = ''@'' || session_user or usher.sees_tenant(tenant) '
                                                      'or usher.refuse_tenant(tenant)'
                              else 'usher.sees_tenant(tenant) or usher.refuse_tenant(tenant)' end as written
        from pg_class c
        where c.relnamespace = 'usher'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and (c.relname in ('job', 'batch', 'live')
               or exists (select from pg_attribute a
                          where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped))
          -- Asked by the policies themselves.
          and c.relname <> 'tenant_grant'
    loop
        execute format('alter table usher.%I enable row level security', guarded.name);
        execute format('alter table usher.%I force row level security', guarded.name);
        execute format('drop policy if exists everyone on usher.%1$I; drop policy if exists granted on usher.%1$I; '
                       'drop policy if exists owner on usher.%1$I', guarded.name);
        execute format('create policy everyone on usher.%I to usher_worker, usher_operator, usher_auditor '
                       'using (true) with check (true)', guarded.name);
        execute format('create policy granted on usher.%I for select to usher_enqueuer '
                       'using ((select usher.sees_all_tenants()) or %s)', guarded.name, guarded.own);
        execute format('create policy owner on usher.%I to usher_owner using (%s) with check (%s)', guarded.name,
                       coalesce(guarded.owners, '(select usher.sees_all_tenants()) or ' || guarded.own),
                       '(select usher.sees_all_tenants()) or ' || guarded.written);
    end loop;
end $$;

-- Every code of Usher's own, for those who write clients: one place, held true by a test. DETAIL is a JSON document with
-- the code and what it is about, HINT says what to do. Beside these a call may meet 22023 (an argument out of its range,
-- named in DETAIL) and 53400 (a quota, with its numbers), and what PostgreSQL itself says of a value: 22P02,
-- 23502, 23503, 23514.
create table usher.error_code (
    code    text primary key check (code ~ '^UE[0-9]{3}$'),
    meaning text not null check (length(meaning) > 0),
    remedy  text not null check (length(remedy) > 0)
);
insert into usher.error_code (code, meaning, remedy) values
    ('UE001', 'the hostname is claimed by another tenant', 'the other claim must be released first'),
    ('UE002', 'the hostname breaks a rule of names, which DETAIL tells', 'correct the name'),
    ('UE003', 'the hostname is reserved or a public suffix', 'take a name that can be served'),
    ('UE010', 'the private key is not sealed', 'seal it to the workers'' public key: usher cert put does'),
    ('UE021', 'unknown tier', 'see usher tier list'),
    ('UE024', 'unknown tenant, or not one of this login''s', 'usher.set_tier makes it known, usher.grant_tenant grants it'),
    ('UE030', 'the idempotency key was used for another request', 'use a new key for a new request'),
    ('UE034', 'rows of a batch are refused and nothing was queued; DETAIL is a list of them',
              'correct the rows, or pass mode => ''partial'''),
    ('UE035', 'the queue takes no more work for now; DETAIL has the numbers and retry_after_s', 'come back then'),
    ('UE040', 'no such job', 'see usher job list'),
    ('UE041', 'no such hostname', 'see usher hostname list'),
    ('UE042', 'no such decision is in force', 'see usher hostname get and usher tenant get'),
    ('UE050', 'the filter is not understood; DETAIL tells where', 'see usher job list --help'),
    ('UE051', 'no such replay', 'see usher replay list'),
    ('UE052', 'the replay is in another state than the order needs', 'see its status'),
    ('UE053', 'another number of jobs is selected than was expected', 'preview it again'),
    ('UE054', 'no such cancellation', 'prepare it again'),
    ('UE060', 'no such recurring work', 'see usher schedule list'),
    ('UE080', 'this login may not say which tier a tenant is on', 'have it granted all tenants, or ask an operator'),
    ('UE081', 'no such role', 'create the role first'),
    ('UE082', 'the subject is no hostname of this login''s tenants', 'pass none, or the hostname_id of one of them');

-- Refusals that landed with no DETAIL get theirs; the text of each function is otherwise as it was.
do $$
declare
    short record;
    body text;
begin
    for short in
        select t.name, format('hint = %L;', t.hint) as before,
               format('hint = %L, detail = %L;', t.hint, jsonb_build_object('field', t.field)) as after
        from (values ('record_audit', 'say why; it is kept', 'reason'), ('set_breaker', 'say why; it is kept', 'reason'),
                     ('cancel', 'say why; it is kept', 'reason'), ('cancel_job', 'say why; it is kept', 'reason'),
                     ('cancel_prepare', 'say why; it is kept', 'reason'),
                     ('apply_plan_approving', 'say why; it is kept', 'reason'), ('set_breaker', 'open or close', 'action'),
                     ('replay', 'say why; it is kept with the batch', 'reason'),
                     ('replay_start', 'say why; it is kept with the batch', 'reason'),
                     ('set_override', 'pass one of min_tls, ciphers, tls_1_3, and until', 'until'),
                     ('enqueue_batch', 'all_or_nothing or partial', 'mode'),
                     ('enqueue_jobs', 'name each subject once in a call', 'subjects'),
                     ('pause', 'scope is all (without a name), tier, tenant or kind (with its name)', 'scope'),
                     ('pause', 'name a moment to come', 'until_at'),
                     ('replay_candidates', 'state, error_class, code, tenant, tier, since, until', 'filter')
             ) as t (name, hint, field)
        union all values
            ('fire_schedule', 'are not its own'', p_name using errcode = ''22023'';',
             'are not its own'', p_name using errcode = ''22023'', hint = ''pass what the entry says'', '
             'detail = ''{"field": "runs"}'';'),
            ('set_retention', '(select ''one of '' || string_agg(subject, '', '' order by subject) from retention_policy);',
             '(select ''one of '' || string_agg(subject, '', '' order by subject) from retention_policy), '
             'detail = ''{"field": "p_subject"}'';')
    loop
        for body in
            select pg_get_functiondef(p.oid) from pg_proc p
            where p.pronamespace = 'usher'::regnamespace and p.proname = short.name
              and position(short.before in p.prosrc) > 0
        loop
            execute replace(body, short.before, short.after);
        end loop;
    end loop;
end $$;

-- A path of its own for the one that had none; names that are bound when it is made for the one that must be inlined.
alter function usher.refuse_change() set search_path = usher, pg_temp;
create or replace function usher.observed_state(observed jsonb, provider_id text, intent text) returns text
language sql immutable
return encode(sha256(convert_to(jsonb_build_array(observed, provider_id, intent)::text, 'UTF8')), 'hex');

-- What each function means to who calls it. Functions that are not there (yet) are passed over.
do $$
declare
    said record;
begin
    for said in
        select p.oid::regprocedure as signature, t.comment
        from (values
    ('enqueue_onboarding',
     'Queues one hostname of a tenant in the caller''s transaction. opts: wildcard, min_tls, ciphers, custom_certificate; '
     'priority 0 to 9; not_before: no attempt earlier. Answers job_id, hostname_id and whether the job is new: the same '
     'hostname again is the same job. The same idempotency_key gives the first answer. '
     'Errors: UE001 UE002 UE003 UE024 UE030 22023 53400.'),
    ('enqueue_batch',
     'Queues many hostnames as one batch: rows = [{tenant, hostname, opts?, priority?}, …]. mode all_or_nothing (one '
     'refused row refuses all: UE034, DETAIL lists them) or partial (refused rows come back in rejected). Answers '
     'batch_id, accepted, created (jobs that are new), rejected. Errors: UE034 22023.'),
    ('enqueue_job',
     'Queues one job of any kind in the caller''s transaction. Answers its number. Errors: UE024 UE030 UE035 53400.'),
    ('enqueue_jobs',
     'Queues many jobs of one kind in the caller''s transaction, all or none; with subjects at most one job of each lives, '
     'with batch_name they are a batch. Answers job_ids, created, batch_id. Errors: UE024 UE030 UE035 UE082 22023 53400.'),
    ('fall_asleep', 'A worker found nothing to do: who queues work calls it.'),
    ('wake_up', 'A worker is awake: nobody need call.'),
    ('tend_intake', 'Measures what the limits of intake need, and counts and closes batches. Answers how many were closed.'),
    ('set_admission_limit',
     'How much work the queue takes, of a tier or (under '''') of all; both numbers null takes the limit back; recorded.'),
    ('set_tier',
     'Says which tier a tenant is on, and makes it known. Events may come in any order, any number of times: one below the '
     'newest source_version heard changes nothing. Answers applied, the tier before, and how many jobs were queued. '
     'Errors: UE021 UE080.'),
    ('put_certificate',
     'Stores a tenant''s certificate with its key sealed to the workers'' public key, in the place of the one before, whose '
     'key is shredded. Answers its number; the same again changes nothing. Errors: UE010 UE024.'),
    ('job_status', 'Where a job is, what it waits for and its attempts, as one document. Errors: UE040.'),
    ('hostname_status', 'Where a hostname stands, who must act and which DNS records its tenant must set. Errors: UE041.'),
    ('batch_progress', 'How many jobs of a batch are where; null if there is no such batch.'),
    ('canonical_hostname', 'The name as it is stored, or in code and rule which rule it breaks.'),
    ('cancel',
     'Ends a job that has not started, or asks its running attempt to stop; the reason is kept. Answers the job''s state, '
     'null if there is no such job. Errors: 22023.'),
    ('pause', 'Stops a scope (all, tier, tenant, kind) from being claimed until a time; recorded. Errors: 22023.'),
    ('resume', 'Ends a pause; recorded. Errors: 22023.'),
    ('replay_preview',
     'How many ended jobs a filter selects, and how many of them a newer job has superseded. Errors: 22023.'),
    ('replay',
     'Queues the ended jobs that a filter selects again, as a batch of its own; the reason is kept. Errors: 22023.'),
    ('list_jobs', 'Jobs that a filter selects, newest first; before: go on below that job. Errors: 22023.'),
    ('replay_start',
     'Freezes what a filter selects and begins to queue it again: canary, pace, and halt on too many failures. '
     'Errors: 22023.'),
    ('replay_step', 'Takes one replay a step further. Answers which, its state and how many jobs were queued.'),
    ('replay_status', 'Where a replay stands, as one document.'),
    ('replay_halt', 'Stops a replay where it is; recorded. Errors: 22023.'),
    ('replay_resume', 'Lets a halted replay go on; recorded. Errors: 22023.'),
    ('replay_cancel', 'Ends a replay: what it has not queued it never will; recorded. Errors: 22023.'),
    ('cancel_prepare', 'Freezes what a filter selects, to be cancelled in steps; recorded. Errors: 22023.'),
    ('cancel_step', 'Cancels the next jobs of what was prepared. Answers what became of them.'),
    ('apply_schedule', 'Makes the recurring work what a file says. Answers what changed. Errors: 22023.'),
    ('pause_schedule', 'A recurring work is passed over until it is resumed; recorded.'),
    ('resume_schedule', 'A recurring work goes on from its next time; recorded.'),
    ('run_schedule', 'Runs a recurring work once, now; recorded. Answers the run.'),
    ('fire_schedule', 'Notes that a recurring work came due; of many that ask, one is heard.'),
    ('perform_scheduled', 'Does the work of one run that is due; null if there is none.'),
    ('set_retention', 'How long something is kept; recorded.'),
    ('apply_retention', 'Removes what is older than its rule, a bounded piece a call; a dry run says what it would do.'),
    ('fold_statistics', 'Folds counts into minutes and totals. Answers how many.'),
    ('refresh_queue_depth', 'Looks at how deep the queue is, if it is time. Answers whether it looked.'),
    ('refresh_standings', 'Counts hostnames by where they stand, if it is time. Answers whether it counted.'),
    ('misplaced_among', 'How many of the newest jobs are not in exactly one place.'),
    ('has_stray_rows', 'Whether rows lie outside every range of their table.'),
    ('claim_jobs', 'Gives a worker its next jobs, fair by lane and within all limits.'),
    ('settle_jobs', 'Records how attempts ended and moves their jobs on. Answers the attempts accepted; others were stale.'),
    ('set_breaker', 'Opens (until it is closed) or closes the provider''s breaker by hand; recorded. Errors: 22023.'),
    ('provider_status', 'Breaker, budgets, last errors and events of the provider, as one document.'),
    ('set_override',
     'Decides settings of one hostname until a time, in the place of the decision before; what is null is not decided. '
     'Answers override_id and the job that acts on it. Errors: UE041 22023.'),
    ('withdraw_override', 'Ends the decision on a hostname. Answers it and the job that acts on it. Errors: UE041 UE042.'),
    ('grant_capability',
     'Grants a tenant a capability beyond its tier, until a time or for good. Answers it and how many jobs were queued. '
     'Errors: UE024 22023.'),
    ('revoke_capability', 'Takes a granted capability back. Errors: UE024 UE042.'),
    ('apply_plan',
     'Queues the hostnames of a reviewed plan that are still as they were reviewed; the others come back in moved.'),
    ('apply_plan_approving',
     'As apply_plan, and approves the weakenings that were reviewed; the reason is kept. Errors: 22023.'),
    ('claim_unclaimed', 'Claims hostnames that the zone has and nobody claimed for a tenant; those refused come back.'),
    ('record_audit', 'Records an order: who, why, what. Errors: 22023.'),
    ('hear_provider_event', 'A hint from the provider. Answers duplicate, woken or noted.'),
    ('ensure_partitions',
     'Makes the partitions that will be needed, and empties the default ones. Answers how many were made.'),
    ('register_worker', 'A worker announces itself. Answers its number.'),
    ('heartbeat', 'A worker is alive. Answers whether it still counts as such, and which attempts to stop.'),
    ('claim', 'Gives a worker its next jobs, fair by lane and within all limits.'),
    ('settle', 'Records how attempts ended and moves their jobs on. Answers the attempts accepted; others were stale.'),
    ('rescue', 'Takes back what dead workers and stuck handlers hold. Answers how many.'),
    ('release_unknown', 'Hands back what a worker holds without knowing. Answers how many.'),
    ('stop_worker', 'A worker leaves in order.'),
    ('wake_subjects', 'Has the jobs of these subjects look again. Answers those somebody holds now: try them again.'),
    ('holds', 'True while this attempt''s lease stands, which is then held until the transaction ends.'),
    ('use_approval', 'Takes an approval for a job that is about to write; false if another job had it.'),
    ('end_exceptions', 'Notices overrides and entitlements that have come to their end. Answers how many.'),
    ('place_drifted', 'Gives one drifted hostname its job; null if none is left.'),
    ('declare_budget', 'Declares a limit of the provider; numbers adopted from it stay unless others are declared.'),
    ('declare_breaker', 'Declares the breaker''s times.'),
    ('take_budget', 
     'Takes up to so many units of a budget. Answers how many, when to come back for the rest, and whether everybody waits '
     'for this call.'),
    ('block_budget', 'Everybody stops for so long.'),
    ('report_sign', 'A call failed as calls do in an outage. Answers the breaker''s state and whether this opened it.'),
    ('report_answers', 'Good answers since the last report, and what the newest said about pace.'),
    ('record_provider_error', 'Keeps the last error of each class, for people.'),
    ('observed_state', 'What a plan is made upon, in one short text.'),
    ('observed_promise', 'What of an observation a policy promises, in a form that compares.'),
    ('caller', 'The login, or the role it has taken on with SET ROLE.'),
    ('sees_all_tenants', 'Whether the caller is confined to no tenant.'),
    ('sees_tenant', 'Whether the caller was granted this very tenant; ''*'' asks for all.'),
    ('sees_subject', 'Whether the caller was granted the tenant of this hostname.'),
    ('sees_lane', 'Whether the caller was granted the tenant of this lane.'),
    ('grant_tenant',
     'Lets a login hand in work for a tenant and ask about it; ''*'' is all of them, and their tiers. Errors: UE081 22023.'),
    ('revoke_tenant', 'Takes that back. Answers whether it was there. Errors: 22023.'),
    ('apply_permissions', 'Brings owners, rights and row-level security to what usher.permission says; safe to repeat.')
        ) as t (name, comment)
        join pg_proc p on p.pronamespace = 'usher'::regnamespace and p.proname = t.name
        -- Who wrote the function may have said it better.
        where obj_description(p.oid, 'pg_proc') is null
    loop
        execute format('comment on function %s is %L', said.signature, said.comment);
    end loop;
end $$;

comment on schema usher is 'The queue, the hostnames and their policies of Usher. Call its functions; write no table.';
comment on table usher.tenant_grant is 'Which tenants a login of usher_enqueuer works for; written by usher.grant_tenant.';
comment on table usher.permission is 'The rights of each role; usher.apply_permissions() brings them about.';
comment on table usher.error_code is 'Every SQLSTATE of Usher''s own, what it means and what to do.';

-- Which migrations were applied is the migrator's to record, and of interest to who starts a worker or asks for a check-up.
do $$
begin
    if to_regclass('public.usher_migrations') is not null then
        grant select on public.usher_migrations to usher_worker, usher_operator;
    end if;
end $$;

-- A function that a later migration makes as the owner is nobody's by itself. One made as another login is so once that
-- migration has called usher.apply_permissions().
alter default privileges for role usher_owner revoke execute on functions from public;
do $$
begin
    -- Workers may be at work, and each statement below waits for them with tables of theirs in hand: who meets them head-on
    -- lets go of everything and tries again.
    for try in 1..10 loop
        begin
            -- A batch is seen by who made it, and by those who see all.
            alter table usher.batch add column made_by name not null default usher.caller();
            perform usher.apply_permissions();
            exit;
        exception when deadlock_detected then
            if try = 10 then raise; end if;
        end;
    end loop;
end $$;

-- migrate:down
-- The roles stay: another database of the cluster may use them.
alter default privileges for role usher_owner grant execute on functions to public;
do $$
declare
    guarded name;
    order_text text;
begin
    for guarded in select c.relname from pg_class c where c.relnamespace = 'usher'::regnamespace and c.relrowsecurity loop
        execute format('drop policy everyone on usher.%1$I; drop policy granted on usher.%1$I; '
                       'drop policy owner on usher.%1$I', guarded);
        execute format('alter table usher.%I no force row level security', guarded);
        execute format('alter table usher.%I disable row level security', guarded);
    end loop;
    for order_text in
        select format('alter routine %s security invoker', p.oid::regprocedure)
        from pg_proc p where p.pronamespace = 'usher'::regnamespace and p.prosecdef
        union all
        select format('comment on routine %s is null', p.oid::regprocedure)
        from pg_proc p where p.pronamespace = 'usher'::regnamespace
          and obj_description(p.oid, 'pg_proc') is not null
        union all
        select format('revoke all on all %s in schema usher from usher_enqueuer, usher_worker, usher_operator, usher_auditor',
                      k.kind)
        from (values ('tables'), ('sequences'), ('routines')) as k (kind)
        union all
        select 'grant execute on all routines in schema usher to public'
    loop
        execute order_text;
    end loop;
end $$;
do $$
begin
    if to_regclass('public.usher_migrations') is not null then
        revoke select on public.usher_migrations from usher_worker, usher_operator;
    end if;
end $$;
revoke all on schema usher from usher_enqueuer, usher_worker, usher_operator, usher_auditor;
comment on schema usher is null;
drop table usher.error_code, usher.permission;
drop function usher.apply_row_security, usher.apply_permissions;
alter table usher.batch drop column made_by;
drop function usher.revoke_tenant, usher.grant_tenant, usher.refuse_tier, usher.refuse_lane, usher.refuse_subject,
    usher.refuse_tenant, usher.sees_subject, usher.sees_lane,
    usher.sees_tenant, usher.sees_all_tenants, usher.caller;
drop table usher.tenant_grant;
create or replace function usher.observed_state(observed jsonb, provider_id text, intent text) returns text
language sql immutable as $$
    select encode(sha256(convert_to(jsonb_build_array(observed, provider_id, intent)::text, 'UTF8')), 'hex')
$$;
alter function usher.refuse_change() reset search_path;
do $$
declare
    amended record;
begin
    for amended in
        select regexp_replace(pg_get_functiondef(p.oid), '(, hint = ''pass what the entry says'')?, detail = ''\{"field": "[a-z_]+"\}'';', ';', 'g') as body
        from pg_proc p where p.pronamespace = 'usher'::regnamespace and p.prosrc ~ ', detail = ''\{"field": "[a-z_]+"\}'';'
    loop
        execute amended.body;
    end loop;
end $$;
reassign owned by usher_owner to current_user;
