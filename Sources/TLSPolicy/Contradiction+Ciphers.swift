extension Contradiction {
    /// A bad name in the list a hostname asks for.
    init(_ problem: CipherProblem) {
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
            left: "the hostname asks for the cipher suite \(problem.name.quoted)",
            right: problem.message,
            remedy: problem.remedy,
            actor: .tenant
        )
    }

    static func listWithMinimum13(_ minimum: Resolved<TLSVersion>, _ count: Int?) -> Contradiction {
        Contradiction(
            kind: .ciphersWithMinimum13,
            left: count.map { "the hostname asks for a list of \($0) cipher suites" }
                ?? "the hostname asks for a list of cipher suites",
            right: "its minimum is TLS 1.3 (\(minimum.origin)), whose suites cannot be chosen",
            remedy: "drop the list",
            actor: .tenant
        )
    }
}
