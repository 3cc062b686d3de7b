/// A filter over jobs in the queue's filter language, as it is handed to the database, which alone reads it.
///
/// See `migrations/0016_operate.sql`: conditions joined by AND, such as `state = dead AND ended_at > -6h`.
package struct JobQuery: Hashable, Sendable {
    private var conditions: [String]

    /// - Parameter text: Conditions somebody has written; `nil` for none.
    package init(_ text: String? = nil) {
        conditions = text.map { [$0] } ?? []
    }

    /// The filter; `nil` if there is no condition.
    package var text: String? {
        conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    /// Narrows the filter to jobs with one of these values; no values narrow nothing.
    package mutating func require(_ field: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        conditions.append("\(field) in (\(values.map(Self.quoted).joined(separator: ", ")))")
    }

    /// Narrows the filter to jobs with this value; `nil` narrows nothing.
    package mutating func require(_ field: String, _ value: (some CustomStringConvertible)?) {
        require(field, value.map { ["\($0)"] } ?? [])
    }

    /// Narrows the filter by a comparison; `nil` narrows nothing.
    package mutating func require(_ field: String, _ comparison: String, _ value: String?) {
        if let value { conditions.append("\(field) \(comparison) \(Self.quoted(value))") }
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.replacing("'", with: "''") + "'"
    }
}
