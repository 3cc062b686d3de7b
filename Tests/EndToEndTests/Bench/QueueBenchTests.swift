import Foundation
import Subprocess
import TestSupport
import Testing

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Each bench at a size that only shows that it works; its figures here mean nothing.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct QueueBenchTests {
    @Test func `the queue's bench drains what it queued and prints its figures`() async throws {
        struct Document: Decodable {
            let drainPerS, limitPerS, drainOfLimit, bareLimitPerS, enqueueBulkPerS, enqueueSinglePerS: Double
            let plainInsertPerS, enqueueSingleOfPlain, workerRssMib: Double
        }
        let run = try await UsherProcess.run(
            ["bench", "queue", "--jobs", "2000", "--rounds", "1", "--seconds", "1", "--json"]
        )
        try #require(run.status == 0, "\(run.errors)")
        let document = try run.document(as: Document.self)
        #expect(document.drainPerS > 0 && document.bareLimitPerS > 0 && document.enqueueBulkPerS > 0)
        #expect(abs(document.drainOfLimit - document.drainPerS / document.limitPerS) < 0.001)
        #expect(abs(document.enqueueSingleOfPlain - document.enqueueSinglePerS / document.plainInsertPerS) < 0.001)
        #expect(document.workerRssMib > 1)
    }

    @Test func `the latency's bench sees every job start`() async throws {
        struct Document: Decodable {
            let p50Ms, p99Ms, maxMs, p50FromCallMs: Double
            let jobs: Int
        }
        let run = try await UsherProcess.run(["bench", "latency", "--seconds", "1", "--json"])
        try #require(run.status == 0, "\(run.errors)")
        let document = try run.document(as: Document.self)
        #expect(document.jobs == 50)
        #expect(document.p50Ms <= document.p99Ms && document.p99Ms <= document.maxMs)
        #expect(document.p50FromCallMs >= document.p50Ms)
    }

    @Test func `the fairness bench finds tenants served in turn and by weight`() async throws {
        struct Document: Decodable {
            let lastSmallOfIdeal, weightError: Double
            let quantumJobs: Int
            let isWithinTwoQuanta: Bool
        }
        let run = try await UsherProcess.run(["bench", "fairness", "--scale", "0.01", "--slots", "16", "--json"])
        try #require(run.status == 0, "\(run.errors)")
        let document = try run.document(as: Document.self)
        #expect(document.isWithinTwoQuanta && document.quantumJobs >= 1)
        #expect(document.lastSmallOfIdeal <= 1.1)
        #expect(document.weightError <= 0.1)
    }

    @Test func `the backlog's bench times claims at each size`() async throws {
        struct Document: Decodable {
            struct Cost: Decodable {
                let rows: Int
                let claimP50Ms: Double
            }
            let backlogs: [Cost]
            let largestOfSmallest: Double
        }
        let run = try await UsherProcess.run(
            ["bench", "backlog", "--max-rows", "20000", "--rounds", "1", "--batch", "10", "--json"]
        )
        try #require(run.status == 0, "\(run.errors)")
        let document = try run.document(as: Document.self)
        #expect(document.backlogs.map(\.rows) == [10_000, 20_000])
        #expect(document.backlogs.allSatisfy { $0.claimP50Ms > 0 } && document.largestOfSmallest > 0)
    }

    @Test func `the limits' bench finds none exceeded, and limits that were reached`() async throws {
        struct Document: Decodable {
            let limitViolations, mostRunningOfATenant, budgetViolations, mostCallsInAWindow, attempts: Int
        }
        let run = try await UsherProcess.run(["bench", "limits", "--seconds", "5", "--workers", "3", "--json"])
        try #require(run.status == 0, "\(run.errors)")
        let document = try run.document(as: Document.self)
        #expect(document.limitViolations == 0 && document.budgetViolations == 0)
        #expect(document.mostRunningOfATenant == 2 && document.mostCallsInAWindow > 0 && document.attempts > 0)
    }

    @Test func `a signal ends a bench when it has cleaned up`() async throws {
        let result = try await Subprocess.run(
            .path(FilePath(UsherProcess.executable.path())),
            arguments: ["bench", "pinned", "--backlog", "1000"],
            environment: .custom(["PATH": "/usr/bin:/bin"]),
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            var lines: [String] = []
            for try await line in execution.standardError.strings() {
                lines.append(line)
                // The load is done, the worker runs.
                if line.hasPrefix("draining") { try execution.send(signal: .interrupt) }
            }
            return lines
        }
        #expect(result.terminationStatus == .exited(1))
        #expect(result.closureResult.last?.contains("stopped by a signal") == true)
    }
}
