-- Plans that a person has reviewed and had carried out: only for what is still as it was reviewed.

-- migrate:up
alter table usher.batch drop constraint batch_origin_check;
alter table usher.batch add constraint batch_origin_check
    check (origin in ('enqueue', 'replay', 'tier_change', 'plan'));

create table usher.plan (
    plan_id    bigint generated always as identity primary key,
    -- Over the meaning of the whole document, its rows included, not over its layout.
    checksum   text        not null check (checksum ~ '^[0-9a-f]{64}$'),
    -- What was selected, which revisions and zone settings it was made against, and its counts.
    head       jsonb       not null check (jsonb_typeof(head) = 'object'),
    batch_id   bigint      not null unique references usher.batch,
    author     text        not null check (length(author) > 0),
    queued     integer     not null check (queued > 0),
    moved      integer     not null check (moved >= 0),
    applied_at timestamptz not null default clock_timestamp()
);
create trigger plan_is_immutable before update or delete on usher.plan
    for each row execute function usher.refuse_change();

-- What a plan is made upon, in one short text. Without a search path of its own, so that it is inlined: a plan asks it
-- for every hostname there is.
create function usher.observed_state(observed jsonb, provider_id text, intent text) returns text
language sql immutable as $$
    select encode(sha256(convert_to(jsonb_build_array(observed, provider_id, intent)::text, 'UTF8')), 'hex')
$$;

-- Queues the hostnames of a reviewed plan: rows = [{hostname_id, generation, policy, state, certificate_id?}, …]. A row
-- that is not as it was when the plan was made is left alone and returned, with what moved. If all have moved, nothing
-- is kept and batch_id is null.
create function usher.apply_plan(rows jsonb, zone jsonb, checksum text, head jsonb, author text,
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

-- migrate:down
drop function usher.apply_plan, usher.observed_state;
drop table usher.plan;
-- Their jobs keep their batch.
update usher.batch set origin = 'enqueue' where origin = 'plan';
alter table usher.batch drop constraint batch_origin_check;
alter table usher.batch add constraint batch_origin_check check (origin in ('enqueue', 'replay', 'tier_change'));
