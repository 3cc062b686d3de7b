"""The provider's own Python client against the simulator, with every answer checked against its published types.

Strict validation needs a simulator that leaves absent texts out (--absent-text omitted): the documented samples write
"" where the types want a date or a word of a list, and the last check shows that this, and nothing else, is refused.

Environment: URL (with /client/v4), CONTROL (its root), ZONE, ACCOUNT, TOKEN, and READER, a token that may only read.
Standard input: JSON with the PEM pairs `elliptic`, `rsa` and `newer` (elliptic) for bundle.tenant.dev.
Prints one line for each check; the first that fails ends the run with status 1.
"""

import json
import os
import sys

import cloudflare
import httpx

URL, CONTROL = os.environ["URL"], os.environ["CONTROL"]
ZONE, ACCOUNT = os.environ["ZONE"], os.environ["ACCOUNT"]
PAIRS = json.load(sys.stdin)
SSL = {"type": "dv", "method": "http"}


def client(token, strict=True, retries=0):
    return cloudflare.Cloudflare(
        api_token=token, base_url=URL, max_retries=retries, timeout=30, _strict_response_validation=strict
    )


provider = client(os.environ["TOKEN"])
hostnames = provider.custom_hostnames


def control(path, body):
    httpx.post(f"{CONTROL}/simulator/{path}", json=body, timeout=30).raise_for_status()


def expect(truth, message):
    if not truth:
        raise AssertionError(message)


def refused(status, code, call):
    """The call fails with this status and code, by the client's own reading of the envelope."""
    try:
        call()
    except cloudflare.APIStatusError as error:
        codes = [entry.code for entry in error.errors]
        expect(error.status_code == status, f"status {error.status_code} instead of {status}: {error}")
        expect(codes == [code], f"codes {codes} instead of {code}: {error}")
        return error
    raise AssertionError(f"not refused; {status}/{code} was expected")


def create(name, settings=None, **more):
    ssl = {**SSL, **({"settings": settings} if settings else {}), **more}
    return hostnames.create(zone_id=ZONE, hostname=name, ssl=ssl)


def check_life():
    row = create("life.tenant.dev", {"min_tls_version": "1.2"})
    expect(row.status == "pending" and row.ssl.status == "initializing", f"new: {row.status}, {row.ssl.status}")
    expect(row.ownership_verification.name == "_cf-custom-hostname.life.tenant.dev", "no ownership record")
    control("clock/step", {"seconds": 6})
    row = hostnames.get(row.id, zone_id=ZONE)
    expect(row.ssl.validation_records[0].http_url, "no validation record")
    expect(row.ssl.dcv_delegation_records[0].cname == "_acme-challenge.life.tenant.dev", "no delegation record")
    control("clock/step", {"seconds": 60})
    row = hostnames.get(row.id, zone_id=ZONE)
    expect((row.status, row.ssl.status) == ("active", "active"), f"later: {row.status}, {row.ssl.status}")
    expect(row.ssl.expires_on > row.created_at, "no expiry")
    settings = {"min_tls_version": "1.2", "ciphers": ["ECDHE-RSA-AES128-GCM-SHA256"], "http2": "on"}
    row = hostnames.edit(row.id, zone_id=ZONE, ssl={**SSL, "settings": settings}, custom_metadata={"tier": "gold"})
    expect(row.status == "active_redeploying", f"after an edit: {row.status}")
    row = hostnames.get(row.id, zone_id=ZONE)
    expect(row.ssl.settings.to_dict() == settings, f"read back: {row.ssl.settings}")
    expect(row.custom_metadata == {"tier": "gold"}, f"metadata: {row.custom_metadata}")
    raw = hostnames.with_raw_response.delete(row.id, zone_id=ZONE)
    expect(raw.http_response.json() == {"id": row.id}, f"DELETE answers {raw.http_response.text}")
    expect(raw.parse().id == row.id, "DELETE's id is not decoded")
    refused(404, 1436, lambda: hostnames.get(row.id, zone_id=ZONE))


def check_list():
    names = {create(f"h{number}.paged.dev").hostname for number in range(51)}
    page = hostnames.list(zone_id=ZONE, per_page=50)
    expect(len(page.result) == 50, f"{len(page.result)} rows on a page of 50")
    expect({row.hostname for row in page} == names, "51 rows by pages of 50 are not those created")
    names |= {create(f"h{number}.paged.dev").hostname for number in range(51, 100)}
    for size in (5, 33, 50, 100, 1000):
        seen = [row.hostname for row in hostnames.list(zone_id=ZONE, per_page=size)]
        expect(sorted(seen) == sorted(names), f"pages of {size} hold {len(seen)} rows instead of 100")
    past = hostnames.list(zone_id=ZONE, per_page=50, page=3)
    expect(past.result == [] and not past.has_next_page(), "a page past the end is not empty")
    found = hostnames.list(zone_id=ZONE, hostname={"exact": "h7.paged.dev"}).result
    expect([row.hostname for row in found] == ["h7.paged.dev"], f"exact filter: {found}")
    found = hostnames.list(zone_id=ZONE, hostname={"contain": "h9"}).result
    expect(len(found) == 11, f"contain filter: {len(found)} rows instead of 11")


def check_zone():
    quota = hostnames.quota.get(zone_id=ZONE)
    expect(quota.used == 100 and quota.hard_cap >= quota.allocated, f"quota: {quota}")
    expect(quota.exceeded == (quota.used >= quota.allocated), f"quota: {quota}")
    origin = hostnames.fallback_origin.update(zone_id=ZONE, origin="origin.provider.dev")
    expect(origin.status == "initializing", f"new fallback origin: {origin.status}")
    control("clock/step", {"seconds": 6})
    origin = hostnames.fallback_origin.get(zone_id=ZONE)
    expect((origin.origin, origin.status) == ("origin.provider.dev", "active"), f"fallback origin: {origin}")
    expect(hostnames.fallback_origin.delete(zone_id=ZONE).status == "pending_deletion", "fallback origin stays")
    hostnames.fallback_origin.update(zone_id=ZONE, origin="origin.provider.dev")
    settings = provider.zones.settings
    for name, value in (("min_tls_version", "1.2"), ("tls_1_3", "on"), ("ciphers", ["AES128-GCM-SHA256"])):
        settings.edit(name, zone_id=ZONE, value=value)
        read = settings.get(name, zone_id=ZONE)
        expect((read.id, read.value) == (name, value), f"zone setting {name}: {read}")
    settings.edit("ciphers", zone_id=ZONE, value=[])
    expect(settings.get("ciphers", zone_id=ZONE).value == [], "zone ciphers are not reset")
    uuid = provider.dcv_delegation.get(zone_id=ZONE).uuid
    expect(uuid, "no delegation uuid")
    expect(provider.dcv_delegation.get(zone_id=ZONE).uuid == uuid, "the delegation uuid changes")


def check_tokens():
    for answer in (provider.user.tokens.verify(), provider.accounts.tokens.verify(account_id=ACCOUNT)):
        expect(answer.status == "active" and answer.id, f"token: {answer}")


def check_pack():
    def pair(name):
        certificate, key = PAIRS[name]
        return {"custom_certificate": certificate, "custom_key": key}

    bundle = [pair("elliptic"), pair("rsa")]
    row = create("bundle.tenant.dev", custom_cert_bundle=bundle)
    control("clock/step", {"seconds": 60})
    row = hostnames.get(row.id, zone_id=ZONE)
    expect(row.ssl.status == "active", f"bundle: {row.ssl.status}")
    elliptic, rsa = row.ssl.to_dict()["certificates"]
    place = {"zone_id": ZONE, "custom_hostname_id": row.id, "certificate_pack_id": row.ssl.id}
    pack = hostnames.certificate_pack.certificates
    refused(400, 1434, lambda: pack.update(rsa["id"], **place, **pair("newer")))
    replaced = pack.update(elliptic["id"], **place, **pair("newer")).ssl.to_dict()["certificates"]
    expect(replaced[0]["fingerprint_sha256"] != elliptic["fingerprint_sha256"], "the certificate is not replaced")
    expect(replaced[1]["fingerprint_sha256"] == rsa["fingerprint_sha256"], "the other certificate is replaced")
    refused(404, 1436, lambda: pack.delete(elliptic["id"], **place))
    expect(pack.delete(rsa["id"], **place).id == row.id, "DELETE of a certificate does not answer with the id")
    refused(400, 1434, lambda: pack.delete(replaced[0]["id"], **place))
    hostnames.delete(row.id, zone_id=ZONE)


def check_alerts():
    alerts = provider.alerting
    kinds = {alert.type for group in alerts.available_alerts.list(account_id=ACCOUNT).values() for alert in group}
    expect("custom_ssl_certificate_event_type" in kinds, f"available alerts: {kinds}")
    hook = alerts.destinations.webhooks.create(account_id=ACCOUNT, name="hook", url="http://127.0.0.1:9/", secret="s")
    policy = alerts.policies.create(
        account_id=ACCOUNT,
        alert_type="custom_ssl_certificate_event_type",
        enabled=True,
        mechanisms={"webhooks": [{"id": hook.id}]},
        name="certificates",
    )
    row = alerts.policies.get(policy.id, account_id=ACCOUNT)
    expect(row.mechanisms.webhooks[0].id == hook.id, f"policy: {row}")
    expect([row.id for row in alerts.policies.list(account_id=ACCOUNT)] == [policy.id], "policies are not listed")
    hooks = alerts.destinations.webhooks.list(account_id=ACCOUNT).result
    expect([row.url for row in hooks] == ["http://127.0.0.1:9/"], f"webhooks: {hooks}")
    alerts.policies.delete(policy.id, account_id=ACCOUNT)
    alerts.destinations.webhooks.delete(hook.id, account_id=ACCOUNT)


def check_refusals():
    row = create("refused.tenant.dev")
    refused(409, 1406, lambda: create("refused.tenant.dev"))
    refused(400, 1407, lambda: create("192.0.2.1"))
    refused(400, 1434, lambda: hostnames.edit(row.id, zone_id=ZONE, ssl={"settings": {"min_tls_version": "1.2"}}))
    refused(400, 1440, lambda: hostnames.edit(row.id, zone_id=ZONE, ssl={"type": "dv"}))
    refused(400, 1442, lambda: create("a.tenant.dev", {"ciphers": ["RC4-SHA"]}))
    refused(400, 1443, lambda: create("a.tenant.dev", {"ciphers": ["AES128-SHA"], "min_tls_version": "1.3"}))
    absent = "00000000-0000-4000-8000-000000000000"
    refused(404, 1436, lambda: hostnames.get(absent, zone_id=ZONE))
    refused(404, 1436, lambda: hostnames.delete(absent, zone_id=ZONE))
    unknown = client("unknown-but-well-formed-token")
    refused(401, 10000, lambda: unknown.custom_hostnames.get(row.id, zone_id=ZONE))
    refused(401, 1000, lambda: unknown.user.tokens.verify())
    reader = client(os.environ["READER"])
    expect(reader.custom_hostnames.get(row.id, zone_id=ZONE).id == row.id, "the reader cannot read")
    refused(403, 10000, lambda: reader.custom_hostnames.delete(row.id, zone_id=ZONE))
    refused(403, 10000, lambda: reader.zones.settings.get("ciphers", zone_id=ZONE))


def check_faults():
    control("faults", {"rules": [{"fault": "extra_fields", "next": 1}]})
    hostnames.list(zone_id=ZONE, per_page=5).result[0].ssl.status
    control("faults", {"rules": [{"fault": "nulls", "next": 1}]})
    expect(hostnames.list(zone_id=ZONE, per_page=5).result[0].custom_metadata is None, "null is not absent")
    control("faults", {"rules": [{"fault": "internal_error", "next": 2}]})
    again = client(os.environ["TOKEN"], retries=2)
    expect(again.custom_hostnames.quota.get(zone_id=ZONE).used > 0, "the client's own retries do not get through")
    control("faults", {})


def check_documented_blanks():
    control("semantics", {"absent_text": "empty"})
    row = hostnames.with_raw_response.list(zone_id=ZONE, per_page=5, ssl_status="initializing")
    blank = row.http_response.json()["result"][0]["ssl"]
    expect(blank["expires_on"] == "" and blank["custom_key"] == "", f"absent texts are not blank: {blank}")
    try:
        hostnames.list(zone_id=ZONE, per_page=5, ssl_status="initializing")
        raise AssertionError("strict validation takes a blank for a date")
    except cloudflare.APIResponseValidationError:
        pass
    lenient = client(os.environ["TOKEN"], strict=False)
    page = lenient.custom_hostnames.list(zone_id=ZONE, per_page=5, ssl_status="initializing")
    expect(page.result[0].ssl.issuer == "", "the lenient client cannot read blanks")
    control("semantics", {"absent_text": "omitted"})


def check_rate_limit():
    for _ in range(2000):
        try:
            raw = hostnames.quota.with_raw_response.get(zone_id=ZONE)
            expect(raw.headers["ratelimit"].startswith('"default";r='), "no Ratelimit header")
        except cloudflare.RateLimitError as error:
            expect([entry.code for entry in error.errors] == [971], f"429 with {error.errors}")
            expect(int(error.response.headers["retry-after"]) == 300, "429 without Retry-After")
            break
    else:
        raise AssertionError("no 429 after 2,000 calls")
    refused(429, 971, lambda: create("late.tenant.dev"))
    control("clock/step", {"seconds": 301})
    expect(hostnames.quota.get(zone_id=ZONE).used > 0, "the lock-out does not end")


CHECKS = [
    check_life, check_list, check_zone, check_tokens, check_pack, check_alerts, check_refusals, check_faults,
    check_documented_blanks, check_rate_limit,
]

for check in CHECKS:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        check()
    except Exception as error:
        sys.exit(f"{name}: {type(error).__name__}: {error}")
    print(f"passed: {name}")
