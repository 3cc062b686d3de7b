/// What handshakes for one name have shown.
package struct EdgeSighting: Hashable, Sendable, Codable {
    package let name: String
    /// Address and port that were asked.
    package var address: String?
    /// The versions that were looked at, the oldest first.
    package var versions: [Version] = []
    /// Every leaf certificate that was served, each once.
    package var leaves: [CertificateFacts] = []
    /// Why it could not be looked at to the end; what was seen before that stands.
    package var trouble: String?
    /// Connections that were made.
    package var connections = 0

    package init(name: String, address: String? = nil, trouble: String? = nil) {
        self.name = name
        self.address = address
        self.trouble = trouble
    }

    /// What became of clients of one version.
    package struct Version: Hashable, Sendable, Codable {
        package let version: TLSVersion
        package var isAccepted: Bool
        /// Accepted at this version; none are told apart at TLS 1.3.
        package var suites: [CipherSuite]
        /// Why it was refused, in words.
        package var note: String?

        private enum CodingKeys: String, CodingKey {
            case version
            case isAccepted = "accepted"
            case suites
            case note
        }
    }
}

extension EdgeSighting {
    /// What became of clients of a version; `nil` if it was not looked at.
    package subscript(version: TLSVersion) -> Version? {
        versions.first { $0.version == version }
    }

    /// Puts down what became of clients of a version, in place of what was known before.
    mutating func see(_ version: TLSVersion, isAccepted: Bool, _ suites: [CipherSuite] = [], _ note: String? = nil) {
        versions.removeAll { $0.version == version }
        versions.append(Version(version: version, isAccepted: isAccepted, suites: suites, note: note))
        versions.sort { $0.version < $1.version }
    }
}
