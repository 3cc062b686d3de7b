import Postgres

extension Settlement {
    /// What is sent after this settlement, alone, was refused.
    ///
    /// A value the database cannot take (SQLSTATE class 22 or 23) will not be taken the next time either: the attempt
    /// ends with that as its failure, without the handler's own writes.
    func acceptable(after error: any Error) -> Settlement {
        guard let error = error as? PostgresError, ["22", "23"].contains(error.sqlState?.classCode) else { return self }
        var settlement = self
        settlement.recording = []
        settlement.detail = "{}"
        settlement.outcome = .failed(
            JobFailure(
                errorClass: "unknown",
                code: error.sqlState?.rawValue,
                message: "what came of the attempt could not be recorded",
                actor: .operator
            )
        )
        return settlement
    }
}
