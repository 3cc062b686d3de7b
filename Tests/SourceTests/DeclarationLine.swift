/// The declaration a line of code starts, read word by word.
struct DeclarationLine {
    /// Words before the keyword, arguments left out: `package`, `static`, `private` for `private(set)`.
    let modifiers: [Substring]
    /// `struct`, `func`, `import` and so on.
    let keyword: Substring
    /// Empty for an operator and for a name in backticks.
    let name: Substring

    private static let keywords: Set<Substring> = [
        "struct", "class", "enum", "actor", "protocol", "extension", "typealias", "func", "init", "subscript", "var",
        "let", "case", "import",
    ]
    private static let modifiers: Set<Substring> = [
        "public", "open", "package", "internal", "fileprivate", "private", "static", "final", "mutating", "nonmutating",
        "consuming", "borrowing", "nonisolated", "isolated", "indirect", "lazy", "weak", "unowned", "override",
        "required", "convenience", "prefix", "postfix", "infix", "distributed", "class",
    ]

    /// Reads a line of a file's code; `nil` if it starts no declaration.
    init?(_ code: String) {
        var words = code.split(whereSeparator: \.isWhitespace)[...]
        while words.first?.hasPrefix("@") == true {
            let attribute = words.removeFirst()
            if attribute.contains("("), !attribute.contains(")") {
                words = words.drop { !$0.hasSuffix(")") }.dropFirst()
            }
        }
        let names = words.map { $0.prefix { $0.isLetter || $0.isNumber || $0 == "_" } }
        guard
            let position = names.firstIndex(where: { Self.keywords.contains($0) && $0 != "class" })
                ?? names.firstIndex(of: "class"),
            names[..<position].allSatisfy(Self.modifiers.contains)
        else { return nil }
        self.modifiers = Array(names[..<position])
        self.keyword = names[position]
        self.name = names[(position + 1)...].first ?? ""
    }

    /// The module an import names, also in the form `import struct Module.Name`.
    static func importedModule(_ code: String) -> String? {
        guard code.contains("import "), let line = DeclarationLine(code), line.keyword == "import" else { return nil }
        guard keywords.contains(line.name) else { return String(line.name) }
        let path = code.split(whereSeparator: \.isWhitespace).last ?? ""
        return path.split(separator: ".").first.map(String.init)
    }
}

extension DeclarationLine {
    private static let kindsOfType: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]

    var isType: Bool { Self.kindsOfType.contains(keyword) }
}
