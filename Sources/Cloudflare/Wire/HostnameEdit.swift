package import TLSPolicy

/// A change of a custom hostname's TLS settings, built from what the provider last reported.
///
/// It cannot be built without `type`, `method` and the whole `settings`. An edit equal to what is there is not without
/// effect: it restarts validation (API reference, edit custom hostname), which is how a stuck hostname is revived.
package struct HostnameEdit: Hashable, Sendable {
    private let ssl: SSLBody

    /// Builds the edit.
    ///
    /// - Parameters:
    ///   - observed: `ssl` of the hostname as just read; its method and type are sent as they came.
    ///   - settings: The whole object to have, made from a copy of `observed.settings`: what it lacks is reset.
    ///   - certificate: Whose certificate is served afterwards. There is no default on purpose.
    ///   - wildcard: `nil` leaves it as it is; a change issues the certificate anew.
    ///   - authority: `nil` leaves it as it is, and nothing else may: naming the one read is refused off Enterprise
    ///     (code 1459). A change issues the certificate anew.
    package init(
        observed: CustomHostname.SSL,
        settings: SSLSettings,
        certificate: EditedCertificate,
        wildcard: Bool? = nil,
        authority: IssuingAuthority? = nil
    ) throws(HostnameEditRefusal) {
        var method = observed.method?.text
        var type = observed.type?.text
        var custom: [CustomCertificate] = []
        switch certificate {
        case .managed:
            if observed.hasCustomCertificate { throw .wouldDropCustomCertificate }
        case .migrateToManaged:
            break
        case .custom(let certificates):
            // Answers about an uploaded certificate may lack both; the provider's own samples send these.
            method = method ?? ValidationMethod.http.rawValue
            type = type ?? CertificateType.domainValidated.rawValue
            custom = certificates
        }
        guard let method, let type else { throw .validationMethodUnknown }
        self.ssl = SSLBody(
            method: method,
            type: type,
            settings: settings,
            wildcard: wildcard,
            certificates: custom,
            authority: authority
        )
    }
}

/// Whose certificate a hostname serves after an edit.
package enum EditedCertificate: Hashable, Sendable {
    /// The provider's, as before.
    case managed
    /// The tenant's, sent again with the edit or replaced by it: one, or one with an RSA and one with an ECDSA key.
    case custom([CustomCertificate])
    /// The provider's from now on: leaving the certificate out of an edit is how the provider is told to take over.
    case migrateToManaged
}

/// Why an edit was not built.
package enum HostnameEditRefusal: Error, Hashable, Sendable, CaseIterable {
    /// The tenant's certificate is served and the edit does not bring it, which would replace it by a managed one.
    case wouldDropCustomCertificate
    /// The answer names no validation method or type, and an edit without them is refused (codes 1434, 1440).
    case validationMethodUnknown
}

extension HostnameEditRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wouldDropCustomCertificate:
            "the hostname serves the tenant's own certificate: send certificate and key with the edit, "
                + "or ask for the move to a managed certificate"
        case .validationMethodUnknown:
            "the provider's answer names no validation method: read the hostname again before editing it"
        }
    }
}

extension HostnameEdit: Encodable {
    private enum CodingKeys: String, CodingKey {
        case ssl
    }
}
