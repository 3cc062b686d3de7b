/// One line of "why does this hostname have these settings?", in plain text.
package struct Explanation: Hashable, Sendable {
    package let key: SettingKey
    /// What applies; `nil` if nothing does, or not by our decision.
    package let value: String?
    /// `explicit`, `inherited`, `absent` or `foreign`.
    package let state: String
    package let origin: Origin
    package let reason: String
}

extension EffectivePolicy {
    /// Every key with value, origin and reason, in the order of ``SettingKey``.
    package var explanation: [Explanation] {
        [
            explain(.minimumTLS, minimumTLS) { $0.rawValue },
            explain(.ciphers, ciphers, text: CipherSuite.text),
            explain(.tls13, tls13) { $0.rawValue },
            explain(.http2, http2) { $0.rawValue },
            explain(.earlyHints, earlyHints) { $0.rawValue },
            explain(.certificate, certificate) { $0.rawValue },
            explain(.authority, authority) { $0.rawValue },
            explain(.wildcard, wildcard) { $0 ? "true" : "false" },
        ]
    }

    private func explain<Value>(
        _ key: SettingKey,
        _ resolved: Resolved<Value>,
        text: (Value) -> String
    ) -> Explanation {
        let state =
            switch resolved.setting {
            case .explicit: "explicit"
            case .inherited: "inherited"
            case .absent: "absent"
            case .foreign: "foreign"
            }
        return Explanation(
            key: key,
            value: resolved.value.map(text),
            state: state,
            origin: resolved.origin,
            reason: resolved.reason
        )
    }
}

extension CipherSuite {
    /// A list in one line.
    static func text(_ suites: [CipherSuite]) -> String {
        suites.map(\.name).joined(separator: " ")
    }
}
