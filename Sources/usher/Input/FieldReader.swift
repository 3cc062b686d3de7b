/// Reads typed values out of an ``InputValue`` tree, and reports each that is missing, unknown or of the wrong type.
///
/// Every function answers `nil` both for "absent" and for "reported": a caller that must tell them apart compares
/// ``InputProblems/count`` before and after.
struct FieldReader {
    var problems: InputProblems

    /// Reports one value; `field` is empty for a whole document or record.
    mutating func reject(_ value: InputValue, field: String, _ rule: String) {
        problems.report(at: value.place, field: field.isEmpty ? nil : field, value: value.shown, rule)
    }

    /// The entries of a table, with unknown and repeated keys reported; `prefix` is the path of the table itself.
    mutating func table(_ value: InputValue, field: String, keys: [String]) -> Table? {
        guard case .table(let entries) = value.content else {
            reject(value, field: field, "must be a mapping with the keys \(keys.joined(separator: ", "))")
            return nil
        }
        let path = field.isEmpty ? "" : field + "."
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.key).inserted {
            problems.report(at: entry.keyPlace, field: path + entry.key, "given twice")
        }
        for entry in entries where !keys.contains(entry.key) {
            problems.report(at: entry.keyPlace, field: path + entry.key, unknown("key", entry.key, among: keys))
        }
        return Table(entries: entries, path: path, place: value.place)
    }

    /// An open table: any names for keys, each given once.
    mutating func names(_ value: InputValue, field: String) -> [InputValue.Entry] {
        guard case .table(let entries) = value.content else {
            reject(value, field: field, "must be a mapping from names to settings")
            return []
        }
        var seen: Set<String> = []
        return entries.filter { entry in
            if seen.insert(entry.key).inserted { return true }
            problems.report(at: entry.keyPlace, field: "\(field).\(entry.key)", "given twice")
            return false
        }
    }

    /// The rule for an unknown word, with the probable spelling.
    func unknown(_ kind: String, _ word: String, among known: [String]) -> String {
        let hint = suggestion(for: word, among: known).map { "did you mean \($0)?" }
        return "unknown \(kind); " + (hint ?? "known: \(known.joined(separator: ", "))")
    }
}

extension FieldReader {
    /// Text of at least one character.
    mutating func text(_ value: InputValue?, field: String) -> String? {
        guard let value else { return nil }
        guard let text = value.text else {
            reject(value, field: field, "must be text")
            return nil
        }
        guard !text.isEmpty else {
            reject(value, field: field, "must not be empty")
            return nil
        }
        return text
    }

    /// A list of texts, each with its place.
    mutating func texts(_ value: InputValue?, field: String) -> [(text: String, source: InputValue)]? {
        guard let value else { return nil }
        guard case .list(let items) = value.content else {
            reject(value, field: field, "must be a list")
            return nil
        }
        return items.compactMap { item in text(item, field: field).map { ($0, item) } }
    }

    /// One word of a closed set, matched exactly.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: InputValue?,
        field: String,
        of type: Choice.Type = Choice.self
    ) -> Choice? {
        guard let value else { return nil }
        // Raw text on purpose: to YAML 1.1 an unquoted `on` is a boolean and an unquoted 1.2 a number.
        if let text = value.text, let choice = Choice(rawValue: text) { return choice }
        reject(value, field: field, "must be \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// A truth value; `yes` and `no` count where the format has no type of its own for it.
    mutating func flag(_ value: InputValue?, field: String) -> Bool? {
        guard let value else { return nil }
        switch value.content {
        case .flag(let flag): return flag
        case .plain("yes"), .plain("true"): return true
        case .plain("no"), .plain("false"): return false
        default:
            reject(value, field: field, "must be yes, no, true or false")
            return nil
        }
    }

    /// A whole number within bounds.
    mutating func integer(_ value: InputValue?, field: String, in range: ClosedRange<Int>) -> Int? {
        guard let value else { return nil }
        switch value.content {
        case .plain(let text), .number(let text):
            if let number = Int(text), range.contains(number), String(number) == text { return number }
        default:
            break
        }
        reject(value, field: field, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }
}

extension FieldReader {
    /// The keys of one table, found by name; a key set to null counts as absent.
    struct Table {
        let entries: [InputValue.Entry]
        /// The table's own path, ready to be put before a key: empty or ending in a dot.
        let path: String
        let place: InputPlace

        subscript(key: String) -> InputValue? {
            entries.first { $0.key == key && !$0.value.isNull }?.value
        }
    }
}
