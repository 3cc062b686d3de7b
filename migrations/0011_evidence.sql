-- Evidence: what handshakes have shown of each hostname, and under which revision of its policy.

-- migrate:up
create table usher.evidence (
    evidence_id bigint generated always as identity primary key,
    hostname_id bigint      not null references usher.hostname,
    -- As they were then: a hostname that is released may be claimed by another tenant.
    hostname    text        not null,
    tenant      text        not null,
    policy      text        not null check (policy ~ '^[a-z0-9][a-z0-9_-]*@[0-9]+$'),
    generation  bigint      not null check (generation >= 1),
    seen_at     timestamptz not null default clock_timestamp(),
    -- Address and port that were asked; null if it did not come to that.
    address     text,
    -- For the name itself, and for a wildcard one name below it: what had to be seen, what was seen, what is amiss.
    wanted      jsonb       not null check (jsonb_typeof(wanted) = 'array'),
    seen        jsonb       not null check (jsonb_typeof(seen) = 'array'),
    mismatches  jsonb       not null check (jsonb_typeof(mismatches) = 'array'),
    result      text        not null check (result in ('proved', 'mismatch', 'unreachable')),
    check ((result = 'proved') = (mismatches = '[]'))
);
create index evidence_latest on usher.evidence (hostname_id, evidence_id);
create index evidence_proved on usher.evidence (hostname_id, evidence_id) where result = 'proved';
create trigger evidence_is_immutable before update or delete on usher.evidence
    for each row execute function usher.refuse_change();

-- migrate:down
drop table usher.evidence;
