import Foundation
import Testing

/// The house rules, held against every file of the repository.
///
/// Each failure names file and line, what is wrong, and what to do instead.
@Suite struct HouseRulesTests {
    private let repository = Repository.current

    @Test func `the tree is found`() {
        #expect(repository.sources.count > 5)
        #expect(repository.files.allSatisfy { !$0.lines.isEmpty })
    }

    @Test func `the top level is small, and only sources lie among the sources`() throws {
        expectNone(LayoutRule.topLevel(try FileManager.default.contentsOfDirectory(atPath: repository.root.path())))
        expectNone(["Sources", "Tests"].flatMap { LayoutRule.kinds(Repository.paths(under: $0, of: repository.root)) })
    }

    @Test func `lines, files and functions are short`() {
        expectNone(repository.files.flatMap(SizeRules.lines))
        expectNone(repository.files.flatMap(SizeRules.length))
        expectNone(repository.files.flatMap(SizeRules.functions))
    }

    @Test func `most files and functions are far shorter than the limits`() {
        let files = repository.sources.map(\.lines.count)
        let functions = repository.sources.flatMap(FunctionScanner.functions).map(\.length)
        #expect(Repository.quantile(0.5, of: files) <= SizeRules.medianFile)
        #expect(Repository.quantile(0.5, of: functions) <= SizeRules.medianFunction)
        #expect(Repository.quantile(0.9, of: functions) <= SizeRules.ninthDecileFunction)
    }

    @Test func `imports follow the arrows of the design`() {
        expectNone(repository.files.flatMap(LayeringRule.check))
    }

    @Test func `banned calls have been replaced`() {
        expectNone(repository.files.flatMap(BannedCall.check))
    }

    @Test func `names say what a thing is, and nothing is public`() {
        expectNone(repository.files.flatMap(NamingRules.types))
        expectNone(repository.files.flatMap(NamingRules.access))
        expectNone(repository.files.flatMap(NamingRules.notes))
    }

    @Test func `what another module may use is documented`() {
        let requirements = DocumentationRule.requirements(in: repository.sources)
        expectNone(repository.sources.flatMap { DocumentationRule.check($0, fulfilling: requirements) })
    }

    @Test func `landed migrations are as they were`() {
        expectNone(MigrationRule.check(MigrationRule.files(of: repository.root), against: migrationChecksums))
    }

    private func expectNone(_ offences: [Offence], sourceLocation: SourceLocation = #_sourceLocation) {
        let list = offences.map(\.description).joined(separator: "\n")
        #expect(offences.isEmpty, "\n\(list)", sourceLocation: sourceLocation)
    }
}
