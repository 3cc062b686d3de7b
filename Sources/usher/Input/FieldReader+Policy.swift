import TLSPolicy

/// What the edge negotiates, as far as a table says: the keys that a profile and a tier have in common.
struct EdgeKeys {
    static let minimumKey = FieldKey<TLSVersion>("min_tls", .word, "The lowest version of TLS that is accepted")
    static let ciphersKey = FieldKey("ciphers", .ciphers, "Cipher suites for TLS 1.2 and below; none with min_tls 1.3")
    static let tls13Key = FieldKey<Switch>("tls_1_3", .word, "Whether TLS 1.3 is offered")
    static let entries = [minimumKey.entry, ciphersKey.entry, tls13Key.entry]

    var minimumTLS: TLSVersion?
    var ciphers: [CipherSuite]?
    var tls13: Switch?
}

extension FieldReader {
    /// The one version of the format there is.
    static let apiVersion = "usher/v1"

    /// What ``name(_:field:)`` takes, as a regular expression.
    static let namePattern = "[a-z0-9][a-z0-9_-]{0,62}"

    /// The version of the format; `place` is given where the key is required.
    mutating func apiVersion(_ value: InputValue?, requiredAt place: InputPlace? = nil) {
        guard let value else {
            if let place { problems.report(at: place, field: "apiVersion", "missing; must be \(Self.apiVersion)") }
            return
        }
        if value.text != Self.apiVersion { reject(value, field: "apiVersion", "must be \(Self.apiVersion)") }
    }

    /// The name of a tenant or a tier.
    mutating func name(_ value: InputValue, field: String) -> String? {
        guard let text = text(value, field: field) else { return nil }
        let isLowerOrDigit: (UInt8) -> Bool = { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        let isName =
            text.utf8.count <= 63 && text.utf8.first.map(isLowerOrDigit) == true
            && text.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        if isName { return text }
        reject(
            value,
            field: field,
            "1 to 63 lower-case letters, digits, hyphens and underscores, a letter or digit first"
        )
        return nil
    }

    /// A hostname in any spelling, brought to canonical form.
    mutating func hostname(_ value: InputValue?, field: String) -> Hostname? {
        guard let value, let text = text(value, field: field) else { return nil }
        do throws(HostnameProblem) {
            return try Hostname(text)
        } catch {
            reject(value, field: field, error.message)
            return nil
        }
    }

    /// Cipher suites by the provider's names, each once.
    mutating func ciphers(_ value: InputValue?, field: String) -> [CipherSuite]? {
        guard let value, let names = texts(value, field: field) else { return nil }
        if names.isEmpty { reject(value, field: field, "an empty list; leave the key out to inherit") }
        var suites: [CipherSuite] = []
        for (name, source) in names {
            switch CipherSuite.parse(name) {
            case .failure(let problem): reject(source, field: field, problem.description)
            case .success(let suite) where suites.contains(suite): reject(source, field: field, "given twice")
            case .success(let suite): suites.append(suite)
            }
        }
        return suites
    }

    /// What the edge negotiates, with the contradictions between the keys reported.
    mutating func edge(_ table: Table) -> EdgeKeys {
        let edge = EdgeKeys(
            minimumTLS: read(EdgeKeys.minimumKey, in: table),
            ciphers: read(EdgeKeys.ciphersKey, in: table),
            tls13: read(EdgeKeys.tls13Key, in: table)
        )
        if let minimum = edge.minimumTLS { check(edge, from: minimum, table) }
        return edge
    }

    private mutating func check(_ edge: EdgeKeys, from minimum: TLSVersion, _ table: Table) {
        if minimum == .v1_3, edge.tls13 == .off, let value = table["tls_1_3"] {
            reject(value, field: table.path + "tls_1_3", "contradicts min_tls 1.3: no version would be left")
        }
        guard let suites = edge.ciphers, !suites.isEmpty, let value = table["ciphers"] else { return }
        let versions = TLSVersion.allCases.filter { $0 >= minimum && $0 < .v1_3 }
        if versions.isEmpty {
            let rule = "no list goes with min_tls 1.3, whose suites cannot be chosen (provider code 1443); leave it out"
            reject(value, field: table.path + "ciphers", rule)
        } else if let version = versions.first(where: { version in !suites.contains { $0.isUsable(at: version) } }) {
            let rule = "no suite of the list works with TLS \(version), which min_tls \(minimum) allows; add one"
            reject(value, field: table.path + "ciphers", rule)
        }
    }
}
