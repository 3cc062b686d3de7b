package import Cloudflare
import Foundation
import TLSPolicy

/// What the provider last showed of a hostname, as it is kept in `usher.hostname.observed`.
///
/// A choice of the answer, not the answer: what is neither decided on nor shown is not stored.
package struct Observation: Hashable, Sendable, Codable {
    package var providerID: String
    package var status: String?
    package var certificateStatus: String?
    package var method: String?
    package var type: String?
    package var wildcard: Bool
    /// Every key set on the hostname itself, known to us or not.
    package var settings: SSLSettings
    package var servesCustomCertificate: Bool
    package var serialNumber: String?
    /// The certificates served, where the answer lists them and they are not the provider's own.
    package var certificates: [Certificate]?
    /// Not in observations stored before it was kept.
    package var certificateAuthority: String?
    package var verificationErrors: [String]
    package var validationErrors: [String]

    private enum CodingKeys: String, CodingKey {
        case providerID = "id"
        case status
        case certificateStatus = "ssl_status"
        case method
        case type
        case wildcard
        case settings
        case servesCustomCertificate = "custom_certificate"
        case serialNumber = "serial_number"
        case certificates
        case certificateAuthority = "certificate_authority"
        case verificationErrors = "verification_errors"
        case validationErrors = "validation_errors"
    }
}

extension Observation {
    /// What tells one certificate from another.
    package struct Certificate: Hashable, Sendable, Codable {
        package var serial: String?
        package var fingerprint: String?
        /// Seconds since 1970.
        package var notAfter: Int64?

        private enum CodingKeys: String, CodingKey {
            case serial
            case fingerprint
            case notAfter = "not_after"
        }
    }

    /// Takes what is kept from an answer.
    package init(_ hostname: CustomHostname) {
        providerID = hostname.id
        status = hostname.status?.text
        certificateStatus = hostname.ssl?.status?.text
        method = hostname.ssl?.method?.text
        type = hostname.ssl?.type?.text
        wildcard = hostname.ssl?.wildcard ?? false
        settings = hostname.ssl?.settings ?? SSLSettings()
        servesCustomCertificate = hostname.ssl?.hasCustomCertificate ?? false
        serialNumber = hostname.ssl?.serialNumber
        certificateAuthority = hostname.ssl?.certificateAuthority
        let listed = certificateAuthority == nil ? hostname.ssl?.certificates ?? [] : []
        certificates = listed.isEmpty ? nil : listed.map(Certificate.init)
        verificationErrors = hostname.verificationErrors
        validationErrors = hostname.ssl?.validationErrors ?? []
    }

    /// The `ssl` object an edit is built from.
    var ssl: CustomHostname.SSL {
        var ssl = CustomHostname.SSL(wildcard: wildcard, settings: settings)
        ssl.status = certificateStatus.map(Reported.init)
        ssl.method = method.map(Reported.init)
        ssl.type = type.map(Reported.init)
        ssl.hasCustomCertificate = servesCustomCertificate
        return ssl
    }

    /// The same in the words of `TLSPolicy`.
    var policyView: ObservedHostname {
        ObservedHostname(
            providerID: providerID,
            status: status,
            certificateStatus: certificateStatus,
            settings: ExplicitSettings(settings),
            method: method,
            type: type,
            wildcard: wildcard,
            certificateSource: servesCustomCertificate ? .custom : nil,
            certificates: shownCertificates,
            authority: certificateAuthority
        )
    }

    private var shownCertificates: [ObservedCertificate] {
        if let certificates {
            return certificates.map {
                ObservedCertificate(serial: $0.serial, fingerprint: $0.fingerprint, notAfter: $0.notAfter)
            }
        }
        return serialNumber.map { [ObservedCertificate(serial: $0)] } ?? []
    }

    /// Taken out of service by the provider or by its owner: no renewal and no redeployment brings it there.
    var isHeld: Bool {
        let view = policyView
        let isNameHeld = [.moved, .blocked, .deleting, .deleted].contains(view.hostnamePhase)
        return isNameHeld || [.removing, .removed].contains(view.certificatePhase)
    }

    /// On its way by itself or once the tenant's DNS is right: its job has nothing to do meanwhile.
    var isUnderWay: Bool {
        let view = policyView
        let names: Set<HostnamePhase> = [.active, .pending, .moving]
        let certificates: Set<CertificatePhase> = [.active, .pending, .moving]
        return names.contains(view.hostnamePhase) && certificates.contains(view.certificatePhase) && !view.isReady
    }
}

extension Observation.Certificate {
    fileprivate init(_ shown: CustomHostname.IssuedCertificate) {
        serial = shown.serialNumber
        fingerprint = shown.fingerprintSHA256
        notAfter = shown.expiresOn.map { Int64($0.timeIntervalSince1970) }
    }
}

extension ExplicitSettings {
    /// A value of ours that we cannot read is foreign: it is shown, and never taken for another.
    init(_ settings: SSLSettings) {
        var foreign = settings.foreign.mapValues(\.jsonText)
        func keep(_ key: SettingKey, _ text: String?) { foreign[key.rawValue] = text }
        self.init(
            minimumTLS: settings.minimumTLS?.value,
            ciphers: settings.ciphers ?? [],
            tls13: settings.tls13?.value,
            http2: settings.http2?.value,
            earlyHints: settings.earlyHints?.value
        )
        if settings.minimumTLS != nil && minimumTLS == nil { keep(.minimumTLS, settings.minimumTLS?.text) }
        if settings.tls13 != nil && tls13 == nil { keep(.tls13, settings.tls13?.text) }
        if settings.http2 != nil && http2 == nil { keep(.http2, settings.http2?.text) }
        if settings.earlyHints != nil && earlyHints == nil { keep(.earlyHints, settings.earlyHints?.text) }
        self.foreign = foreign
    }
}

extension SSLSettings {
    /// The whole object to send: what was read with every key of ours as planned; foreign keys go out as they came in.
    func applying(_ planned: ExplicitSettings) -> SSLSettings {
        var settings = self
        settings.minimumTLS = planned.minimumTLS.map(Reported.known)
        settings.ciphers = planned.ciphers.isEmpty ? nil : planned.ciphers
        settings.tls13 = planned.tls13.map(Reported.known)
        settings.http2 = planned.http2.map(Reported.known)
        settings.earlyHints = planned.earlyHints.map(Reported.known)
        return settings
    }
}

extension JSONValue {
    fileprivate var jsonText: String {
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

/// The DNS records a tenant must set, as they are kept when first seen: the provider drops them once validated.
package struct ValidationRecords: Hashable, Sendable, Codable {
    package var ownershipTXT: OwnershipTXT?
    package var ownershipHTTP: OwnershipHTTP?
    package var certificate: [CustomHostname.ValidationRecord]

    private enum CodingKeys: String, CodingKey {
        case ownershipTXT = "ownership_txt"
        case ownershipHTTP = "ownership_http"
        case certificate
    }

    /// `nil` if the answer shows none.
    package init?(_ hostname: CustomHostname) {
        ownershipTXT = hostname.ownershipTXT
        ownershipHTTP = hostname.ownershipHTTP
        certificate = hostname.ssl?.validationRecords ?? []
        if ownershipTXT == nil && ownershipHTTP == nil && certificate.isEmpty { return nil }
    }
}
