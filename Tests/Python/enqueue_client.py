"""What a platform's own backend does with Usher, in Python with psycopg.

The login needs `grant usher_enqueuer to <login>` and `select usher.grant_tenant('<login>', '*', '<reason>')`.
A test runs this; it prints one line a step.
"""

import json
import os

import psycopg
from psycopg.rows import dict_row


def sign_up(connection, tenant, hostname):
    """A new customer, with the hostname's job in the same transaction: both are there afterwards, or neither."""
    with connection.transaction():
        connection.execute("insert into customer (name) values (%s)", [tenant])
        connection.execute(
            "select usher.set_tier(tenant => %s, tier => 'gold', source_event_id => %s, source_version => 1)",
            [tenant, f"signup-{tenant}"],
        )
        return enqueue(connection, tenant, hostname, key=f"signup-{tenant}")


def enqueue(connection, tenant, hostname, key=None):
    """The same key with the same arguments gives the first answer: safe to repeat after a lost connection."""
    return connection.execute(
        "select * from usher.enqueue_onboarding(tenant => %s, hostname => %s, idempotency_key => %s)",
        [tenant, hostname, key],
    ).fetchone()


def enqueue_many(connection, rows, name):
    """Many at once; refused rows come back, the others are queued."""
    return connection.execute(
        "select * from usher.enqueue_batch(rows => %s, batch_name => %s, mode => 'partial')",
        [json.dumps(rows), name],
    ).fetchone()


def explain(error):
    """A refusal: a code of Usher's own, a JSON document, and what to do."""
    return error.sqlstate, json.loads(error.diag.message_detail), error.diag.message_hint


def main():
    with psycopg.connect(os.environ["URL"], row_factory=dict_row, autocommit=True) as connection:
        connection.execute("create temp table customer (name text primary key)")

        queued = sign_up(connection, "shop-8", "www.shop-8.com")
        print("queued", queued["created"])

        again = enqueue(connection, "shop-8", "www.shop-8.com", key="signup-shop-8")
        print("repeated", again["job_id"] == queued["job_id"], again["created"])

        # A rollback takes the job back too.
        try:
            sign_up(connection, "shop-8", "other.shop-8.com")
        except psycopg.errors.UniqueViolation:
            count = connection.execute("select count(*) from usher.hostname where tenant = 'shop-8'").fetchone()
            print("rolled back", count["count"])

        # The same key for another request is a mistake, and told as one.
        try:
            enqueue(connection, "shop-8", "other.shop-8.com", key="signup-shop-8")
        except psycopg.Error as error:
            code, detail, hint = explain(error)
            print("refused", code, detail["key"], "-", hint)

        batch = enqueue_many(
            connection,
            [{"tenant": "shop-8", "hostname": f"{n}.shop-8.com"} for n in ("a", "b", "not a name")],
            "move of shop-8",
        )
        print("batch", batch["accepted"], [row["code"] for row in batch["rejected"]])

        progress = connection.execute("select usher.batch_progress(%s) as p", [batch["batch_id"]]).fetchone()["p"]
        print("progress", progress["total"], progress["states"])
        job = connection.execute("select usher.job_status(%s) as s", [queued["job_id"]]).fetchone()["s"]
        print("job", job["state"], job["hostname"])
        status = connection.execute(
            "select usher.hostname_status(%s, %s) as s", ["shop-8", "www.shop-8.com"]
        ).fetchone()["s"]
        print("hostname", status["standing"])


if __name__ == "__main__":
    main()
