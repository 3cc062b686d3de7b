/// One key of a hostname that is to change.
package struct Change: Hashable, Sendable {
    package let key: SettingKey
    /// What is set now, as text; `nil` if nothing is.
    package let before: String?
    /// What will be set, as text; `nil` if nothing will be.
    package let after: String?
    package let kind: ChangeClass

    package init(key: SettingKey, before: String?, after: String?, kind: ChangeClass) {
        self.key = key
        self.before = before
        self.after = after
        self.kind = kind
    }
}

/// What a change means for those who are promised something.
///
/// The class compares what applies before and after, so taking off a value that the zone has as well is neutral.
package enum ChangeClass: String, CaseIterable, Hashable, Sendable, Codable {
    case strengthen
    /// Lets in what was kept out, or takes away what was given; never done without approval.
    case weaken
    case neutral
    /// Neither, but another certificate will be served.
    case reissue
}

/// A key that does not read as decided.
package struct Shortfall: Hashable, Sendable {
    package let key: SettingKey
    /// What should be set, as text; `nil` if nothing should be.
    package let wanted: String?
    /// What is set, as text; `nil` if nothing is.
    package let found: String?
}

extension Shortfall: CustomStringConvertible {
    package var description: String { "\(key.rawValue) should be \(wanted ?? "unset"), reads \(found ?? "unset")" }
}
