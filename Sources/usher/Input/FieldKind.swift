import TLSPolicy

extension FieldKind where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    static var word: FieldKind {
        FieldKind(shape: .words(Value.allCases.map(\.rawValue))) { $0.choice($1, field: $2) }
    }
}

extension FieldKind<String> {
    static var text: FieldKind { FieldKind(shape: .text) { $0.text($1, field: $2) } }
}

extension FieldKind<Bool> {
    static var flag: FieldKind { FieldKind(shape: .flag) { $0.flag($1, field: $2) } }
}

extension FieldKind<Int> {
    static func whole(_ range: ClosedRange<Int>) -> FieldKind {
        FieldKind(shape: .whole(range)) { $0.integer($1, field: $2, in: range) }
    }

    /// A whole percentage such as `10%`, at most 100.
    static func percentage(from least: Int) -> FieldKind {
        let pattern = least == 0 ? "(100|[1-9]?[0-9])%" : "(100|[1-9][0-9]?)%"
        return FieldKind(shape: .pattern(pattern)) { fields, value, field in
            if let text = value.text, text.matches(pattern) { return Int(text.dropLast()) }
            fields.reject(value, field: field, "must be a whole percentage from \(least)% to 100%")
            return nil
        }
    }
}

extension FieldKind {
    /// A list of different values.
    ///
    /// - Parameter title: The list in messages, such as `a list of days`.
    static func list<Element: Equatable & SendableMetatype>(
        of kind: FieldKind<Element>,
        _ title: String,
        atLeast least: Int = 0
    ) -> FieldKind where Value == [Element] {
        FieldKind(shape: .list(kind.shape, atLeast: least)) { fields, value, field in
            guard case .list(let items) = value.content else {
                fields.reject(value, field: field, "must be \(title)")
                return nil
            }
            if items.count < least { fields.reject(value, field: field, "must not be empty") }
            var elements: [Element] = []
            for item in items {
                guard let element = kind.read(&fields, item, field) else { continue }
                if elements.contains(element) { fields.reject(item, field: field, "given twice") }
                elements.append(element)
            }
            return elements
        }
    }
}

extension FieldKind<[CipherSuite]> {
    static var ciphers: FieldKind {
        FieldKind(shape: .list(.words(CipherSuite.settable.map(\.name)), atLeast: 1)) { $0.ciphers($1, field: $2) }
    }
}

extension String {
    /// Whether a regular expression matches the whole text.
    func matches(_ pattern: String) -> Bool {
        (try? Regex(pattern).wholeMatch(in: self)) != nil
    }
}
