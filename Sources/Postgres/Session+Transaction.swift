import CLibPQ

extension Session {
    /// Whether statements run inside BEGIN … COMMIT.
    var isInTransaction: Bool { transactionStatus == PQTRANS_INTRANS }

    /// Lends the session to a closure between BEGIN and COMMIT, or ROLLBACK if it throws.
    func transaction<Value>(
        statementTimeout: Duration,
        _ location: SourceLocation,
        _ body: (borrowing Session) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        do throws(PostgresError) {
            try begin(statementTimeout: statementTimeout, location)
        } catch {
            throw error.beforeAnyWork
        }
        let value: Value
        do throws(PostgresError) {
            value = try body(self)
        } catch {
            rollBack()
            throw error
        }
        try commit(location)
        return value
    }

    /// Opens a transaction whose statements the server ends by itself, even if this process has stopped meanwhile.
    ///
    /// `set local` and not a setting of the connection: behind PgBouncer in transaction mode the next transaction may
    /// run on another server connection. One message, so one round trip.
    private func begin(statementTimeout: Duration, _ location: SourceLocation) throws(PostgresError) {
        // A second after the caller's deadline, so that the caller's own error is the one seen.
        let left = waiter.deadline.map { ContinuousClock.now.duration(to: $0) + .seconds(1) }
        let timeout_ms = min(statementTimeout, left ?? statementTimeout).wholeMilliseconds
        try executeScript(
            """
            begin; set local statement_timeout to \(timeout_ms);
            set local idle_in_transaction_session_timeout to \(timeout_ms)
            """,
            fileID: location.fileID,
            line: location.line
        )
    }

    /// Ends the transaction and makes sure that the server kept it.
    private func commit(_ location: SourceLocation) throws(PostgresError) {
        try ready("commit", location)
        guard isInTransaction else {
            let message =
                transactionStatus == PQTRANS_INERROR
                ? "a statement failed and its error was not passed on; nothing was kept"
                : "the body ended the transaction by itself"
            rollBack()
            throw PostgresError(.transactionMisuse, message, location: location)
        }
        do throws(PostgresError) {
            try executeScript("commit", fileID: location.fileID, line: location.line)
        } catch {
            throw error.afterCommitWasSent
        }
    }

    /// Undoes the transaction if the connection can still be asked to; else closing it has the same effect.
    private func rollBack() {
        guard [PQTRANS_INTRANS, PQTRANS_INERROR].contains(transactionStatus) else { return }
        try? executeScript("rollback")
    }
}

extension PostgresError {
    /// The same error, marked as harmless if it is the connection's: the work may be given to another one.
    fileprivate var beforeAnyWork: PostgresError {
        guard kind == .connection else { return self }
        var error = self
        error.kind = .closed
        return error
    }

    /// The same error, if the server's answer to COMMIT is known; else one that says it is not.
    fileprivate var afterCommitWasSent: PostgresError {
        guard [.connection, .deadline, .cancelled].contains(kind) else { return self }
        var error = self
        error.kind = .commitUnknown
        return error
    }
}
