extension Contradiction {
    /// A bad name in a list, by default the one that a hostname asks for.
    init(
        _ problem: CipherProblem,
        askedBy side: String = "the hostname asks for",
        actor: PolicyActor = .tenant
    ) {
        let kind: Kind =
            switch problem {
            case .unknown: .cipherUnknown
            case .ianaSpelling: .cipherIANASpelling
            case .wrongCase: .cipherWrongCase
            case .tls13: .cipherTLS13
            case .duplicate: .cipherDuplicate
            }
        self.init(
            kind: kind,
            left: "\(side) the cipher suite \(problem.name.quoted)",
            right: problem.message,
            remedy: problem.remedy,
            actor: actor
        )
    }

    static func listWithMinimum13(
        _ minimum: Resolved<TLSVersion>,
        _ count: Int?,
        askedBy side: String = "the hostname asks for",
        actor: PolicyActor = .tenant
    ) -> Contradiction {
        Contradiction(
            kind: .ciphersWithMinimum13,
            left: count.map { "\(side) a list of \($0) cipher suites" } ?? "\(side) a list of cipher suites",
            right: "its minimum is TLS 1.3 (\(minimum.origin)), whose suites cannot be chosen",
            remedy: "drop the list",
            actor: actor
        )
    }
}
