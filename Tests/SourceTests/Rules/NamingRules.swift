/// Names that say what a thing is, and access no wider than the package.
enum NamingRules {
    private static let emptyEndings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities"]

    /// Types whose names say nothing, or are the name of a module: such a module cannot be qualified any more.
    static func types(_ file: SourceFile) -> [Offence] {
        file.code.enumerated().compactMap { index, code in
            guard let line = DeclarationLine(code), line.isType, let breach = breach(of: String(line.name)) else {
                return nil
            }
            return Offence(path: file.path, line: index + 1, offence: breach.offence, remedy: breach.remedy)
        }
    }

    private static func breach(of name: String) -> (offence: String, remedy: String)? {
        if let ending = emptyEndings.first(where: name.hasSuffix) {
            return ("type \(name) ends in \(ending)", "name it after what it does")
        }
        guard LayeringRule.allowed.keys.contains(name) else { return nil }
        return ("type \(name) is named as a module", "choose another name: Swift cannot qualify through it")
    }

    /// Nothing is public: all users of these modules are in this package.
    static func access(_ file: SourceFile) -> [Offence] {
        file.code.enumerated().compactMap { index, code in
            let modifiers = DeclarationLine(code)?.modifiers ?? []
            guard let word = modifiers.first(where: { $0 == "public" || $0 == "open" }) else { return nil }
            return Offence(path: file.path, line: index + 1, offence: "\(word) declaration", remedy: "make it package")
        }
    }

    /// Notes to oneself: the tree has no place for what is still to be done.
    static func notes(_ file: SourceFile) -> [Offence] {
        let marks = ["TO" + "DO", "FIX" + "ME"]
        return file.lines.enumerated().compactMap { index, line in
            guard let mark = marks.first(where: line.contains) else { return nil }
            return Offence(path: file.path, line: index + 1, offence: mark, remedy: "do it now, or file an issue")
        }
    }
}
