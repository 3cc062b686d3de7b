-- What a platform's own code does with Usher, in psql: hand in work in one's own transaction, ask how it stands.
-- The login needs: grant usher_enqueuer to <login>, and select usher.grant_tenant('<login>', '*', '<reason>').
\set ON_ERROR_STOP on

create temp table shop (name text primary key, job_id bigint);

-- In one transaction with one's own rows: both are there afterwards, or neither.
begin;
select applied from usher.set_tier(tenant => 'shop-7', tier => 'gold', source_event_id => 'signup-7', source_version => 1);
insert into shop (name, job_id)
select 'shop-7', job_id
from usher.enqueue_onboarding(tenant => 'shop-7', hostname => 'www.shop-7.com', idempotency_key => 'signup-7');
commit;

-- The same key with the same arguments is the same job; `created` tells.
select q.job_id = shop.job_id as same_job, q.created
from shop cross join usher.enqueue_onboarding('shop-7', 'www.shop-7.com', idempotency_key => 'signup-7') as q;

-- Many at once; refused rows come back, the others are queued.
select batch_id, accepted, created, rejected -> 0 ->> 'code' as first_refusal
from usher.enqueue_batch(
    rows => '[{"tenant": "shop-7", "hostname": "a.shop-7.com"}, {"tenant": "shop-7", "hostname": "not a name"}]',
    batch_name => 'move of shop-7', mode => 'partial') \gset
select :accepted as accepted, :'first_refusal' as first_refusal;

-- How it stands.
select usher.batch_progress(:batch_id) -> 'total' as total;
select usher.hostname_status('shop-7', 'www.shop-7.com') ->> 'standing' as standing;
select usher.job_status(job_id) ->> 'state' as state from shop;

-- A refusal has a code of Usher's own, a JSON document and what to do: see usher.error_code.
\set ON_ERROR_STOP off
select usher.hostname_status('shop-7', 'nobody.shop-7.com');
select :'LAST_ERROR_SQLSTATE' as refused_with;
