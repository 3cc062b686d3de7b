import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LocalClusterTests {
    @Test func `a cluster serves its owner only, keeps promises and is removed when stopped`() async throws {
        let cluster = try await LocalCluster.start()
        let attributes = try FileManager.default.attributesOfItem(atPath: cluster.folder)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        if geteuid() == 0 { #expect(attributes[.ownerAccountName] as? String == "postgres") }
        #expect(FileManager.default.fileExists(atPath: cluster.logFile))
        let settings = ConnectionSettings(url: cluster.connectionURL())
        let connection = try await PostgresConnection.connect(settings, logger: .quiet)
        let server = try await connection.session { db throws(PostgresError) in
            try db.first(
                """
                select current_setting('listen_addresses'), current_setting('fsync')::bool,
                    current_setting('synchronous_commit')::bool
                """,
                as: (String, Bool, Bool).self
            )
        }
        #expect(server?.0 == "" && server?.1 == true && server?.2 == true)
        await cluster.stop()
        #expect(!FileManager.default.fileExists(atPath: cluster.folder))
    }

    @Test func `a setting the server does not know is reported with the log`() async throws {
        let error = await #expect(throws: LocalClusterError.self) {
            try await LocalCluster.start(LocalCluster.Options(configuration: ["no_such_setting = 1"]))
        }
        #expect(error?.description.contains("no_such_setting") == true)
    }

    @Test func `a cluster is removed when its owner is killed`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
                let cluster = try await LocalCluster.start(.fast)
                let settings = ConnectionSettings(url: cluster.connectionURL())
                let connection = try await PostgresConnection.connect(settings, logger: .quiet)
                try await connection.session { db throws(PostgresError) in _ = try db.execute("select 1") }
                FileHandle.standardOutput.write(Data("<\(cluster.folder)>".utf8))
                kill(getpid(), SIGKILL)
            }
        )
        try await expectGone(result.standardOutputContent)
    }

    @Test func `a cluster is removed when its owner is killed while it starts`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
                async let cluster = LocalCluster.start(.fast)
                var folder: String?
                while folder == nil {
                    try await Task.sleep(for: .milliseconds(1))
                    folder = folderOfChild()
                }
                FileHandle.standardOutput.write(Data("<\(folder ?? "")>".utf8))
                kill(getpid(), SIGKILL)
                _ = try await cluster
            }
        )
        try await expectGone(result.standardOutputContent)
    }

    /// Waits until neither the folder named in the output nor a process that works in it is left.
    private func expectGone(_ output: [UInt8]) async throws {
        let output = String(decoding: output, as: UTF8.self)
        let folder = String(try #require(output.firstMatch(of: /<(.+)>/)?.1))
        // Nobody is left to tell of the end: the only way is to look, until the suite's time limit.
        while FileManager.default.fileExists(atPath: folder) || commandLines().contains(where: { $0.contains(folder) })
        {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// The folder of a cluster that a child of this process has begun to make.
private func folderOfChild() -> String? {
    for commandLine in commandLines(ofChildrenOf: getpid()) {
        guard let folder = commandLine.firstMatch(of: /\/tmp\/usher-postgres-[-0-9a-f]+/)?.output else { continue }
        if FileManager.default.fileExists(atPath: "\(folder)/server.log") { return String(folder) }
    }
    return nil
}

private func commandLines(ofChildrenOf parent: pid_t? = nil) -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { process in
        if let parent {
            let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            guard status?.contains("PPid:\t\(parent)\n") == true else { return nil }
        }
        return try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)
    }
}
