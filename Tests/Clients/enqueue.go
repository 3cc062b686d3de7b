// What a platform's own backend does with Usher, in Go with database/sql and lib/pq.
//
// The login needs `grant usher_enqueuer to <login>` and `select usher.grant_tenant('<login>', '*', '<reason>')`.
package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/lib/pq"
)

// enqueue runs in the caller's transaction: the job is there if and when that commits. The same key with the same
// arguments gives the first answer, so it is safe to repeat after a lost connection.
func enqueue(tx *sql.Tx, tenant, hostname, key string) (job int64, created bool, err error) {
	err = tx.QueryRow(
		`select job_id, created
		 from usher.enqueue_onboarding(tenant => $1, hostname => $2, idempotency_key => $3)`,
		tenant, hostname, key).Scan(&job, &created)
	return job, created, err
}

// refusal tells what Usher said: a code of its own, a JSON document, and what to do.
func refusal(err error) (code string, detail map[string]any, hint string) {
	var refused *pq.Error
	if errors.As(err, &refused) {
		_ = json.Unmarshal([]byte(refused.Detail), &detail)
		return string(refused.Code), detail, refused.Hint
	}
	return "", nil, ""
}

func signUp(db *sql.DB, tenant, hostname string) (job int64, created bool, err error) {
	tx, err := db.Begin()
	if err != nil {
		return 0, false, err
	}
	defer tx.Rollback()
	if _, err = tx.Exec(`select usher.set_tier(tenant => $1, tier => 'gold', source_event_id => $2, source_version => 1)`,
		tenant, "signup-"+tenant); err != nil {
		return 0, false, err
	}
	if job, created, err = enqueue(tx, tenant, hostname, "signup-"+tenant); err != nil {
		return 0, false, err
	}
	return job, created, tx.Commit()
}

func main() {
	db, err := sql.Open("postgres", os.Getenv("URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	job, created, err := signUp(db, "shop-9", "www.shop-9.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("queued", created)

	again, created, err := signUp(db, "shop-9", "www.shop-9.com")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("repeated", again == job, created)

	if _, _, err = signUp(db, "shop-9", "other.shop-9.com"); err != nil {
		code, detail, hint := refusal(err)
		fmt.Println("refused", code, detail["key"], "-", hint)
	}

	var accepted int
	var rejected []byte
	rows := `[{"tenant": "shop-9", "hostname": "a.shop-9.com"}, {"tenant": "shop-9", "hostname": "not a name"}]`
	if err = db.QueryRow(`select accepted, rejected from usher.enqueue_batch(rows => $1, batch_name => $2, mode => 'partial')`,
		rows, "move of shop-9").Scan(&accepted, &rejected); err != nil {
		log.Fatal(err)
	}
	fmt.Println("batch", accepted)

	var state string
	if err = db.QueryRow(`select usher.job_status($1) ->> 'state'`, job).Scan(&state); err != nil {
		log.Fatal(err)
	}
	fmt.Println("job", state)
}
