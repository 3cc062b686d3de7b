/// A value read from a file, whatever the format, with the place it was read at.
///
/// CSV, JSON and YAML all become this tree, so that one strict reader (``FieldReader``) gives each the same messages.
struct InputValue {
    let content: Content
    let place: InputPlace

    indirect enum Content {
        case null
        /// Text whose type the format leaves open: a CSV field, an unquoted YAML scalar.
        case plain(String)
        /// Text the format marks as text.
        case string(String)
        case flag(Bool)
        /// A number as it was written.
        case number(String)
        case list([InputValue])
        case table([Entry])
    }

    struct Entry {
        let key: String
        let keyPlace: InputPlace
        let value: InputValue
    }
}

extension InputValue {
    /// The value as a message shows it; tables are named by their kind only.
    var shown: String {
        switch content {
        case .null: "null"
        case .plain(let text), .string(let text), .number(let text): text
        case .flag(let flag): String(flag)
        case .list(let items): "[\(items.prefix(9).map(\.shown).joined(separator: ", "))]"
        case .table: "{…}"
        }
    }

    /// The text of a scalar the format calls text, or leaves open.
    var text: String? {
        switch content {
        case .plain(let text), .string(let text): text
        default: nil
        }
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }
}
