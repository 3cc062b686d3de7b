import ArgumentParser
import Foundation
import Onboarding
import TLSPolicy

extension EnqueueCommand {
    /// Queues a file, and tells of every row that is not.
    func enqueue(file path: String) async throws {
        let batch = BatchFile.read(path, format: format)
        guard !batch.rows.isEmpty else {
            throw Failure(batch.problems, "\(path) holds no row that can be queued")
        }
        let name = name ?? (path == "-" ? "stdin" : URL(filePath: path).lastPathComponent)
        let answer = try await database.withDatabase {
            try await EnqueueStore(pool: $0).enqueue(
                batch.rows.map(EnqueueRow.init),
                name: name,
                rule: partial ? .partial : .allOrNothing,
                isComplete: batch.problems.isEmpty
            )
        }
        try finish(EnqueueReport(batch, answer, file: path), answer)
    }

    private func finish(_ report: EnqueueReport, _ answer: EnqueueAnswer) throws {
        let output = output.output
        for line in report.problemLines { output.note(line) }
        for tier in answer.otherTiers {
            let difference = "stays on tier \(tier.actual), the file says \(tier.given)"
            output.warn("tenant \(tier.tenant) \(difference): see usher tenant set-tier")
        }
        if answer.batchID == nil {
            if output.asJSON { try output.show(report) }
            let message = "\(report.file) has \(counted(report.problemCount, "problem")); nothing was queued"
            throw Failure(message, hint: "correct it, or queue the good rows with --partial", status: .badData)
        }
        try output.show(report)
        if report.problemCount > 0 { throw ExitCode(ExitStatus.partial.rawValue) }
    }
}

extension EnqueueRow {
    init(_ row: OnboardingRow) {
        self.init(
            tenant: row.tenant,
            tier: row.tier,
            hostname: row.hostname.ascii,
            wish: row.wish,
            priority: row.priority
        )
    }
}
