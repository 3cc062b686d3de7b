import Foundation
import Testing

/// Each rule finds what it is there to find: one bad piece of code and one good one for each.
@Suite struct RuleTests {
    private func file(_ text: String, path: String = "Sources/JobQueue/Job.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func `what lies in the wrong place is found`() {
        #expect(LayoutRule.topLevel(["Sources", "notes.txt", ".ci", "README.md"]).map(\.path) == ["notes.txt"])
        let paths = ["Sources/TLSPolicy/wheel.whl", "Sources/TLSPolicy", "Sources/CLibPQ/shim.h", "Tests/A/b.sh"]
        #expect(LayoutRule.kinds(paths).map(\.offence) == ["a .whl file", "a .sh file"])
    }

    @Test func `a long line is found`() {
        let long = String(repeating: "x", count: 121)
        #expect(SizeRules.lines(file("let a = 1\n\(long)\n")).map(\.line) == [2])
        #expect(SizeRules.lines(file(String(repeating: "ü", count: 120))).isEmpty)
    }

    @Test func `a long file is found`() {
        #expect(SizeRules.length(file(String(repeating: "//\n", count: 501))).count == 1)
        #expect(SizeRules.length(file(String(repeating: "//\n", count: 500))).isEmpty)
    }

    @Test func `a long function is found, its literal lines left out`() {
        let long = "func f() {\n" + String(repeating: "    g()\n", count: 71) + "}\n"
        let literal =
            "func f() {\n    let sql = \"\"\"\n" + String(repeating: "    select {\n", count: 90) + "    \"\"\"\n}\n"
        #expect(SizeRules.functions(file(long)).map(\.offence) == ["f has 71 lines"])
        #expect(SizeRules.functions(file(literal)).isEmpty)
    }

    @Test func `functions are measured between their own braces`() {
        let text = """
            protocol P {
                func required(_ a: [Int]) -> Int
                init(value: Int)
            }
            struct S: P {
                init(value: Int) { self.value = value }
                func `let it be`(then: () -> Void = { }) -> String {
                    let brace = "{ \\(value) }"  // }
                    /* { /* nested */ */
                    return brace
                }
                func outer() {
                    func inner() {
                        .init(3)
                    }
                }
            }
            """
        let functions = FunctionScanner.functions(in: file(text))
        #expect(functions.map(\.name) == ["init", "`let it be`", "outer", "inner"])
        #expect(functions.map(\.length) == [1, 3, 3, 1])
        #expect(functions.map(\.line) == [6, 7, 12, 13])
    }

    @Test(arguments: [
        ("let a = \"text { \\(call(\"x\")) }\"; b()", "let a = \"        (call(\" \"))  \"; b()"),
        ("let a = #\"raw \" \\#(b) \"#", "let a = #\"        (b) \"#"),
        ("let r = /print(\\/)/; c()", "let r =            ; c()"),
        ("let d = a / b / c", "let d = a / b / c"),
        ("func `print (`() // no", "func          ()      "),
        ("a /* x /* y */ z */ b", "a                   b"),
        ("\"open\nb()", "\"    \nb()"),
    ])
    func `only code is left by the mask`(text: String, code: String) {
        #expect(CodeMask.mask(text).code == code)
    }

    @Test(arguments: [
        ("Sources/TLSPolicy/A.swift", "import Foundation", "TLSPolicy imports Foundation"),
        ("Sources/JobQueue/A.swift", "package import Cloudflare", "JobQueue imports Cloudflare"),
        ("Sources/JobQueue/A.swift", "import CLibPQ", "JobQueue imports CLibPQ"),
        ("Sources/Simulator/A.swift", "import struct Postgres.Row", "Simulator imports Postgres"),
        ("Sources/usher/A.swift", "@preconcurrency import TestSupport", "usher imports TestSupport"),
        ("Sources/Onboarding/A.swift", "import Testing", "Onboarding imports Testing"),
        ("Sources/Extra/A.swift", "", "unknown target Extra"),
    ])
    func `an import against the arrows is found`(path: String, text: String, offence: String) {
        #expect(LayeringRule.check(file(text, path: path)).map(\.offence) == [offence])
    }

    @Test(arguments: [
        ("Sources/Postgres/A.swift", "import CLibPQ\nimport Logging"),
        ("Sources/usher/A.swift", "package import TLSPolicy"),
        ("Tests/JobQueueTests/A.swift", "import Testing\nimport TestSupport"),
        ("Sources/TLSPolicy/A.swift", "// import Foundation\nlet important = 1"),
    ])
    func `an import along the arrows passes`(path: String, text: String) {
        #expect(LayeringRule.check(file(text, path: path)).isEmpty)
    }

    @Test(arguments: BannedCall.all.map(\.text))
    func `a banned call is found where it is banned`(text: String) {
        let paths = ["Sources/JobQueue/A.swift", "Tests/JobQueueTests/A.swift"]
        let offences = paths.flatMap { BannedCall.check(file("let a = 1\n    \(text))", path: $0)) }
        #expect(offences.contains { $0.offence == text && $0.line == 2 })
    }

    @Test(arguments: [
        ("Sources/usher/A.swift", "print(table)"),
        ("Sources/Postgres/A.swift", "fingerprint(certificate); try await Task.sleep(for: .seconds(1))"),
        ("Sources/Postgres/ConnectionThread.swift", "final class Executor: @unchecked Sendable {}"),
        ("Sources/JobQueue/A.swift", "let sql = \"select pg_sleep(1), print(2)\"  // Task.detached"),
    ])
    func `what is allowed passes`(path: String, text: String) {
        #expect(BannedCall.check(file(text, path: path)).isEmpty)
    }

    @Test(arguments: [
        ("package final class JobManager {", "type JobManager ends in Manager"),
        ("@MainActor enum StringUtils {", "type StringUtils ends in Utils"),
        ("struct Simulator {", "type Simulator is named as a module"),
    ])
    func `a name that says nothing is found`(text: String, offence: String) {
        #expect(NamingRules.types(file(text)).map(\.offence) == [offence])
        #expect(NamingRules.types(file("struct ManagerOfTenants {}\nlet helper = 1")).isEmpty)
    }

    @Test(arguments: [
        "public struct A {}", "    @inlinable public static func a() {}", "open class A {}", "public import B",
    ])
    func `a public declaration is found`(text: String) {
        #expect(NamingRules.access(file(text)).count == 1)
        #expect(NamingRules.access(file("package func open() {}\nfunc isPublic() {}\ntry await open()")).isEmpty)
    }

    @Test func `a note to oneself is found`() {
        #expect(NamingRules.notes(file("// " + "TO" + "DO later")).count == 1)
        #expect(NamingRules.notes(file("// done")).isEmpty)
    }

    @Test(arguments: [
        "package struct A {}", "    package static func a() {}", "package typealias C = D", "package final class D {",
        "package protocol E {",
    ])
    func `an undocumented declaration is found`(text: String) {
        #expect(DocumentationRule.check(file("// no doc\n@frozen\n\(text)")).map(\.line) == [3])
        #expect(DocumentationRule.check(file("/// A doc.\n@available(*, noasync)\n\(text)")).isEmpty)
    }

    @Test func `a function that fulfils a documented requirement needs no comment`() {
        let port = file(
            "/// A port.\npackage protocol Store {\n    /// Claims.\n    func claim()\n    func settle()\n}\n"
        )
        let adapter = file("extension Store {\n    package func claim() {}\n    package func settle() {}\n}\n")
        let requirements = DocumentationRule.requirements(in: [port, adapter])
        #expect(DocumentationRule.check(port, fulfilling: requirements).map(\.line) == [5])
        #expect(DocumentationRule.check(adapter, fulfilling: requirements).map(\.line) == [3])
    }

    @Test func `members whose names say all need no comment`() {
        let text =
            "package init() {}\npackage var a = 1\npackage static func == (l: A, r: A) -> Bool {}\npackage import B"
        #expect(DocumentationRule.check(file(text)).isEmpty)
    }

    @Test func `a migration edited, gone, unlisted or out of order is found`() {
        let contents = Data("create table a ();".utf8)
        let checksum = MigrationRule.sha256(contents)
        let landed = [("0001_a.sql", checksum), ("0002_b.sql", checksum)]
        let whole = ["0001_a.sql": contents, "0002_b.sql": contents]
        func offences(_ files: [String: Data], _ list: [(file: String, sha256: String)]) -> [String] {
            MigrationRule.check(files, against: list).map(\.offence)
        }
        #expect(offences(whole, landed).isEmpty)
        #expect(offences(whole.merging(["0002_b.sql": Data("x".utf8)]) { $1 }, landed) == ["landed and was edited"])
        #expect(offences(["0001_a.sql": contents], landed) == ["landed and is gone"])
        #expect(offences(whole.merging(["0003_c.sql": contents]) { $1 }, landed) == ["not in MigrationChecksums.swift"])
        #expect(offences(whole, landed.reversed()) == ["listed after a higher number"])
    }
}
