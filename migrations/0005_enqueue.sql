-- What any client may call, in its own transaction: names in, hostnames claimed, jobs queued, nobody else locked.

-- migrate:up

-- RFC 3492 for one label; used for names that arrive in their own script.
create function usher.punycode(label text) returns text
language plpgsql immutable strict set search_path = usher, pg_temp as $$
declare
    points integer[] := array(select ascii(c) from regexp_split_to_table(label, '') with ordinality as t (c, i) order by i);
    total integer := cardinality(points);
    basic integer;
    handled integer;
    answer text;
    n integer := 128;
    delta bigint := 0;
    bias integer := 72;
    m integer;
    q bigint;
    k integer;
    t integer;
    point integer;
    digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
begin
    answer := coalesce((select string_agg(chr(p), '' order by i)
                        from unnest(points) with ordinality as u (p, i) where p < 128), '');
    basic := length(answer);
    handled := basic;
    if basic > 0 then answer := answer || '-'; end if;
    while handled < total loop
        m := (select min(p) from unnest(points) as u (p) where p >= n);
        delta := delta + (m - n)::bigint * (handled + 1);
        n := m;
        foreach point in array points loop
            if point < n then delta := delta + 1; end if;
            continue when point <> n;
            q := delta;
            k := 36;
            loop
                t := greatest(1, least(26, k - bias));
                exit when q < t;
                answer := answer || substr(digits, (t + (q - t) % (36 - t))::integer + 1, 1);
                q := (q - t) / (36 - t);
                k := k + 36;
            end loop;
            answer := answer || substr(digits, q::integer + 1, 1);
            -- Bias adaptation, section 6.1.
            delta := case when handled = basic then delta / 700 else delta / 2 end;
            delta := delta + delta / (handled + 1);
            k := 0;
            while delta > 455 loop
                delta := delta / 35;
                k := k + 36;
            end loop;
            bias := k + (36 * delta / (delta + 38))::integer;
            delta := 0;
            handled := handled + 1;
        end loop;
        delta := delta + 1;
        n := n + 1;
    end loop;
    return answer;
end $$;

-- The canonical A-label form, or which rule the name breaks. The same rules as the workers' own, which have the last word.
create function usher.canonical_hostname(input text, out name text, out code text, out rule text)
language plpgsql immutable set search_path = usher, pg_temp as $$
declare
    label text;
    labels text[] := '{}';
begin
    name := normalize(lower(translate(coalesce(input, ''), '。．｡', '...') collate "und-x-icu"), nfc);
    name := regexp_replace(name, '\.$', '');
    code := 'UE002';
    rule := case
        when name = '' then 'a hostname is not empty'
        when length(name) > 253 then 'a hostname has at most 253 characters'
        when name like '*.%' then 'ask for the parent name with wildcard = true'
        when name ~ '^[0-9.]+$' or name ~ ':' then 'an IP address is not a hostname'
        when name !~ '\.' then 'a hostname has at least two labels'
    end;
    if rule is not null then return; end if;
    foreach label in array string_to_array(name, '.') loop
        if label ~ '[^\x01-\x7f]' then label := 'xn--' || punycode(label); end if;
        rule := case
            when label = '' then 'a label is not empty'
            when length(label) > 63 then 'a label has at most 63 characters'
            when label !~ '^[a-z0-9-]+$' then 'letters, digits and hyphens only'
            when label ~ '^-|-$' then 'a label does not begin or end with a hyphen'
            when label ~ '^..--' and label !~ '^xn--[a-z0-9-]*[a-z0-9]$' then 'only an A-label has "--" in its third place'
        end;
        if rule is not null then return; end if;
        labels := labels || label;
    end loop;
    name := array_to_string(labels, '.');
    if length(name) > 253 then
        rule := 'a hostname has at most 253 characters';
        return;
    end if;
    code := 'UE003';
    rule := case
        when name ~ '(^|\.)(test|example|invalid|localhost)$' then 'this top-level domain is reserved'
        when name ~ '(^|\.)example\.(com|net|org)$' then 'this domain is reserved for documentation'
        when name in ('co.uk', 'org.uk', 'ac.uk', 'gov.uk', 'com.au', 'net.au', 'org.au', 'co.jp', 'ne.jp', 'or.jp',
                      'co.nz', 'co.za', 'com.br', 'com.cn', 'com.mx', 'com.sg', 'com.tr', 'co.in', 'co.kr', 'com.ar')
            then 'this is a public suffix, not a hostname'
    end;
    if rule is null then code := null; end if;
end $$;

create type usher.enqueue_answer as (
    job_id bigint, hostname_id bigint, created boolean,
    -- Of a row that was refused: its SQLSTATE, the rule and what to do.
    code text, message text, detail jsonb, hint text
);

create function usher.refused(code text, message text, hint text, detail jsonb) returns usher.enqueue_answer
language sql immutable set search_path = usher, pg_temp as $$
    select row(null, null, false, code, message, detail || jsonb_build_object('code', code), hint)::enqueue_answer
$$;

-- Puts a job for a subject into the queue, or finds the live one and has it look again.
create function usher.place_job(p_kind text, p_lane_id integer, p_subject_id bigint, p_batch_id bigint, p_priority smallint,
                                not_before timestamptz, p_replay_of bigint, out job bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
declare
    moved deferred;
begin
    job := nextval('job_id');
    insert into live (subject_id, job_id) values (p_subject_id, job)
    on conflict (subject_id) do update set rerun = true
    returning live.job_id, live.job_id = job into job, created;
    if created then
        insert into job (job_id, kind, lane_id, subject_id, batch_id, priority, replay_of)
        values (job, p_kind, p_lane_id, p_subject_id, p_batch_id, p_priority, p_replay_of);
        if not_before > clock_timestamp() then
            insert into deferred (job_id, lane_id, priority, due_at, reason, actor)
            values (job, p_lane_id, p_priority, not_before, 'scheduled', 'us');
        else
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, p_priority);
        end if;
    else
        -- It waits: the newer wish is a reason to look now, with all its attempts.
        delete from deferred where job_id = job returning * into moved;
        if found then
            insert into ready (job_id, lane_id, priority) values (job, p_lane_id, moved.priority);
        end if;
    end if;
    insert into lane_wake (lane_id) values (p_lane_id);
end $$;

-- One row of an onboarding, with refusals as values so that a batch needs no savepoint a row.
create function usher.try_enqueue(p_tenant text, p_hostname text, opts jsonb, p_priority integer, not_before timestamptz,
                                  p_batch_id bigint) returns usher.enqueue_answer
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine record;
    canonical record;
    host record;
    unknown text;
    placed record;
begin
    select t.tenant, t.lane_id, tier.hostname_quota, tier.name as tier into mine
    from tenant t join tier on tier.name = t.tier where t.tenant = p_tenant;
    if not found then
        return refused('UE024', 'unknown tenant', 'call usher.set_tier for it first', jsonb_build_object('tenant', p_tenant));
    end if;
    if p_priority not between 0 and 9 then
        return refused('22023', 'priority is 0 to 9', 'pass a number from 0 to 9',
                       jsonb_build_object('field', 'priority', 'actual', p_priority));
    end if;
    if jsonb_typeof(opts) is distinct from 'object' then
        return refused('22023', 'the options are not an object', 'pass a JSON object',
                       jsonb_build_object('field', 'opts', 'hostname', p_hostname));
    end if;
    select min(key) into unknown from jsonb_object_keys(opts) as k (key)
    where key not in ('wildcard', 'min_tls', 'ciphers', 'custom_certificate');
    if unknown is not null
       or jsonb_typeof(opts -> 'wildcard') not in ('boolean', 'null')
       or jsonb_typeof(opts -> 'custom_certificate') not in ('boolean', 'null')
       or jsonb_typeof(opts -> 'ciphers') not in ('array', 'null')
       or jsonb_path_exists(opts, 'strict $.ciphers[*] ? (@.type() != "string")', '{}', true)
       or jsonb_typeof(opts -> 'min_tls') not in ('string', 'null') or (opts ->> 'min_tls') not in ('1.0', '1.1', '1.2', '1.3') then
        return refused('22023', 'bad option',
                       'options: wildcard (boolean), min_tls ("1.0" to "1.3"), ciphers (array), custom_certificate (boolean)',
                       jsonb_build_object('field', coalesce(unknown, 'opts'), 'hostname', p_hostname));
    end if;
    canonical := canonical_hostname(p_hostname);
    if canonical.code is not null then
        return refused(canonical.code, 'not a usable hostname: ' || canonical.rule, 'correct the name',
                       jsonb_build_object('hostname', p_hostname, 'rule', canonical.rule));
    end if;

    select * into host from hostname h where h.name = canonical.name and h.released_at is null;
    if not found and mine.hostname_quota is not null then
        -- Lock, then count in a new statement: the quota is exact for any number of callers.
        perform from tenant where tenant = p_tenant for no key update;
        if (select count(*) from hostname h where h.tenant = p_tenant and h.released_at is null) >= mine.hostname_quota then
            return refused('53400', 'hostname quota reached', 'release a hostname or move to a larger tier',
                jsonb_build_object('hostname', canonical.name, 'tier', mine.tier, 'limit', mine.hostname_quota));
        end if;
    end if;
    -- An option not given stays as it was: asking again never drops what was promised. Null takes an option back.
    insert into hostname as h (tenant, name, wish) values (p_tenant, canonical.name, jsonb_strip_nulls(opts))
    on conflict (name) where released_at is null do update
        set wish = jsonb_strip_nulls(h.wish || opts),
            generation = h.generation + case when h.wish = jsonb_strip_nulls(h.wish || opts) then 0 else 1 end
        where h.tenant = excluded.tenant
    returning h.* into host;
    if not found then
        -- The owner is not named: that would tell one tenant about another.
        return refused('UE001', 'hostname is claimed by another tenant', 'the other claim must be released first',
                       jsonb_build_object('hostname', canonical.name));
    end if;
    placed := place_job('onboard', mine.lane_id, host.hostname_id, p_batch_id, p_priority::smallint, not_before, null);
    if placed.created then
        update hostname set standing = 'queued', standing_actor = null, standing_message = null
        where hostname_id = host.hostname_id and standing in ('refused', 'failed');
    end if;
    return row(placed.job, host.hostname_id, placed.created, null, null, null, null)::enqueue_answer;
end $$;

-- Queues one hostname of a tenant, in the caller's transaction. The same hostname again is the same job; the same
-- idempotency key with other arguments is UE030.
create function usher.enqueue_onboarding(tenant text, hostname text, opts jsonb default '{}',
    idempotency_key text default null, priority integer default 0, not_before timestamptz default null,
    out job_id bigint, out hostname_id bigint, out created boolean)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    request text := encode(sha256(convert_to(jsonb_build_array($2, $3, $5, extract(epoch from $6))::text, 'UTF8')), 'hex');
    before record;
    answer enqueue_answer;
begin
    if $4 is not null then
        insert into idempotency (tenant, key, request_hash, answer) values ($1, $4, request, '{}')
        on conflict (tenant, key) do nothing;
        if not found then
            select * into before from idempotency i where i.tenant = $1 and i.key = $4;
            if before.request_hash <> request then
                raise exception 'idempotency key was used for another request' using errcode = 'UE030',
                    detail = jsonb_build_object('code', 'UE030', 'key', $4)::text, hint = 'use a new key for a new request';
            end if;
            job_id := before.answer ->> 'job_id';
            hostname_id := before.answer ->> 'hostname_id';
            created := false;
            return;
        end if;
    end if;
    answer := try_enqueue($1, $2, coalesce($3, '{}'), $5, $6, null);
    if answer.code is not null then
        raise exception '%', answer.message using errcode = answer.code, detail = answer.detail::text, hint = answer.hint;
    end if;
    if $4 is not null then
        update idempotency i set answer = jsonb_build_object('job_id', answer.job_id, 'hostname_id', answer.hostname_id)
        where i.tenant = $1 and i.key = $4;
    end if;
    job_id := answer.job_id;
    hostname_id := answer.hostname_id;
    created := answer.created;
end $$;

-- Queues many: rows = [{tenant, hostname, opts?, priority?}, …]. With mode `all_or_nothing` one refused row refuses the
-- batch (UE034, every row named in DETAIL); with `partial` the others are queued and the refused ones are returned.
create function usher.enqueue_batch(rows jsonb, batch_name text, mode text default 'all_or_nothing',
    out batch_id bigint, out accepted integer, out created integer, out rejected jsonb)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    item record;
    answer enqueue_answer;
    bad jsonb[] := '{}';
begin
    if mode not in ('all_or_nothing', 'partial') then
        raise exception 'unknown mode %', mode using errcode = '22023', hint = 'all_or_nothing or partial';
    end if;
    insert into batch (name, origin) values (batch_name, 'enqueue') returning batch.batch_id into batch_id;
    accepted := 0;
    created := 0;
    for item in select r.value, r.ordinality - 1 as index from jsonb_array_elements(rows) with ordinality r loop
        answer := try_enqueue(item.value ->> 'tenant', item.value ->> 'hostname', coalesce(item.value -> 'opts', '{}'),
                              coalesce((item.value ->> 'priority')::integer, 0), null, batch_id);
        if answer.code is null then
            accepted := accepted + 1;
            created := created + answer.created::integer;
        else
            bad := bad || (answer.detail || jsonb_build_object('index', item.index, 'message', answer.message,
                                                               'hint', answer.hint));
        end if;
    end loop;
    rejected := to_jsonb(bad);
    if mode = 'all_or_nothing' and bad <> '{}' then
        raise exception '% of % rows refused, nothing queued', cardinality(bad), jsonb_array_length(rows)
            using errcode = 'UE034', detail = rejected::text, hint = 'correct the rows, or pass mode => ''partial''';
    end if;
    update batch b set total = created where b.batch_id = enqueue_batch.batch_id;
end $$;

-- "Tenant T is now on tier X", in any order, any number of times: an event below the newest version heard changes nothing.
-- A change raises the generation of the tenant's hostnames and queues them; the policy is resolved when each job runs.
create function usher.set_tier(tenant text, tier text, source_event_id text, source_version bigint,
    out applied boolean, out previous text, out jobs integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    plan record;
    mine record;
    host record;
begin
    select * into plan from tier t where t.name = $2;
    if not found then
        raise exception 'unknown tier' using errcode = 'UE021', hint = 'see usher tier list',
            detail = jsonb_build_object('code', 'UE021', 'tier', $2)::text;
    end if;
    jobs := 0;
    -- The lane exists before the tenant does; ON CONFLICT keeps two first events from racing.
    insert into lane (name, weight, max_running) values ($1, plan.weight, plan.max_running) on conflict (name) do nothing;
    insert into tenant (tenant, tier, source_version, lane_id)
    select $1, $2, $4, lane_id from lane where name = $1
    on conflict (tenant) do nothing;
    applied := found;
    select * into mine from tenant t where t.tenant = $1 for no key update;
    if not applied and not exists (select from tier_event e where e.tenant = $1 and e.source_event = $3) then
        previous := mine.tier;
        applied := $4 > mine.source_version;
    elsif not applied then
        previous := mine.tier;
        return;
    end if;
    insert into tier_event (tenant, tier, previous, source_event, source_version, applied)
    values ($1, $2, previous, $3, $4, applied);
    if not applied or previous is null then return; end if;
    update tenant t set tier = $2, source_version = $4 where t.tenant = $1;
    if previous = $2 then return; end if;
    for host in
        update hostname h set generation = h.generation + 1
        where h.tenant = $1 and h.released_at is null returning h.hostname_id
    loop
        perform place_job('onboard', mine.lane_id, host.hostname_id, null, 0::smallint, null, null);
        jobs := jobs + 1;
    end loop;
    update lane set weight = plan.weight, max_running = plan.max_running where lane_id = mine.lane_id;
end $$;

-- migrate:down
drop function usher.set_tier, usher.enqueue_batch, usher.enqueue_onboarding, usher.try_enqueue, usher.place_job,
    usher.refused, usher.canonical_hostname, usher.punycode;
drop type usher.enqueue_answer;
