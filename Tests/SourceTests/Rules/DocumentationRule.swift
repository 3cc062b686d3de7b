/// What another module may use says what it means.
///
/// Types and functions need a doc comment of their own, and so do the functions a package protocol asks for. Stored
/// properties, enum cases, initialisers and operators need none: their type's comment and their names say it. A
/// function that fulfils a documented requirement needs none either; the protocol's comment is the contract.
enum DocumentationRule {
    /// Requirements of protocols from outside, the standard library's and `Service`, that our types fulfil.
    static let standardRequirements: Set<String> = [
        "appendInterpolation", "appendLiteral", "encode", "hash", "makeAsyncIterator", "makeIterator", "next", "run",
    ]

    static func check(_ file: SourceFile, fulfilling requirements: Set<String> = standardRequirements) -> [Offence] {
        guard file.isSource else { return [] }
        let undocumented = subjects(of: file).filter { subject in
            !isDocumented(subject.index, in: file) && (subject.isRequirement || !requirements.contains(subject.name))
        }
        return undocumented.map { subject in
            Offence(
                path: file.path,
                line: subject.index + 1,
                offence: "package \(subject.kind) \(subject.name) has no doc comment",
                remedy: "say in one line what it means, its units and the errors it throws"
            )
        }
    }

    /// The names of the documented functions that the files' package protocols ask for.
    static func requirements(in files: [SourceFile]) -> Set<String> {
        let names = files.flatMap { file in
            subjects(of: file).filter { $0.isRequirement && isDocumented($0.index, in: file) }.map(\.name)
        }
        return standardRequirements.union(names)
    }

    private struct Subject {
        let index: Int
        let kind: String
        let name: String
        let isRequirement: Bool
    }

    private static func subjects(of file: SourceFile) -> [Subject] {
        var isInProtocol = false
        return file.code.indices.compactMap { index in
            let code = file.code[index]
            // The formatter puts the closing brace of a top-level declaration, and nothing else, at the margin.
            if code.hasPrefix("}") { isInProtocol = false }
            guard let line = DeclarationLine(code) else { return nil }
            let isPackage = line.modifiers.contains("package")
            if isPackage, line.keyword == "protocol", !code.contains("}") { isInProtocol = true }
            let isNamedFunction = line.keyword == "func" && !line.name.isEmpty
            let isRequirement = isInProtocol && isNamedFunction
            guard isRequirement || isPackage && (line.isType || isNamedFunction) else { return nil }
            return Subject(
                index: index,
                kind: String(line.keyword),
                name: String(line.name),
                isRequirement: isRequirement
            )
        }
    }

    /// True if a doc comment stands above the declaration, with at most attributes between.
    private static func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
        let above = file.lines[..<index].reversed().lazy.map { $0.drop(while: \.isWhitespace) }
        return above.first { !$0.hasPrefix("@") }?.hasPrefix("///") ?? false
    }
}
