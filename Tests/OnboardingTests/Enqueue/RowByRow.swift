import Foundation
import Postgres

/// Enqueues random rows in two ways, row by row and at once, and tells what differs.
enum RowByRow {
    /// Functions of the session that runs them, one a statement.
    static let functions: [Statement] = source.components(separatedBy: "--\n").map { Statement(verbatim: $0) }

    /// The function for one row as `migrations/0005_enqueue.sql` had it, under another name.
    static func functionsOfOld() throws -> [Statement] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../migrations")
        let text = try String(contentsOf: folder.appending(path: "0005_enqueue.sql"), encoding: .utf8)
        return ["place_job", "try_enqueue"].compactMap { name in
            text.components(separatedBy: "create function ").first { $0.hasPrefix("usher.\(name)(") }
        }
        .map { function in
            let body = function.components(separatedBy: "end $$;")[0] + "end $$"
            return Statement(
                verbatim: "create function "
                    + body.replacing("place_job(", with: "old_place_job(")
                    .replacing("try_enqueue(", with: "old_try_enqueue(")
            )
        }
    }

    private static let source = """
        -- Random rows, few names and tenants so that they meet often.
        create function pg_temp.some_rows(seed double precision, count integer) returns jsonb language plpgsql as $$
        declare
            names constant text[] := array[
                'shop.acme.com', 'SHOP.acme.com', 'a.b', 'co.uk', 'www.test', 'bücher.de', 'x--y.com',
                    'xn--bcher-kva.de', 'one', '',
                'a..com', '-a.com', 'a-.com.net', '1.2.3.4', '*.acme.com', 'www.acme.com.', repeat('a', 64) || '.com',
                repeat('ab.', 90) || 'com', 'example.com', 'a.example.org', 'ab--cd.example-x.com',
                    'k' || chr(8490) || '.com',
                'a b.com', 'straße.de', 'n1.com', 'n2.com', 'n3.com', 'n4.com', 'n5.com', 'n6.com', 'n7.com',
                    'n8.com', 'n9.com',
                'm1.example-x.com', 'm2.example-x.com', 'm3.example-x.com', 'm4.example-x.com', 'm5.example-x.com'];
            options constant jsonb := '[{}, {}, {}, {"min_tls": "1.2"}, {"min_tls": "1.3"}, {"min_tls": null},
                {"min_tls": "9"},
                {"wildcard": true}, {"wildcard": null, "min_tls": "1.2"}, {"wildcard": "yes"},
                    {"ciphers": ["A"]}, {"ciphers": [1]},
                {"ciphers": null}, {"odd": 1}, [], null, {"custom_certificate": false}, 7]';
        begin
            perform setseed(seed);
            return (select jsonb_agg(
                        case when random() < 0.8
                             then jsonb_build_object('tenant', t, 'hostname', h, 'opts', options -> o, 'priority', p)
                             when random() < 0.5 then jsonb_build_object('tenant', t, 'hostname', h)
                             when random() < 0.5 then '{}' else '5'::jsonb end)
                    from (select (array['gold1', 'gold2', 'small1', 'small2', 'tiny1',
                        'nobody'])[1 + floor(random() * 6)] as t,
                                 names[1 + floor(random() * cardinality(names))] as h,
                                     floor(random() * 18)::integer as o,
                                 case when random() < 0.03 then 11 else floor(random() * 3) end as p
                          from generate_series(1, count)) r);
        end $$;
        --
        create function pg_temp.state() returns jsonb language sql as $$
            select jsonb_build_object(
                'hosts', (select jsonb_agg(jsonb_build_array(tenant, name, wish, generation, standing) order by name)
                          from usher.hostname where released_at is null),
                'jobs', (select jsonb_agg(jsonb_build_array(h.name, j.priority, j.lane_id, j.kind, r.job_id is not null,
                                                            d.job_id is not null) order by j.job_id)
                         from usher.job j join usher.hostname h on h.hostname_id = j.subject_id
                         left join usher.ready r using (job_id) left join usher.deferred d using (job_id)),
                'misplaced', (select count(*) from usher.misplaced),
                'asleep', (select jsonb_agg(distinct lane_id) from usher.ready r
                           where not exists (select from usher.lane_wake w where w.lane_id = r.lane_id)))
        $$;
        --
        create function pg_temp.one_by_one(rows jsonb, function text) returns jsonb language plpgsql as $$
        declare
            item record;
            a usher.enqueue_answer;
            answers jsonb := '[]';
            made integer := 0;
            taken integer := 0;
        begin
            for item in select value, ordinality - 1 as index from jsonb_array_elements(rows) with ordinality loop
                execute format('select * from %s($1, $2, $3, $4, null, null)', function) into a
                using item.value ->> 'tenant', item.value ->> 'hostname', coalesce(item.value -> 'opts', '{}'),
                      coalesce((item.value ->> 'priority')::integer, 0);
                if a.code is null then
                    taken := taken + 1;
                    made := made + a.created::integer;
                else
                    answers := answers || jsonb_build_array(a.detail || jsonb_build_object('index', item.index,
                        'message', a.message, 'hint', a.hint));
                end if;
            end loop;
            return jsonb_build_object('taken', taken, 'made', made, 'bad', answers, 'state', pg_temp.state());
        end $$;
        --
        create function pg_temp.at_once(rows jsonb) returns jsonb language sql as $$
            select jsonb_build_object('taken', accepted, 'made', created, 'bad', rejected)
            from usher.enqueue_batch(rows, 'test', 'partial')
        $$;
        --
        -- Some jobs have ended, some wait, some hostnames were refused.
        create function pg_temp.live_on() returns void language sql as $$
            with gone as (
                delete from usher.live l using usher.hostname h
                where h.hostname_id = l.subject_id and length(h.name) % 3 = 0 returning l.job_id
            ), out as (
                delete from usher.ready r using gone where r.job_id = gone.job_id returning r.job_id
            )
            insert into usher.ended (job_id, state, outcome, attempts) select job_id, 'done', 'done', 1 from out;
            with gone as (
                delete from usher.ready r using usher.live l join usher.hostname h on h.hostname_id = l.subject_id
                where l.job_id = r.job_id and length(h.name) % 3 = 1 returning r.*
            )
            insert into usher.deferred (job_id, lane_id, priority, due_at, reason, actor)
            select job_id, lane_id, priority, now() + interval '1 h', 'waiting', 'us' from gone;
            update usher.hostname set standing = 'failed' where length(name) % 2 = 0;
        $$;
        --
        -- Answers what differs between the two ways, which is nothing.
        create function pg_temp.difference(seed double precision, count integer, function text) returns text
        language plpgsql as $$
        declare
            start constant jsonb := pg_temp.some_rows(seed / 2, 8);
            rows constant jsonb := pg_temp.some_rows(seed, count);
            one jsonb;
            other jsonb;
        begin
            for round in 1..2 loop
                begin
                    perform pg_temp.at_once(start);
                    perform pg_temp.live_on();
                    if round = 1 then
                        one := pg_temp.one_by_one(rows, function);
                    else
                        other := pg_temp.at_once(rows);
                        other := other || jsonb_build_object('state', pg_temp.state());
                    end if;
                    raise exception using errcode = 'ZZ999';
                exception when sqlstate 'ZZ999' then null;
                end;
            end loop;
            return case when one <> other then jsonb_build_object('rows', rows, 'one', one, 'other', other)::text end;
        end $$;
        """
}
