/// The body of one function or initialiser.
struct FunctionBody: Hashable {
    let name: String
    /// Line of the declaration, from 1.
    let line: Int
    /// Lines between the braces, those inside multi-line string literals left out; 1 if on one line.
    let length: Int
}

/// Finds the functions of a file by matching braces in its code.
struct FunctionScanner {
    private struct Word {
        let text: Substring
        let line: Int
    }

    private static let openers: Set<Substring> = ["func", "init", "deinit", "subscript"]
    /// A declaration that starts before a brace was found: the function had no body (a protocol's requirement).
    private static let nextDeclaration: Set<Substring> = [
        "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "class", "actor", "extension",
        "typealias", "associatedtype", "package", "private", "fileprivate", "static", "mutating",
    ]

    private let words: [Word]
    private let file: SourceFile

    /// All functions, nested ones included, in the order of their declaration.
    static func functions(in file: SourceFile) -> [FunctionBody] {
        let scanner = FunctionScanner(file)
        return scanner.words.indices.compactMap(scanner.function(at:))
    }

    private init(_ file: SourceFile) {
        self.file = file
        self.words = file.code.enumerated().flatMap { index, code in
            Self.words(of: code).map { Word(text: $0, line: index + 1) }
        }
    }

    /// Names as they are, every other character that is not a blank by itself.
    private static func words(of code: String) -> [Substring] {
        var words: [Substring] = []
        var rest = code[...]
        while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
            rest = rest[start...]
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            words.append(name.isEmpty ? rest.prefix(1) : name)
            rest = rest.dropFirst(max(1, name.count))
        }
        return words
    }

    private func function(at index: Int) -> FunctionBody? {
        let word = words[index]
        // `.init(` is a call; so is `self.init(`.
        guard Self.openers.contains(word.text), index == 0 || words[index - 1].text != "." else { return nil }
        guard let opening = body(after: index), let closing = end(of: opening) else { return nil }
        let (first, last) = (words[opening].line, words[closing].line)
        let inside = first == last ? 1 : (first..<last).dropFirst().count { !file.literalLines.contains($0) }
        return FunctionBody(name: name(at: index), line: word.line, length: inside)
    }

    private func body(after index: Int) -> Int? {
        var depth = 0
        for position in words.indices.dropFirst(index + 1) {
            switch words[position].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return position
            case "}" where depth == 0: return nil
            case let text where depth == 0 && position > index + 1 && Self.nextDeclaration.contains(text): return nil
            default: break
            }
        }
        return nil
    }

    private func end(of opening: Int) -> Int? {
        var depth = 0
        for position in words.indices.dropFirst(opening) {
            if words[position].text == "{" { depth += 1 }
            if words[position].text == "}" { depth -= 1 }
            if depth == 0 { return position }
        }
        return nil
    }

    private func name(at index: Int) -> String {
        guard words[index].text == "func" else { return String(words[index].text) }
        let declaration = file.lines[words[index].line - 1]
        return declaration.firstMatch(of: /func (`[^`]+`|[^ (<]+)/).map { String($0.1) } ?? "func"
    }
}
