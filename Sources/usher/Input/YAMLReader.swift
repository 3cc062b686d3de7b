import Yams

/// One YAML document as an ``InputValue`` tree.
enum YAMLReader {
    struct Malformed: Error {
        let place: InputPlace?
        let rule: String
    }

    /// Reads the file's only document.
    ///
    /// Anchors are refused: nothing here needs them, and a few lines of nested aliases stand for gigabytes of values.
    static func read(_ bytes: [UInt8]) throws(Malformed) -> InputValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(place: nil, rule: "not valid UTF-8")
        }
        let parser: Parser
        let root: Node?
        do {
            // Kept for as long as the tree is read: nodes hold their anchors weakly.
            parser = try Parser(yaml: text, encoding: .utf8)
            root = try parser.singleRoot()
        } catch let error as YamlError {
            throw malformed(error)
        } catch {
            throw Malformed(place: nil, rule: "not YAML: \(error)")
        }
        guard let root else { throw Malformed(place: nil, rule: "empty file") }
        return try withExtendedLifetime(parser) { () throws(Malformed) in try value(root) }
    }

    private static func value(_ node: Node) throws(Malformed) -> InputValue {
        let place = place(node.mark)
        guard node.anchor == nil else { throw Malformed(place: place, rule: "anchors and aliases are not accepted") }
        switch node {
        case .scalar(let scalar):
            return InputValue(content: content(scalar), place: place)
        case .sequence(let sequence):
            return InputValue(content: .list(try sequence.map(value)), place: place)
        case .mapping(let mapping):
            return InputValue(content: .table(try mapping.map(entry)), place: place)
        case .alias:
            throw Malformed(place: place, rule: "anchors and aliases are not accepted")
        }
    }

    private static func entry(_ key: Node, _ node: Node) throws(Malformed) -> InputValue.Entry {
        guard case .scalar(let scalar) = key else {
            throw Malformed(place: place(key.mark), rule: "a key must be text")
        }
        return InputValue.Entry(key: scalar.string, keyPlace: place(key.mark), value: try value(node))
    }

    private static func content(_ scalar: Node.Scalar) -> InputValue.Content {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string) ? .null : .plain(scalar.string)
    }

    private static func place(_ mark: Mark?) -> InputPlace {
        InputPlace(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private static func malformed(_ error: YamlError) -> Malformed {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let words = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
            return Malformed(place: place(mark), rule: "not YAML: \(words)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map(InputProblem.shown).joined(separator: ", ")
            return Malformed(place: place(context.mark), rule: "given twice: \(names)")
        case .reader(let problem, _, _, _):
            return Malformed(place: nil, rule: "not YAML: \(problem)")
        default:
            return Malformed(place: nil, rule: "not YAML")
        }
    }
}
