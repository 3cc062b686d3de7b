/// What a value of a file may look like: the side of a key that a schema can tell.
indirect enum FieldShape: Sendable {
    case text
    /// Text that a regular expression matches as a whole.
    case pattern(String)
    /// One word of a closed list.
    case words([String])
    case flag
    case whole(ClosedRange<Int>)
    case list(FieldShape, atLeast: Int = 0)
    case table([Entry], atLeast: Int = 0)
    /// A table with names of one's own: what they look like, those that are taken, and what each stands for.
    case names(pattern: String, taken: [String], FieldShape)
    case oneOf([FieldShape])

    /// One key of a table.
    struct Entry: Sendable {
        let name: String
        /// What it is for, in a sentence without its full stop.
        let note: String
        let isRequired: Bool
        let shape: FieldShape
    }
}

/// A kind of value: how it is read, and the shape that goes with that.
struct FieldKind<Value>: Sendable {
    let shape: FieldShape
    /// Reads a value that is there; `nil` if it was reported.
    let read: @Sendable (_ fields: inout FieldReader, _ value: InputValue, _ field: String) -> Value?
}

/// A key of a table with the kind of its value: the reader and the schema both go by it.
struct FieldKey<Value>: Sendable {
    let name: String
    let note: String
    let isRequired: Bool
    let kind: FieldKind<Value>

    init(_ name: String, _ kind: FieldKind<Value>, isRequired: Bool = false, _ note: String) {
        self.name = name
        self.note = note
        self.isRequired = isRequired
        self.kind = kind
    }

    var entry: FieldShape.Entry { .init(name: name, note: note, isRequired: isRequired, shape: kind.shape) }
}

extension FieldReader {
    /// The value of a key of a table; one that is required and not there is reported.
    mutating func read<Value>(_ key: FieldKey<Value>, in table: Table) -> Value? {
        guard let value = table[key.name] else {
            if key.isRequired { problems.report(at: table.place, field: table.path + key.name, "missing") }
            return nil
        }
        return key.kind.read(&self, value, table.path + key.name)
    }

    /// A table with these keys and no others.
    mutating func table(_ value: InputValue, field: String, keys: [FieldShape.Entry]) -> Table? {
        table(value, field: field, keys: keys.map(\.name))
    }
}
