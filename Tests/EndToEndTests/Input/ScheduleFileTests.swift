import JobQueue
import Testing
import usher

struct ScheduleFileTests {
    private func parse(_ text: String) -> ScheduleFile {
        ScheduleFile.parse(Array(text.utf8), file: "schedule.yaml")
    }

    @Test func `entries are read in their order, with the file's zone and the rules left out`() {
        let file = parse(
            """
            apiVersion: usher/v1
            timezone: Europe/Berlin
            schedule:
              nightly: {cron: "17  2 * * *", work: retention}
              hourly:
                cron: 0 * * * mon-fri
                timezone: UTC
                work: enqueue
                kind: report
                tenant: acme
                priority: 3
                payload: {pages: 2, full: true, to: a@b, code: "7"}
                missed: all
                missed_at_most: 5
                enabled: no
            """
        )
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.entries.map(\.name) == ["nightly", "hourly"])
        #expect(file.entries.map(\.cron.text) == ["17 2 * * *", "0 * * * mon-fri"])
        #expect(file.entries.map(\.timezone) == ["Europe/Berlin", "UTC"])
        #expect(file.entries.map(\.missed) == [.once, .all(atMost: 5)])
        #expect(file.entries.map(\.isEnabled) == [true, false])
        let payload: [String: RecurringJob.Value] = [
            "pages": .number(2), "full": .flag(true), "to": .text("a@b"), "code": .text("7"),
        ]
        let job = RecurringJob(kind: "report", tenant: "acme", priority: 3, payload: payload)
        #expect(file.entries.map(\.work) == [.retention, .enqueue(job)])
    }

    @Test(arguments: [
        ("schedule: {}", "schedule.yaml:1:1: apiVersion: missing; must be usher/v1"),
        ("apiVersion: usher/v1", "schedule: missing"),
        ("schedules: {}", "1:1: schedules: unknown key; did you mean schedule?"),
        ("schedule: {a: {work: sweep}}", "1:15: schedule.a.cron: missing"),
        ("schedule: {a: {cron: '* * * * *'}}", "schedule.a.work: missing"),
        ("schedule: {a: {cron: '61 * * * *', work: sweep}}", #"1:22: schedule.a.cron "61 * * * *": minute: 61 is not"#),
        ("schedule: {a: {crom: '* * * * *', work: sweep}}", "1:16: schedule.a.crom: unknown key; did you mean cron?"),
        ("schedule: {a: {cron: '* * * * *', work: dance}}", #"1:41: schedule.a.work "dance": must be sweep"#),
        (
            "schedule: {a: {cron: '* * * * *', work: sweep, timezone: CET+1}}",
            #"schedule.a.timezone "CET+1": unknown time zone"#
        ),
        ("timezone: Berlin\nschedule: {}", #"1:11: timezone "Berlin": unknown time zone"#),
        ("schedule: {a: {cron: '* * * * *', work: sweep, kind: x}}", #"schedule.a.kind "x": only with work: enqueue"#),
        (
            "schedule: {a: {cron: '* * * * *', work: sweep, older_than_days: 3}}",
            #"schedule.a.older_than_days "3": only with work: evidence"#
        ),
        ("schedule: {a: {cron: '* * * * *', work: enqueue, kind: x}}", "schedule.a.tenant: missing"),
        (
            "schedule: {a: {cron: '* * * * *', work: enqueue, kind: X, tenant: a}}",
            #"schedule.a.kind "X": must be a kind such as monthly_report"#
        ),
        (
            "schedule: {a: {cron: '* * * * *', work: enqueue, kind: x, tenant: a, payload: {b: [1]}}}",
            "schedule.a.payload.b"
        ),
        ("schedule: {a: {cron: '* * * * *', work: sweep, missed: never}}", "must be skip, once, all"),
        (
            "schedule: {a: {cron: '* * * * *', work: sweep, missed: skip, missed_at_most: 3}}",
            #"schedule.a.missed_at_most "3": only with missed: all"#
        ),
        ("schedule: {A: {cron: '* * * * *', work: sweep}}", "schedule.A"),
        ("schedule: {a: {cron: '* * * * *', work: sweep}, a: {cron: '* * * * *', work: sweep}}", "given twice"),
        ("schedule: [", "not YAML"), ("", "empty file"),
    ])
    func `each problem is named with its place and rule`(_ row: (text: String, message: String)) {
        let file = parse(row.text)
        #expect("\(file.problems)".contains(row.message), "\(file.problems)")
        #expect(file.entries.isEmpty || !file.problems.isEmpty)
    }
}
