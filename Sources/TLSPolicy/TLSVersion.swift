/// A version of TLS that the provider can be told to require.
///
/// The raw value is the provider's own spelling of `min_tls_version` (API reference, custom hostnames, `ssl.settings`).
package enum TLSVersion: String, CaseIterable, Hashable, Sendable, Codable {
    case v1_0 = "1.0"
    case v1_1 = "1.1"
    case v1_2 = "1.2"
    case v1_3 = "1.3"
}

extension TLSVersion: Comparable {
    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension TLSVersion: CustomStringConvertible {
    package var description: String { rawValue }
}

/// A provider setting with the two values "on" and "off".
package enum Switch: String, CaseIterable, Hashable, Sendable, Codable {
    case on
    case off
}
