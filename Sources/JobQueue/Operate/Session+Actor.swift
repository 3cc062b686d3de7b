import Postgres

extension Session {
    /// Says who orders what follows in this transaction, for `usher.record_audit`; `nil` leaves it at the login.
    func nameActor(_ actor: String?) throws(PostgresError) {
        guard let actor else { return }
        _ = try one("select set_config('usher.actor', \(actor), true)", as: String.self)
    }
}
