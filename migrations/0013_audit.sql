-- Who ordered what, and why: every order of an operator, whichever way it came.

-- migrate:up
create table usher.audit (
    audit_id bigint      generated always as identity primary key,
    at       timestamptz not null default clock_timestamp(),
    actor    text        not null check (length(actor) between 1 and 200),
    -- The role that was logged in, whatever name the actor gave.
    role     text        not null default session_user,
    action   text        not null check (action ~ '^[a-z][a-z_]*$'),
    reason   text        not null check (length(reason) between 1 and 4000),
    subject  jsonb       not null check (jsonb_typeof(subject) = 'object')
);
create index audit_time on usher.audit (at);
create trigger audit_is_history before update or delete on usher.audit
    for each row execute function usher.refuse_change();

-- Records an order beside what it does. The actor is the setting `usher.actor` where a program gives it (the command line
-- does), else the role that is logged in.
create function usher.record_audit(p_action text, p_reason text, p_subject jsonb) returns bigint
language plpgsql set search_path = usher, pg_temp as $$
declare
    answer bigint;
begin
    if coalesce(length(p_reason), 0) = 0 then
        raise exception 'a reason is required' using errcode = '22023', hint = 'say why; it is kept';
    end if;
    insert into audit (actor, action, reason, subject)
    values (coalesce(nullif(current_setting('usher.actor', true), ''), session_user), p_action, left(p_reason, 4000), p_subject)
    returning audit_id into answer;
    return answer;
end $$;

-- migrate:down
drop function usher.record_audit;
drop table usher.audit;
