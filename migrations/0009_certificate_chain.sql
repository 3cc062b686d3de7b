-- The same leaf with other intermediates is another certificate: the chain is served as it was given, and a tenant that
-- completes one must not be told that nothing changed.

-- migrate:up
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

-- migrate:down
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
      and c.fingerprint = put_certificate.fingerprint;
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
