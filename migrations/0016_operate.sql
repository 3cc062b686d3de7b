-- Orders over many jobs: one filter language for lists, replays and cancellations; replays as governed operations.
--
-- A filter is conditions joined by AND:  state = dead AND error_class = provider_down AND failed_at > -6h AND attempts >= 3
-- There is no OR and no NOT: a scope must be one a person can check at a glance. A condition on something a job does not
-- have (the error class of a job that is done) never holds, `!=` included. What is not understood is an error (UE050) that
-- names the column: a typing mistake never widens a scope.

-- migrate:up

-- The nearest of some words, for "did you mean": at most a third of the letters differ. Null if none is near.
create function usher.nearest_word(word text, words text[]) returns text
language plpgsql immutable set search_path = usher, pg_temp as $$
declare
    best text;
    least_edits integer := greatest(1, length(word) / 3) + 1;
    candidate text;
    above integer[];
    here integer[];
begin
    if length(word) > 64 then return null; end if;
    -- Levenshtein's distance, one row of the table at a time.
    foreach candidate in array words loop
        continue when abs(length(candidate) - length(word)) >= least_edits;
        above := array(select n from generate_series(0, length(candidate)) as n);
        for i in 1..length(word) loop
            here := array[i];
            for j in 1..length(candidate) loop
                here := here || least(above[j + 1] + 1, here[j] + 1,
                    above[j] + (substr(word, i, 1) <> substr(candidate, j, 1))::integer);
            end loop;
            above := here;
        end loop;
        if above[length(candidate) + 1] < least_edits then
            best := candidate;
            least_edits := above[length(candidate) + 1];
        end if;
    end loop;
    return best;
end $$;

create function usher.refuse_filter(at integer, problem text, advice text, value text default null, meant text default null)
returns void language plpgsql set search_path = usher, pg_temp as $$
begin
    raise exception 'filter%: %', coalesce(', column ' || at, ''), problem using errcode = 'UE050',
        hint = coalesce('did you mean ' || meant || '? ', '') || advice,
        detail = jsonb_strip_nulls(jsonb_build_object('code', 'UE050', 'column', at, 'value', value, 'meant', meant))::text;
end $$;

-- What a filter can speak of, and how.
create function usher.filter_field(word text, out field text, out kind text, out operators text[])
language sql immutable set search_path = usher, pg_temp as $$
    select f.field, f.kind, case f.kind when 'number' then array['=', '!=', 'in', '<', '<=', '>', '>=']
                                        when 'time' then array['<', '<=', '>', '>=']
                                        else array['=', '!=', 'in'] end
    from (values ('state', 'state'), ('error_class', 'word'), ('code', 'text'), ('tenant', 'tenant'), ('tier', 'tier'),
                 ('batch', 'number'), ('kind', 'word'), ('hostname', 'hostname'), ('job', 'number'),
                 ('enqueued_at', 'time'), ('ended_at', 'time'), ('attempts', 'number')) as f (field, kind)
    where f.field = word
$$;

-- The canonical form of a value, or a refusal; null for what is no time. Relative times become absolute: what is shown is
-- what is meant later too.
create function usher.filter_value(field text, kind text, value text, at integer) returns text
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    states constant text[] := '{ready,running,retrying,waiting,done,failed,cancelled,misplaced}';
    parts text[];
    canonical record;
begin
    case kind
    when 'state' then
        if value = 'dead' then return 'failed'; end if;
        if value <> all (states) then
            perform refuse_filter(at, format('there is no state "%s"', left(value, 100)),
                'states: ' || array_to_string(states, ', ') || '; dead is failed', value,
                nearest_word(lower(value), states || 'dead'::text));
        end if;
    when 'word' then
        if value !~ '^[a-z][a-z0-9_]{0,62}$' then
            perform refuse_filter(at, format('"%s" is no %s', left(value, 100), field),
                'small letters, digits and underscores', value);
        end if;
    when 'text' then
        if length(value) not between 1 and 200 then
            perform refuse_filter(at, format('a %s has 1 to 200 characters', field), 'see usher job list');
        end if;
    when 'tenant' then
        if not exists (select from lane where name = value) then
            perform refuse_filter(at, format('there is no tenant "%s"', left(value, 100)), 'see usher tenant list', value,
                nearest_word(value, array(select name from lane where abs(length(name) - length(value)) <= 3
                                          order by left(name, 1) <> left(value, 1), name limit 500)));
        end if;
    when 'tier' then
        if not exists (select from tier where name = value) then
            perform refuse_filter(at, format('there is no tier "%s"', left(value, 100)), 'see usher tier list', value,
                nearest_word(value, array(select name from tier order by name limit 500)));
        end if;
    when 'hostname' then
        canonical := canonical_hostname(value);
        if canonical.code = 'UE002' then
            perform refuse_filter(at, format('"%s" is no hostname: %s', left(value, 100), canonical.rule),
                'correct the name', value);
        end if;
        return canonical.name;
    when 'number' then
        if value !~ '^\d{1,18}$' then
            perform refuse_filter(at, format('"%s" is no whole number', left(value, 100)), 'digits only', value);
        end if;
        return value::bigint::text;
    when 'time' then
        parts := regexp_match(value, '^-(\d{1,5})([smhd])$');
        begin
            return to_char((case when parts is not null
                    then now() - parts[1]::integer * ('1 ' || case parts[2] when 's' then 'second' when 'm' then 'minute'
                                                                            when 'h' then 'hour' else 'day' end)::interval
                    when value ~* '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$' then value::timestamptz
                end) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        exception when datetime_field_overflow or invalid_datetime_format then
            return null;
        end;
    end case;
    return value;
end $$;

-- One condition in its canonical form. `columns` says where the field and its values stand, for the refusal; null if they
-- did not come as text.
create function usher.filter_condition(word text, operator text, given text[], columns integer[]) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    names constant text[] := '{state,error_class,code,tenant,tier,batch,kind,hostname,job,enqueued_at,ended_at,attempts}';
    known record;
    answer text[] := '{}';
    canonical text;
begin
    -- Other spellings: the outcome of a failed job is told by its end.
    select * into known
    from filter_field(case word when 'failed_at' then 'ended_at' when 'error.class' then 'error_class' else word end);
    if known.field is null then
        perform refuse_filter(columns[1], format('there is no field "%s"', left(word, 100)),
            'fields: ' || array_to_string(names, ', ') || '; failed_at is ended_at of a failed job', word,
            nearest_word(lower(word), names || 'failed_at'::text));
    end if;
    if operator <> all (known.operators) then
        perform refuse_filter(columns[1], format('%s does not take %s', word, left(operator, 100)),
            format('%s takes %s', word, array_to_string(known.operators, ', ')), operator);
    end if;
    if cardinality(given) not between 1 and 1000 or (operator <> 'in' and cardinality(given) > 1) then
        perform refuse_filter(columns[1], format('%s %s has %s values', word, operator, cardinality(given)),
            'one value; in takes up to 1000');
    end if;
    for i in 1..cardinality(given) loop
        if given[i] is null then
            perform refuse_filter(columns[i + 1], format('%s has no value', word), 'leave out the condition to not narrow');
        end if;
        canonical := filter_value(known.field, known.kind, given[i], columns[i + 1]);
        if canonical is null then
            perform refuse_filter(columns[i + 1], format('"%s" is no time', left(given[i], 100)),
                'as 2026-03-01T12:00:00Z, or how long ago: -30m, -6h, -2d', given[i]);
        end if;
        if canonical <> all (answer) then answer := answer || canonical; end if;
    end loop;
    return jsonb_build_object('field', known.field, 'values', to_jsonb(answer),
        'op', case when operator = 'in' and cardinality(answer) = 1 then '=' else operator end);
end $$;

-- The conditions with one more, unless it is among them; `failed_at` says besides that the job failed.
create function usher.narrowed(conditions jsonb, condition jsonb, word text) returns jsonb
language sql immutable set search_path = usher, pg_temp as $$
    with one (c, place) as (
        select c, place from jsonb_array_elements(conditions) with ordinality as e (c, place)
        union all select condition, 10000
        union all select '{"field": "state", "op": "=", "values": ["failed"]}', 10001 where word = 'failed_at'
    )
    select jsonb_agg(c order by first) from (select c, min(place) as first from one group by c) as d
$$;

-- The conditions of a filter in canonical form, from JSON: either that form itself, or an object of fields with the value,
-- or the array of values, each may have; `since` and `until` bound the end. Both forms obey the same rules as the text.
create function usher.parse_filter(filter jsonb) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer jsonb := '[]';
    item record;
begin
    if jsonb_typeof(filter) = 'object' then
        for item in select key, value, jsonb_typeof(value) as type from jsonb_each(filter) loop
            if item.type in ('object', 'boolean') then
                perform refuse_filter(null, format('%s is no value', item.key), 'a text, a number or an array of them');
            end if;
            answer := narrowed(answer, filter_condition(
                case when item.key in ('since', 'until') then 'ended_at' else item.key end,
                case when item.key = 'since' then '>=' when item.key = 'until' then '<'
                     when item.type = 'array' then 'in' else '=' end,
                case when item.type = 'array'
                     then array(select v #>> '{}' from jsonb_array_elements(item.value) as v)
                     else array[item.value #>> '{}'] end,
                null), item.key);
        end loop;
    elsif jsonb_typeof(filter) = 'array' then
        for item in select value from jsonb_array_elements(filter) loop
            if jsonb_typeof(item.value) <> 'object' or jsonb_typeof(item.value -> 'values') is distinct from 'array'
               or item.value - '{field,op,values}'::text[] <> '{}' then
                perform refuse_filter(null, 'a condition is {"field": …, "op": …, "values": […]}',
                    'as parse_filter answers it');
            end if;
            answer := narrowed(answer, filter_condition(
                coalesce(item.value ->> 'field', ''), coalesce(item.value ->> 'op', ''),
                array(select v #>> '{}' from jsonb_array_elements(item.value -> 'values') as v), null),
                item.value ->> 'field');
        end loop;
    else
        perform refuse_filter(null, 'a filter is a text, an object or an array of conditions', 'such as state = failed');
    end if;
    return answer;
end $$;

-- The conditions of a filter in canonical form: [{"field": "state", "op": "=", "values": ["failed"]}, …].
create function usher.parse_filter(filter text) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    advice constant text := 'conditions joined by AND, such as state = failed AND tenant in (a, b) AND ended_at > -6h';
    tokens text[];
    starts integer[];
    answer jsonb := '[]';
    i integer := 1;
    field integer;
    operator text;
    given text[];
    columns integer[];
begin
    if length(filter) > 20000 then
        perform refuse_filter(20001, 'a filter has at most 20000 characters', advice);
    end if;
    if filter ~ '^\s*[{[]' then
        begin
            return parse_filter(filter::jsonb);
        exception when invalid_text_representation or untranslatable_character then
            perform refuse_filter(1, 'this is no JSON', 'begin with a field: ' || advice);
        end;
    end if;
    -- Every character belongs to a token, so that the tokens' lengths tell the columns.
    select array_agg(token order by place) filter (where token !~ '^\s'),
           array_agg(start order by place) filter (where token !~ '^\s')
    into tokens, starts
    from (select t[1] as token, place, 1 + sum(length(t[1])) over (order by place) - length(t[1]) as start
          from regexp_matches(filter, '(\s+|[[:alnum:]_.:+@/*-]+|''(?:[^'']|'''')*''|"(?:[^"]|"")*"|!=|<=|>=|.)', 'g')
               with ordinality as m (t, place)) as s;
    if tokens is null then
        perform refuse_filter(1, 'the filter is empty', 'name at least one condition: ' || advice);
    end if;
    loop
        field := i;
        if coalesce(tokens[i], '') !~ '^[[:alnum:]_]' then
            perform refuse_filter(coalesce(starts[i], length(filter) + 1),
                format('a field is expected%s', coalesce(', found ' || tokens[i], ' at the end')), advice, tokens[i]);
        end if;
        operator := lower(tokens[i + 1]);
        i := i + 2;
        if operator is null or operator not in ('=', '!=', '<', '<=', '>', '>=', 'in') then
            perform refuse_filter(coalesce(starts[i - 1], length(filter) + 1),
                format('an operator is expected after %s%s', left(tokens[field], 100),
                       coalesce(', found ' || left(operator, 100), '')), '=, !=, in, <, <=, >, >=', operator);
        end if;
        columns := array[starts[field]];
        given := '{}';
        if operator = 'in' then
            if tokens[i] is distinct from '(' then
                perform refuse_filter(coalesce(starts[i], length(filter) + 1), 'in is followed by (', 'as tenant in (a, b)');
            end if;
            i := i + 1;
        end if;
        loop
            if coalesce(tokens[i], '') !~ '^([[:alnum:]_.:+@/*-]|''.*''$|".*"$)' or tokens[i] ~* '^(and|or|not|in)$'
               or tokens[i] in ('''', '"') then
                perform refuse_filter(coalesce(starts[i], length(filter) + 1),
                    case when tokens[i] in ('''', '"') then 'this quotation mark has no end'
                         else format('a value is expected%s',
                                     coalesce(', found ' || left(tokens[i], 100), ' at the end')) end,
                    'words stand as they are, anything else in quotation marks', tokens[i]);
            end if;
            columns := columns || starts[i];
            given := given || case left(tokens[i], 1)
                when '''' then replace(substr(tokens[i], 2, length(tokens[i]) - 2), '''''', '''')
                when '"' then replace(substr(tokens[i], 2, length(tokens[i]) - 2), '""', '"')
                else tokens[i] end;
            i := i + 1;
            exit when operator <> 'in' or tokens[i] is distinct from ',';
            i := i + 1;
        end loop;
        if operator = 'in' then
            if tokens[i] is distinct from ')' then
                perform refuse_filter(coalesce(starts[i], length(filter) + 1),
                    format('the list of %s has no end', left(tokens[field], 100)),
                    'values are parted by commas, ) ends them');
            end if;
            i := i + 1;
        end if;
        answer := narrowed(answer, filter_condition(tokens[field], operator, given, columns), tokens[field]);
        exit when tokens[i] is null;
        if lower(tokens[i]) <> 'and' then
            perform refuse_filter(starts[i], format('AND is expected, found %s', left(tokens[i], 100)),
                case when lower(tokens[i]) in ('or', 'not')
                     then 'AND alone, so that the scope can be checked at a glance; in (…) takes several values'
                     else advice end,
                tokens[i]);
        end if;
        i := i + 1;
    end loop;
    return answer;
end $$;

-- A canonical filter as a person writes it; parsing it gives the same filter.
create function usher.filter_text(filter jsonb) returns text
language sql immutable set search_path = usher, pg_temp as $$
    select coalesce(string_agg(format(case c ->> 'op' when 'in' then '%s %s (%s)' else '%s %s %s' end,
                                      c ->> 'field', c ->> 'op', v.list), ' AND ' order by place), '')
    from jsonb_array_elements(filter) with ordinality as e (c, place),
    lateral (select string_agg(case when w ~ '^[[:alnum:]_.:+@/*-]+$' and w !~* '^(and|or|not|in)$' then w
                                    else '''' || replace(w, '''', '''''') || '''' end, ', ' order by n) as list
             from jsonb_array_elements_text(c -> 'values') with ordinality as t (w, n)) as v
$$;

-- The values a field may have; null if any.
create function usher.filter_allows(filter jsonb, name text) returns text[]
language sql immutable set search_path = usher, pg_temp as $$
    with mine as (
        select c -> 'values' as list from jsonb_array_elements(filter) as c
        where c ->> 'field' = name and c ->> 'op' in ('=', 'in')
    )
    select case when exists (select from mine) then array(
        select w from mine, jsonb_array_elements_text(list) as w group by w having count(*) = (select count(*) from mine)) end
$$;

-- The values a field may not have; null if there are none.
create function usher.filter_denies(filter jsonb, name text) returns text[]
language sql immutable set search_path = usher, pg_temp as $$
    select array_agg(w) from jsonb_array_elements(filter) as c, jsonb_array_elements_text(c -> 'values') as w
    where c ->> 'field' = name and c ->> 'op' = '!='
$$;

-- What a field is bounded to; null if it is not.
create function usher.filter_numbers(filter jsonb, name text) returns int8range
language sql immutable set search_path = usher, pg_temp as $$
    select range_intersect_agg(case c ->> 'op'
               when '<' then int8range(null, (c -> 'values' ->> 0)::bigint, '()')
               when '<=' then int8range(null, (c -> 'values' ->> 0)::bigint, '(]')
               when '>' then int8range((c -> 'values' ->> 0)::bigint, null, '()')
               else int8range((c -> 'values' ->> 0)::bigint, null, '[)') end)
    from jsonb_array_elements(filter) as c
    where c ->> 'field' = name and c ->> 'op' in ('<', '<=', '>', '>=')
$$;

create function usher.filter_times(filter jsonb, name text) returns tstzrange
language sql stable set search_path = usher, pg_temp as $$
    select range_intersect_agg(case c ->> 'op'
               when '<' then tstzrange(null, (c -> 'values' ->> 0)::timestamptz, '()')
               when '<=' then tstzrange(null, (c -> 'values' ->> 0)::timestamptz, '(]')
               when '>' then tstzrange((c -> 'values' ->> 0)::timestamptz, null, '()')
               else tstzrange((c -> 'values' ->> 0)::timestamptz, null, '[)') end)
    from jsonb_array_elements(filter) as c where c ->> 'field' = name
$$;

-- The jobs a canonical filter selects, the newest first, those below `before` only; with `replayable` those no replay has
-- taken, which an index knows. One statement: one snapshot.
create function usher.matching_jobs(filter jsonb, max_count integer default null, before bigint default null,
                                    replayable boolean default false) returns setof bigint
language plpgsql stable rows 100 set search_path = usher, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
    states text[] := coalesce(filter_allows(filter, 'state'), '{ready,running,retrying,waiting,done,failed,cancelled}');
    no_states text[] := filter_denies(filter, 'state');
    classes text[] := filter_allows(filter, 'error_class');
    no_classes text[] := filter_denies(filter, 'error_class');
    codes text[] := filter_allows(filter, 'code');
    no_codes text[] := filter_denies(filter, 'code');
    tenants text[] := filter_allows(filter, 'tenant');
    no_tenants text[] := filter_denies(filter, 'tenant');
    tiers text[] := filter_allows(filter, 'tier');
    no_tiers text[] := filter_denies(filter, 'tier');
    kinds text[] := filter_allows(filter, 'kind');
    no_kinds text[] := filter_denies(filter, 'kind');
    names text[] := filter_allows(filter, 'hostname');
    no_names text[] := filter_denies(filter, 'hostname');
    batches bigint[] := filter_allows(filter, 'batch');
    no_batches bigint[] := filter_denies(filter, 'batch');
    batch_range int8range := filter_numbers(filter, 'batch');
    jobs bigint[] := filter_allows(filter, 'job');
    no_jobs bigint[] := filter_denies(filter, 'job');
    job_range int8range := filter_numbers(filter, 'job');
    spent bigint[] := filter_allows(filter, 'attempts');
    not_spent bigint[] := filter_denies(filter, 'attempts');
    spent_range int8range := filter_numbers(filter, 'attempts');
    enqueued tstzrange := filter_times(filter, 'enqueued_at');
    ended_within tstzrange := filter_times(filter, 'ended_at');
begin
    -- These only a job that has ended has.
    if exists (select from jsonb_array_elements(filter) as c where c ->> 'field' in ('error_class', 'code', 'ended_at')) then
        states := array(select s from unnest(states) as s where s in ('done', 'failed', 'cancelled'));
    end if;
    states := array(select s from unnest(states) as s where no_states is null or s <> all (no_states));
    return query
        select p.job_id
        -- Without conditions of their own, so that the planner sees one table in many parts: it leaves out those whose state
        -- is not asked for, and reads the newest jobs from the ends of their indexes.
        from (
            select r.job_id, 'ready' as state, r.attempts, null::text as error_class, null::text as code,
                   null::timestamptz as ended_at, null::bigint as replayed_by
            from ready r
            union all
            select d.job_id, case d.reason when 'retry' then 'retrying' else 'waiting' end, d.attempts, null, null, null, null
            from deferred d
            union all
            select l.job_id, 'running', l.attempts, null, null, null, null from lease l
            union all
            select e.job_id, e.state, e.attempts, e.error_class, e.code, e.ended_at, e.replayed_by from ended e
            union all
            select m.job_id, 'misplaced', null, null, null, null, null from misplaced m
        ) as p
        join job j on j.job_id = p.job_id
        join lane on lane.lane_id = j.lane_id
        left join tenant t on t.tenant = lane.name
        left join hostname h on h.hostname_id = j.subject_id
        where p.state = any (states) and (not replayable or p.replayed_by is null)
          and (classes is null or p.error_class = any (classes))
          and (no_classes is null or p.error_class <> all (no_classes))
          and (codes is null or p.code = any (codes)) and (no_codes is null or p.code <> all (no_codes))
          -- The bounds alone are what an index knows of.
          and (lower(ended_within) is null or p.ended_at >= lower(ended_within))
          and (ended_within is null or p.ended_at <@ ended_within)
          and (before is null or p.job_id < before)
          and (jobs is null or p.job_id = any (jobs)) and (no_jobs is null or p.job_id <> all (no_jobs))
          and (job_range is null or p.job_id <@ job_range)
          and (spent is null or p.attempts = any (spent)) and (not_spent is null or p.attempts <> all (not_spent))
          and (spent_range is null or p.attempts::bigint <@ spent_range)
          and (batches is null or j.batch_id = any (batches)) and (no_batches is null or j.batch_id <> all (no_batches))
          and (batch_range is null or j.batch_id <@ batch_range)
          and (kinds is null or j.kind = any (kinds)) and (no_kinds is null or j.kind <> all (no_kinds))
          and (enqueued is null or j.enqueued_at <@ enqueued)
          and (tenants is null or lane.name = any (tenants)) and (no_tenants is null or lane.name <> all (no_tenants))
          and (tiers is null or t.tier = any (tiers)) and (no_tiers is null or t.tier <> all (no_tiers))
          and (names is null or h.name = any (names)) and (no_names is null or h.name <> all (no_names))
        order by p.job_id desc limit max_count;
end $$;

-- The newest jobs a filter selects (null: all), for people and programs; `before` is the last number of the page before.
create function usher.list_jobs(filter text default null, max_count integer default 50, before bigint default null)
returns table (job_id bigint, hostname text, tenant text, tier text, kind text, state text, attempts integer,
               due_at timestamptz, enqueued_at timestamptz, ended_at timestamptz, reason text, error_class text, code text,
               message text, actor text, batch_id bigint, replay_of bigint, replayed_by bigint)
language plpgsql stable rows 50 set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    -- Read first of all, so that a mistake is told even where there are no jobs.
    wanted jsonb := case when $1 is null then '[]' else parse_filter($1) end;
begin
    return query
    select p.job_id, h.name, p.tenant, t.tier, p.kind, p.state, coalesce(p.attempts, 0)::integer, p.due_at, p.enqueued_at,
           p.ended_at, p.reason, p.error_class, p.code,
           -- What a deferred job waits for is told by its hostname.
           coalesce(p.message, case when p.due_at is not null then h.standing_message end),
           p.actor, p.batch_id, p.replay_of, p.replayed_by
    from matching_jobs(wanted, $2, $3) as m (job_id)
    join job_place p on p.job_id = m.job_id
    left join hostname h on h.hostname_id = p.subject_id
    left join tenant t on t.tenant = p.tenant
    order by p.job_id desc;
end $$;

-- A replay runs ended jobs again. What it takes is frozen when it is ordered; workers carry it on from there, step by step,
-- each step a transaction of its own, so that whoever is killed in one leaves nothing half done.
--
--     ordered ──▶ canary ──────────────▶ rate ──────────────▶ done
--               ▲    │  all answered,      │  nothing left, all answered
--        resume │    │  few failures       │
--               │    ▼                     ▼
--             halted ◀── the share of failures is above `halt_at`, or somebody says so
--                    └──────▶ cancelled ◀────── from canary and rate too: what is not queued yet never is
--
-- A job is answered when it has ended, or waits for its tenant or an operator: the provider has done its part. The share is
-- measured over the jobs queued since the order or its last resume (a round), which begins with a canary again.
create table usher.replay_order (
    replay_id    bigint      generated always as identity primary key,
    batch_id     bigint      not null references usher.batch,
    -- Canonical, with the states that were left to be understood.
    filter       jsonb       not null check (jsonb_typeof(filter) = 'array'),
    reason       text        not null check (length(reason) between 1 and 4000),
    canary       integer     not null check (canary >= 0),
    per_minute   integer     check (per_minute between 1 and 1000000),
    halt_at      numeric     not null check (halt_at between 0 and 1),
    state        text        not null default 'canary' check (state in ('canary', 'rate', 'halted', 'done', 'cancelled')),
    state_reason text        check (length(state_reason) <= 4000),
    -- As frozen; `superseded` are those left alone from the start, `skipped` those that had to be later.
    selected     integer     not null default 0 check (selected >= 0),
    superseded   integer     not null default 0 check (superseded >= 0),
    skipped      integer     not null default 0 check (skipped >= 0),
    queued       integer     not null default 0 check (queued >= 0),
    answered     integer     not null default 0 check (answered >= 0),
    failed       integer     not null default 0 check (failed >= 0),
    round          smallint  not null default 1 check (round >= 1),
    round_queued   integer   not null default 0 check (round_queued >= 0),
    round_answered integer   not null default 0 check (round_answered >= 0),
    round_failed   integer   not null default 0 check (round_failed >= 0),
    queued_at    timestamptz,
    created_at   timestamptz not null default clock_timestamp(),
    stepped_at   timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    check (queued + skipped <= selected),
    check (answered <= queued and failed <= answered and round_answered <= round_queued and round_failed <= round_answered),
    check (state <> 'halted' or state_reason is not null),
    check ((ended_at is null) = (state not in ('done', 'cancelled')))
) with (fillfactor = 50);
create index replay_order_open on usher.replay_order (replay_id) where state in ('canary', 'rate') or queued > answered;

create table usher.replay_item (
    replay_id  bigint      not null references usher.replay_order,
    -- The job that ended, and the one that takes its place.
    job_id     bigint      not null,
    new_job_id bigint,
    round      smallint,
    queued_at  timestamptz,
    state      text        not null check (state in ('pending', 'queued', 'done', 'failed', 'cancelled', 'waiting', 'skipped',
                                                     'left')),
    -- Why it was skipped.
    cause      text        check (cause in ('live_job', 'newer_job', 'released', 'replayed', 'in_replay', 'gone')),
    primary key (replay_id, job_id),
    check ((state = 'skipped') = (cause is not null)),
    check ((state in ('pending', 'skipped', 'left')) = (new_job_id is null))
) with (fillfactor = 80);
create index replay_item_pending on usher.replay_item (replay_id, job_id) where state = 'pending';
-- Which jobs some replay has yet to queue.
create index replay_item_taken on usher.replay_item (job_id) where state = 'pending';
create index replay_item_open on usher.replay_item (replay_id) where state = 'queued';
create index replay_item_pace on usher.replay_item (replay_id, queued_at) where queued_at is not null;

-- Replayed jobs stand behind everything that is asked for: callers choose from 0 to 9.
alter table usher.job drop constraint job_priority_check;
alter table usher.job add constraint job_priority_check check (priority between -1 and 9) not valid;

-- What a replay takes by a filter: failed jobs unless the filter says cancelled.
create function usher.replay_scope(filter text) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer jsonb := parse_filter(filter);
    other text := (select min(s) from unnest(filter_allows(answer, 'state')) as s where s not in ('failed', 'cancelled'));
begin
    if other is not null then
        perform refuse_filter(null, format('a job that is %s cannot be replayed', other),
            'failed (dead) and cancelled ones can', other);
    end if;
    if not exists (select from jsonb_array_elements(answer) as c where c ->> 'field' = 'state') then
        answer := parse_filter('{"state": "failed"}'::jsonb) || answer;
    end if;
    return answer;
end $$;

-- Of these jobs, why each would be skipped; null for one that can be replayed.
create function usher.replay_causes(job_ids bigint[]) returns table (job_id bigint, cause text)
language sql stable set search_path = usher, pg_temp as $$
    select w.job_id,
           case when e.job_id is null or j.job_id is null or e.state not in ('failed', 'cancelled') then 'gone'
                when e.replayed_by is not null then 'replayed'
                -- A newer job of the same subject, live or ended, has taken its place.
                when exists (select from live where live.subject_id = j.subject_id) then 'live_job'
                when exists (select from job n where n.subject_id = j.subject_id and n.job_id > j.job_id) then 'newer_job'
                when exists (select from hostname h where h.hostname_id = j.subject_id and h.released_at is not null)
                then 'released' end
    from unnest(job_ids) as w (job_id)
    left join ended e on e.job_id = w.job_id
    left join job j on j.job_id = w.job_id
    order by w.job_id
$$;

drop function usher.replay, usher.replay_preview, usher.replay_candidates;

-- The jobs a replay with this canonical filter takes, and those it leaves alone with the cause.
create function usher.replay_candidates(filter jsonb) returns table (job_id bigint, cause text)
language sql stable set search_path = usher, pg_temp as $$
    select c.job_id, case when c.cause is null and exists (
               select from replay_item i where i.job_id = c.job_id and i.state = 'pending') then 'in_replay' else c.cause end
    from replay_causes(array(select matching_jobs(filter, replayable => true))) as c
    where c.cause is null or c.cause not in ('replayed', 'gone')
$$;

-- What `replay_start` would freeze at this moment.
create function usher.replay_preview(filter text, out selected integer, out superseded integer, out scope text,
                                     out causes jsonb, out errors jsonb, out tenants integer)
language sql stable set search_path = usher, pg_temp as $$
    with scope as (select replay_scope(filter) as filter),
    candidate as materialized (select c.* from scope, replay_candidates(scope.filter) as c),
    taken as (
        select coalesce(e.error_class, e.state) as error, j.lane_id
        from candidate c join ended e using (job_id) join job j using (job_id) where c.cause is null
    )
    select (select count(*) from taken)::integer, (select count(*) from candidate where cause is not null)::integer,
           (select filter_text(scope.filter) from scope),
           (select coalesce(jsonb_object_agg(cause, n), '{}')
            from (select cause, count(*) as n from candidate where cause is not null group by cause) as c),
           (select coalesce(jsonb_object_agg(error, n), '{}')
            from (select error, count(*) as n from taken group by error) as t),
           (select count(distinct lane_id) from taken)::integer
$$;

create function usher.replay_preview(filter jsonb, out selected integer, out superseded integer)
language sql stable set search_path = usher, pg_temp as $$
    select p.selected, p.superseded from replay_preview(filter::text) as p
$$;

-- Where a replay goes from here, by its numbers alone.
create function usher.replay_decision(o usher.replay_order) returns text
language sql immutable set search_path = usher, pg_temp as $$
    select case
        when o.state not in ('canary', 'rate') then o.state
        when o.queued + o.skipped = o.selected then
            -- Nothing is left to hold back.
            case when o.answered = o.queued then 'done' else o.state end
        when o.state = 'canary' and o.round_failed > o.halt_at * o.canary then 'halted'
        when o.state = 'canary' and o.round_queued >= o.canary and o.round_answered = o.round_queued then 'rate'
        -- Twenty answers are the fewest that tell a share.
        when o.state = 'rate' and o.round_answered >= 20 and o.round_failed > o.halt_at * o.round_answered then 'halted'
        else o.state end
$$;

-- How many jobs may be queued now, `recently` being those of the last minute.
create function usher.replay_allowance(o usher.replay_order, recently integer, moment timestamptz) returns integer
language sql immutable set search_path = usher, pg_temp as $$
    select case when o.state not in ('canary', 'rate') then 0 else greatest(0, least(
        o.selected - o.skipped - o.queued,
        -- The canary; then never more under way than were answered before, and never very many.
        case when o.state = 'canary' then o.canary - o.round_queued
             else least(1000, greatest(25, o.canary, o.round_answered)) - (o.queued - o.answered) end,
        -- In no minute more than asked for, and not all of it at once.
        o.per_minute - recently,
        case when o.per_minute is not null then least(greatest(1, o.per_minute / 6),
            floor(o.per_minute * extract(epoch from moment - coalesce(o.queued_at, moment - interval '1 minute'))
                  / 60))::integer end)) end
$$;

-- Queues the successor of an ended job; null if its subject has a live job by now.
create function usher.requeue(old usher.job, p_batch_id bigint) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    behind constant smallint := -1;
    placed record;
begin
    if old.subject_id is null then
        insert into job (kind, lane_id, batch_id, priority, payload, replay_of)
        values (old.kind, old.lane_id, p_batch_id, behind, old.payload, old.job_id)
        returning job_id as job into placed;
        insert into ready (job_id, lane_id, priority) values (placed.job, old.lane_id, behind);
        insert into lane_wake (lane_id) values (old.lane_id);
        return placed.job;
    end if;
    if exists (select from live where live.subject_id = old.subject_id) then return null; end if;
    placed := place_job(old.kind, old.lane_id, old.subject_id, p_batch_id, behind, null, old.job_id);
    if not placed.created then return null; end if;
    if old.payload <> '{}' then
        update job set payload = old.payload where job_id = placed.job;
    end if;
    update hostname h set standing = 'queued', standing_actor = null, standing_message = null
    where h.hostname_id = old.subject_id and h.standing in ('refused', 'failed');
    return placed.job;
end $$;

-- Queues up to `max_count` of a replay's frozen jobs. A job that somebody's transaction is at work on is left for the next
-- step: waiting for it here, with others held, could deadlock with that transaction. So is one for which a quota has no room.
create function usher.queue_replayed(o usher.replay_order, max_count integer) returns usher.replay_order
language plpgsql set search_path = usher, pg_temp set lock_timeout = '100ms' as $$
declare
    item record;
    old job;
    successor bigint;
    busy integer := 0;
begin
    for item in
        select * from replay_causes(array(select i.job_id from replay_item i
                                          where i.replay_id = o.replay_id and i.state = 'pending'
                                          order by i.job_id limit max_count))
    loop
        begin
            if item.cause is null then
                -- Held until the end, so that no other replay takes it.
                perform from ended e where e.job_id = item.job_id and e.replayed_by is null for no key update;
                if not found then item.cause := 'replayed'; end if;
            end if;
            if item.cause is null then
                select * into old from job j where j.job_id = item.job_id;
                successor := requeue(old, o.batch_id);
                if successor is null then item.cause := 'live_job'; end if;
            end if;
            if item.cause is null then
                update ended e set replayed_by = successor where e.job_id = item.job_id;
                update replay_item i set state = 'queued', new_job_id = successor, round = o.round,
                                         queued_at = clock_timestamp()
                where i.replay_id = o.replay_id and i.job_id = item.job_id;
                o.queued := o.queued + 1;
                o.round_queued := o.round_queued + 1;
            else
                update replay_item i set state = 'skipped', cause = item.cause
                where i.replay_id = o.replay_id and i.job_id = item.job_id;
                o.skipped := o.skipped + 1;
                update batch b set total = b.total - 1 where b.batch_id = o.batch_id;
            end if;
        exception when lock_not_available or configuration_limit_exceeded then
            busy := busy + 1;
        end;
        exit when busy = 5;
    end loop;
    return o;
end $$;

-- Takes a replay as far as it may go now: what was answered, what follows from it, what is queued next. Answers how it
-- stands then. `at_once` queues all that is left, whatever the pace.
create function usher.replay_advance(p_replay_id bigint, at_once boolean default false) returns usher.replay_order
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine replay_order;
    seen record;
    quota integer;
begin
    select * into mine from replay_order r where r.replay_id = p_replay_id for no key update;
    if not found then
        raise exception 'there is no replay %', p_replay_id using errcode = 'UE051', hint = 'see usher replay list',
            detail = jsonb_build_object('code', 'UE051', 'replay_id', p_replay_id)::text;
    end if;
    with answer as (
        update replay_item i set state = a.state
        from (select q.job_id, coalesce(e.state, 'waiting') as state
              from replay_item q
              left join ended e on e.job_id = q.new_job_id
              left join deferred d on d.job_id = q.new_job_id and d.actor in ('tenant', 'operator') and d.reason <> 'retry'
              where q.replay_id = p_replay_id and q.state = 'queued' and coalesce(e.job_id, d.job_id) is not null) as a
        where i.replay_id = p_replay_id and i.job_id = a.job_id
        returning i.state, i.round
    )
    select count(*) as answered, count(*) filter (where state = 'failed') as failed,
           count(*) filter (where round = mine.round) as round_answered,
           count(*) filter (where round = mine.round and state = 'failed') as round_failed
    into seen from answer;
    mine.answered := mine.answered + seen.answered;
    mine.failed := mine.failed + seen.failed;
    mine.round_answered := mine.round_answered + seen.round_answered;
    mine.round_failed := mine.round_failed + seen.round_failed;

    mine.state := replay_decision(mine);
    if mine.state = 'halted' and mine.state_reason is null then
        mine.state_reason := format('%s of %s answered jobs failed, above %s %%', mine.round_failed, mine.round_answered,
                                    trim_scale(mine.halt_at * 100));
    end if;
    quota := case when at_once then mine.selected - mine.skipped - mine.queued else least(500, replay_allowance(mine, (
        select count(*) from replay_item i
        where mine.per_minute is not null and i.replay_id = p_replay_id
          and i.queued_at > clock_timestamp() - interval '1 minute')::integer, clock_timestamp())) end;
    if quota > 0 and mine.state in ('canary', 'rate') then
        seen := row(mine.queued);
        mine := queue_replayed(mine, quota);
        if mine.queued > seen.f1 then mine.queued_at := clock_timestamp(); end if;
        mine.state := replay_decision(mine);
    end if;
    update replay_order r set state = mine.state, state_reason = mine.state_reason, skipped = mine.skipped,
        queued = mine.queued, answered = mine.answered, failed = mine.failed, round_queued = mine.round_queued,
        round_answered = mine.round_answered, round_failed = mine.round_failed, queued_at = mine.queued_at,
        stepped_at = clock_timestamp(), ended_at = case when mine.state in ('done', 'cancelled')
                                                        then coalesce(mine.ended_at, clock_timestamp()) end
    where r.replay_id = p_replay_id
    returning r.* into mine;
    return mine;
end $$;

-- What any worker calls now and then: takes the replay that waited longest one step on. Nobody else is at work on it
-- meanwhile, and a step that is interrupted has not happened. Null if there is none.
create function usher.replay_step(out replay_id bigint, out state text, out queued integer)
language plpgsql set search_path = usher, pg_temp as $$
declare
    before replay_order;
    now replay_order;
begin
    select r.* into before from replay_order r
    where r.state in ('canary', 'rate') or r.queued > r.answered
    order by r.stepped_at limit 1 for no key update skip locked;
    if not found then return; end if;
    now := replay_advance(before.replay_id);
    replay_id := now.replay_id;
    state := now.state;
    queued := now.queued - before.queued;
end $$;

-- Orders a replay: what the filter selects is frozen, its canary queued. `halt_at` is a share from 0 to 1; `expected` is the
-- number a preview told: if another is selected now, nothing is done (UE053).
create function usher.replay_start(filter text, reason text, canary integer default 25, per_minute integer default null,
    halt_at numeric default 0.05, expected integer default null,
    out replay_id bigint, out batch_id bigint, out selected integer, out superseded integer, out scope text, out state text)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    wanted jsonb := replay_scope($1);
begin
    if $3 < 0 or $4 < 1 or $4 > 1000000 or $5 not between 0 and 1 then
        raise exception 'canary is 0 or more, per_minute 1 to 1000000, halt_at 0 to 1' using errcode = '22023',
            hint = 'halt_at 0.05 halts when more than 5 % fail',
            detail = jsonb_build_object('canary', $3, 'per_minute', $4, 'halt_at', $5)::text;
    end if;
    if coalesce(length($2), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept with the batch',
            detail = '{"field": "reason"}';
    end if;
    insert into batch (name, origin, reason) values ('replay', 'replay', left($2, 4000))
    returning batch.batch_id into batch_id;
    insert into replay_order (batch_id, filter, reason, canary, per_minute, halt_at, state)
    values (batch_id, wanted, left($2, 4000), $3, $4, $5, case when $3 = 0 then 'rate' else 'canary' end)
    returning replay_order.replay_id into replay_id;
    with frozen as (
        insert into replay_item (replay_id, job_id, state, cause)
        select replay_start.replay_id, c.job_id, case when c.cause is null then 'pending' else 'skipped' end, c.cause
        from replay_candidates(wanted) as c
        returning state
    )
    select count(*) filter (where f.state = 'pending'), count(*) filter (where f.state = 'skipped')
    into selected, superseded from frozen f;
    if $6 <> selected then
        raise exception '% jobs are selected, % were expected', selected, $6 using errcode = 'UE053',
            hint = 'preview it again',
            detail = jsonb_build_object('code', 'UE053', 'selected', selected, 'expected', $6)::text;
    end if;
    update replay_order r set selected = replay_start.selected, superseded = replay_start.superseded
    where r.replay_id = replay_start.replay_id;
    update batch b set total = selected where b.batch_id = replay_start.batch_id;
    scope := filter_text(wanted);
    perform record_audit('replay_start', $2, jsonb_build_object('replay_id', replay_id, 'batch_id', batch_id, 'scope', scope,
        'selected', selected, 'superseded', superseded, 'canary', $3, 'per_minute', $4, 'halt_at', $5));
    state := (replay_advance(replay_id)).state;
end $$;

-- The first form of a replay: all at once, with no canary. Each ended job is replayed at most once; its history stays.
create function usher.replay(filter jsonb, reason text, out batch_id bigint, out replayed integer, out superseded integer)
language plpgsql set search_path = usher, pg_temp as $$
declare
    started record := replay_start(filter::text, reason, canary => 0, halt_at => 1);
    mine replay_order := replay_advance(started.replay_id, at_once => true);
begin
    batch_id := mine.batch_id;
    replayed := mine.queued;
    superseded := mine.superseded + mine.skipped;
end $$;

-- An operator's word on a replay in one of these states; answers it as it was.
create function usher.hold_replay(p_replay_id bigint, action text, reason text, states text[]) returns usher.replay_order
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine replay_order;
begin
    select * into mine from replay_order r where r.replay_id = p_replay_id for no key update;
    if not found then
        raise exception 'there is no replay %', p_replay_id using errcode = 'UE051', hint = 'see usher replay list',
            detail = jsonb_build_object('code', 'UE051', 'replay_id', p_replay_id)::text;
    end if;
    if mine.state <> all (states) then
        raise exception 'replay % is in state %', p_replay_id, mine.state using errcode = 'UE052',
            hint = format('only %s can be', array_to_string(states, ' or ')),
            detail = jsonb_build_object('code', 'UE052', 'replay_id', p_replay_id, 'state', mine.state)::text;
    end if;
    perform record_audit(action, reason, jsonb_build_object('replay_id', p_replay_id, 'state', mine.state,
        'queued', mine.queued, 'left', mine.selected - mine.skipped - mine.queued));
    return mine;
end $$;

-- Queues no more; what is queued runs on.
create function usher.replay_halt(replay_id bigint, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform hold_replay($1, 'replay_halt', $2, '{canary,rate}');
    update replay_order r set state = 'halted', state_reason = left($2, 4000) where r.replay_id = $1;
    return 'halted';
end $$;

-- Goes on with what is left, with a canary first, and measures the share of failures anew.
create function usher.replay_resume(replay_id bigint, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
begin
    perform hold_replay($1, 'replay_resume', $2, '{halted}');
    update replay_order r set state = case r.canary when 0 then 'rate' else 'canary' end, state_reason = null,
        round = r.round + 1, round_queued = 0, round_answered = 0, round_failed = 0 where r.replay_id = $1;
    return (replay_advance($1)).state;
end $$;

-- Ends it; what is not queued yet is left as it was and can be replayed by another order.
create function usher.replay_cancel(replay_id bigint, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
declare
    mine replay_order := hold_replay($1, 'replay_cancel', $2, '{canary,rate,halted}');
begin
    update replay_item i set state = 'left' where i.replay_id = $1 and i.state = 'pending';
    update batch b set total = mine.queued where b.batch_id = mine.batch_id;
    update replay_order r set state = 'cancelled', state_reason = left($2, 4000), ended_at = clock_timestamp()
    where r.replay_id = $1;
    return 'cancelled';
end $$;

-- How a replay stands.
create function usher.replay_status(replay_id bigint) returns jsonb
language plpgsql stable set search_path = usher, pg_temp as $$
declare
    answer jsonb;
begin
    select jsonb_strip_nulls(to_jsonb(r) - '{filter,round_queued,round_answered,round_failed,queued_at}'::text[])
           || jsonb_build_object('scope', filter_text(r.filter), 'left', r.selected - r.skipped - r.queued,
               -- One that waited when the replay had its answer may have ended since.
               'items', (select coalesce(jsonb_object_agg(s.state, s.n), '{}') from (
                   select coalesce(e.state, i.state) as state, count(*) as n
                   from replay_item i left join ended e on e.job_id = i.new_job_id and i.state = 'waiting'
                   where i.replay_id = $1 group by 1) as s),
               'causes', (select coalesce(jsonb_object_agg(s.cause, s.n), '{}') from (
                   select i.cause, count(*) as n from replay_item i
                   where i.replay_id = $1 and i.state = 'skipped' group by i.cause) as s))
    into answer from replay_order r where r.replay_id = $1;
    if answer is null then
        raise exception 'there is no replay %', $1 using errcode = 'UE051', hint = 'see usher replay list',
            detail = jsonb_build_object('code', 'UE051', 'replay_id', $1)::text;
    end if;
    return answer;
end $$;

-- Cancels what a filter selects, in chunks: what it takes is frozen first, so that the number that was shown is the number
-- that is acted on, and a cancellation that was interrupted goes on where it stopped.
create table usher.cancel_order (
    cancel_id  bigint      generated always as identity primary key,
    filter     jsonb       not null check (jsonb_typeof(filter) = 'array'),
    reason     text        not null check (length(reason) between 1 and 4000),
    -- `prepared` until its first step: nothing has been done, nothing may ever be.
    state      text        not null default 'prepared' check (state in ('prepared', 'running', 'done')),
    selected   integer     not null default 0 check (selected >= 0),
    created_at timestamptz not null default clock_timestamp(),
    ended_at   timestamptz,
    check ((ended_at is null) = (state <> 'done'))
);
create table usher.cancel_item (
    cancel_id bigint not null references usher.cancel_order on delete cascade,
    job_id    bigint not null,
    -- The job's state after it: cancelled, cancelling (its attempt was asked to stop), or how it had ended before.
    result    text   check (result ~ '^[a-z]+$'),
    primary key (cancel_id, job_id)
);
create index cancel_item_pending on usher.cancel_item (cancel_id, job_id) where result is null;

-- One job, with its place in the audit. The function under it is the same order without.
alter function usher.cancel(bigint, text) rename to cancel_job;
create function usher.cancel(job_id bigint, reason text) returns text
language plpgsql set search_path = usher, pg_temp as $$
declare
    answer text := cancel_job($1, $2);
begin
    if answer in ('cancelled', 'cancelling') then
        perform record_audit('cancel', $2, jsonb_build_object('job_id', $1, 'state', answer));
    end if;
    return answer;
end $$;

-- Freezes the jobs a filter selects that have not ended, and counts them; nothing is cancelled yet.
create function usher.cancel_prepare(filter text, reason text, out cancel_id bigint, out selected integer, out scope text,
                                     out states jsonb, out tenants integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    wanted jsonb := parse_filter($1);
    other text := (select min(s) from unnest(filter_allows(wanted, 'state')) as s
                   where s not in ('ready', 'running', 'retrying', 'waiting'));
begin
    if wanted = '[]' then
        perform refuse_filter(null, 'the filter is empty', 'name at least one condition, such as tenant = acme');
    end if;
    if other is not null then
        perform refuse_filter(null, format('a job that is %s cannot be cancelled', other),
            'ready, running, retrying and waiting ones can', other);
    end if;
    if coalesce(length($2), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept',
            detail = '{"field": "reason"}';
    end if;
    if filter_allows(wanted, 'state') is null then
        wanted := parse_filter('{"state": ["ready", "running", "retrying", "waiting"]}'::jsonb) || wanted;
    end if;
    -- What was shown and never confirmed.
    delete from cancel_order o where o.state = 'prepared' and o.created_at < clock_timestamp() - interval '1 day';
    insert into cancel_order (filter, reason) values (wanted, left($2, 4000)) returning cancel_order.cancel_id into cancel_id;
    with chosen as (
        select m.job_id from matching_jobs(wanted) as m (job_id)
    ), frozen as (
        insert into cancel_item (cancel_id, job_id) select cancel_prepare.cancel_id, c.job_id from chosen c
    ), placed as (
        select p.state, p.tenant from chosen c join job_place p on p.job_id = c.job_id
    )
    select (select count(*) from placed), (select count(distinct p.tenant) from placed p),
           (select coalesce(jsonb_object_agg(s.state, s.n), '{}')
            from (select p.state, count(*) as n from placed p group by p.state) as s)
    into selected, tenants, states;
    update cancel_order o set selected = cancel_prepare.selected where o.cancel_id = cancel_prepare.cancel_id;
    scope := filter_text(wanted);
end $$;

-- Cancels up to `max_count` more of them; call it until nothing is left. A job that somebody's transaction is at work on is
-- left for the next step.
create function usher.cancel_step(cancel_id bigint, max_count integer default 500,
                                  out cancelled integer, out cancelling integer, out ended_before integer,
                                  out remaining integer)
language plpgsql set search_path = usher, pg_temp set lock_timeout = '100ms' as $$
#variable_conflict use_column
declare
    mine cancel_order;
    item record;
    answer text;
    busy integer := 0;
begin
    select * into mine from cancel_order o where o.cancel_id = $1 for no key update;
    if not found then
        raise exception 'there is no cancellation %', $1 using errcode = 'UE054', hint = 'prepare it again',
            detail = jsonb_build_object('code', 'UE054', 'cancel_id', $1)::text;
    end if;
    cancelled := 0;
    cancelling := 0;
    ended_before := 0;
    if mine.state = 'prepared' then
        perform record_audit('cancel_jobs', mine.reason, jsonb_build_object(
            'cancel_id', $1, 'scope', filter_text(mine.filter), 'selected', mine.selected));
    end if;
    for item in
        select i.job_id from cancel_item i where i.cancel_id = $1 and i.result is null order by i.job_id limit $2
    loop
        begin
            answer := coalesce(cancel_job(item.job_id, mine.reason), 'gone');
            update cancel_item i set result = answer where i.cancel_id = $1 and i.job_id = item.job_id;
            cancelled := cancelled + (answer = 'cancelled')::integer;
            cancelling := cancelling + (answer = 'cancelling')::integer;
            ended_before := ended_before + (answer not in ('cancelled', 'cancelling'))::integer;
        exception when lock_not_available then
            busy := busy + 1;
        end;
        exit when busy = 5;
    end loop;
    select count(*) into remaining from cancel_item i where i.cancel_id = $1 and i.result is null;
    update cancel_order o set state = case remaining when 0 then 'done' else 'running' end,
        ended_at = case remaining when 0 then clock_timestamp() end
    where o.cancel_id = $1;
end $$;

-- migrate:down
drop function usher.cancel_step, usher.cancel_prepare, usher.cancel;
alter function usher.cancel_job(bigint, text) rename to cancel;
drop table usher.cancel_item, usher.cancel_order;
drop function usher.replay_status, usher.replay_cancel, usher.replay_resume, usher.replay_halt, usher.hold_replay,
    usher.replay, usher.replay_start, usher.replay_step, usher.replay_advance, usher.queue_replayed, usher.requeue,
    usher.replay_allowance,
    usher.replay_decision, usher.replay_preview(jsonb), usher.replay_preview(text), usher.replay_candidates,
    usher.replay_causes, usher.replay_scope;
drop table usher.replay_item, usher.replay_order;
drop function usher.list_jobs, usher.matching_jobs, usher.filter_times, usher.filter_numbers, usher.filter_denies,
    usher.filter_allows, usher.filter_text, usher.parse_filter(text), usher.parse_filter(jsonb), usher.narrowed,
    usher.filter_condition,
    usher.filter_value, usher.filter_field, usher.refuse_filter, usher.nearest_word;
-- Jobs that were replayed stand behind the others until they end.
alter table usher.job drop constraint job_priority_check;
alter table usher.job add constraint job_priority_check check (priority between 0 and 9) not valid;
-- Which ended jobs a replay would take. Filter: state (failed, cancelled), error_class, code, tenant, tier, since, until;
-- an unknown key is an error, so that a typing mistake never widens the scope.
create function usher.replay_candidates(filter jsonb)
returns table (job_id bigint, lane_id integer, subject_id bigint, superseded boolean)
language plpgsql stable set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    unknown text := (select min(key) from jsonb_object_keys(filter) as k (key)
                     where key not in ('state', 'error_class', 'code', 'tenant', 'tier', 'since', 'until'));
begin
    if unknown is not null then
        raise exception 'unknown filter key %', unknown using errcode = '22023',
            hint = 'state, error_class, code, tenant, tier, since, until';
    end if;
    return query
        select e.job_id, j.lane_id, j.subject_id,
               -- A newer job of the same hostname, live or ended, has taken its place.
               exists (select from live where live.subject_id = j.subject_id)
               or exists (select from job n where n.subject_id = j.subject_id and n.job_id > j.job_id)
               or exists (select from hostname h where h.hostname_id = j.subject_id and h.released_at is not null)
        from ended e join job j using (job_id)
        join lane using (lane_id)
        left join tenant t on t.lane_id = j.lane_id
        where e.state = coalesce(filter ->> 'state', 'failed') and e.state in ('failed', 'cancelled')
          and e.replayed_by is null
          and (filter -> 'error_class' is null or e.error_class = filter ->> 'error_class')
          and (filter -> 'code' is null or e.code = filter ->> 'code')
          and (filter -> 'tenant' is null or lane.name = filter ->> 'tenant')
          and (filter -> 'tier' is null or t.tier = filter ->> 'tier')
          and (filter -> 'since' is null or e.ended_at >= (filter ->> 'since')::timestamptz)
          and (filter -> 'until' is null or e.ended_at < (filter ->> 'until')::timestamptz)
        order by e.job_id;
end $$;

create function usher.replay_preview(filter jsonb, out selected integer, out superseded integer)
language sql stable set search_path = usher, pg_temp as $$
    select count(*) filter (where not c.superseded), count(*) filter (where c.superseded) from replay_candidates(filter) c
$$;

-- Queues the selected jobs again as a batch of its own. Each ended job is replayed at most once; its history stays.
create function usher.replay(filter jsonb, reason text, out batch_id bigint, out replayed integer, out superseded integer)
language plpgsql set search_path = usher, pg_temp as $$
#variable_conflict use_column
declare
    old record;
    placed record;
begin
    if coalesce(length(reason), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept with the batch';
    end if;
    insert into batch (name, origin, reason) values ('replay', 'replay', reason) returning batch.batch_id into batch_id;
    replayed := 0;
    superseded := 0;
    for old in select * from replay_candidates(filter) loop
        if old.superseded then
            superseded := superseded + 1;
            continue;
        end if;
        placed := place_job('onboard', old.lane_id, old.subject_id, batch_id, 0::smallint, null, old.job_id);
        update ended e set replayed_by = placed.job where e.job_id = old.job_id;
        update hostname h set standing = 'queued', standing_actor = null, standing_message = null
        where h.hostname_id = old.subject_id and h.standing in ('refused', 'failed');
        replayed := replayed + placed.created::integer;
    end loop;
    update batch b set total = replayed where b.batch_id = replay.batch_id;
end $$;
