import TestSupport
import Testing

@Suite(.database)
struct ScheduleCommandTests {
    private struct List: Decodable {
        let schedule: [Entry]

        struct Entry: Decodable {
            let name: String
            let work: String
            let nextAt: String
            let lastState: String?
            let lastMessage: String?
            let paused: String?
        }
    }

    private static let file = """
        apiVersion: usher/v1
        schedule:
          nightly: {cron: "17 2 * * *", timezone: Europe/Berlin, work: retention}
          report: {cron: "0 0 1 * *", work: enqueue, kind: report, tenant: nobody}
        """

    private func apply(_ fixture: CommandFixture, _ text: String, _ more: String...) async throws -> UsherProcess {
        try await fixture.usher(["schedule", "apply", "-", "--reason", "test"] + more, input: text)
    }

    private func list(_ fixture: CommandFixture) async throws -> [List.Entry] {
        try await fixture.usher("schedule", "list", "--json").document(as: List.self).schedule
    }

    @Test func `a file is shown first, then made the schedule, then it is as it was`() async throws {
        try await CommandFixture.with { fixture in
            #expect(
                try await apply(fixture, Self.file, "--dry-run").output
                    == "nightly  would be added\nreport   would be added\n"
            )
            #expect(try await list(fixture).isEmpty)
            #expect(try await apply(fixture, Self.file).output == "nightly  added\nreport   added\n")
            #expect(try await apply(fixture, Self.file).output == "nightly  unchanged\nreport   unchanged\n")
            let entries = try await list(fixture)
            #expect(entries.map(\.name) == ["nightly", "report"])
            #expect(entries.last?.nextAt.hasSuffix("-01T00:00:00Z") == true)
        }
    }

    @Test func `a wrong file changes nothing and names the place`() async throws {
        try await CommandFixture.with { fixture in
            let run = try await apply(fixture, Self.file + "\n  broken: {cron: daily, work: sweep}")
            #expect(run.status == 65)
            #expect(run.errors.hasPrefix(#"<stdin>:5:18: schedule.broken.cron "daily": must have 5 fields"#))
            #expect(try await list(fixture).isEmpty)
        }
    }

    @Test func `an entry runs by hand, with what came of it; what fails is told and tried again`() async throws {
        try await CommandFixture.with { fixture in
            _ = try await apply(fixture, Self.file)
            let run = try await fixture.usher("schedule", "run", "nightly", "--reason", "disk")
            #expect(run.output == "nightly done: nothing was old enough\n")
            let failed = try await fixture.usher("schedule", "run", "report", "--reason", "try")
            #expect(failed.status == 1)
            #expect(failed.errors.hasPrefix("usher: report did not go through: unknown tenant\n"))
            let paused = try await fixture.usher("schedule", "pause", "nightly", "--reason", "audit")
            #expect(paused.output == "nightly paused\n")
            let entries = try await list(fixture)
            #expect(entries.map(\.lastState) == ["done", "due"])
            #expect(entries.first?.paused == "audit")
            let unknown = try await fixture.usher("schedule", "resume", "weekly", "--reason", "test")
            #expect(unknown.errors == "usher: no such schedule (UE060)\n  hint: see usher schedule list\n")
        }
    }

    @Test func `rules of retention are shown and changed, with a reason`() async throws {
        try await CommandFixture.with { fixture in
            let set = try await fixture.usher("retention", "set", "job_done", "14d", "--reason", "disk")
            #expect(set.output.contains("job_done  14d "), "\(set.errors)")
            let forever = try await fixture.usher("retention", "set", "worker", "forever", "--reason", "audit")
            #expect(forever.output.contains("worker   forever"))
            #expect(try await fixture.usher("retention", "list").output.contains("job_failed_open   forever"))
            let unknown = try await fixture.usher("retention", "set", "jobs", "14d", "--reason", "disk")
            #expect(unknown.status == 65)
            #expect(unknown.errors.contains("nothing is called jobs here"))
            #expect(try await fixture.usher("retention", "set", "worker", "0d", "--reason", "x").status == 64)
            #expect(try await fixture.usher("retention", "apply", "--dry-run").output == "nothing would leave\n")
            #expect(try await fixture.usher("retention", "apply").output == "nothing has left\n")
        }
    }
}
