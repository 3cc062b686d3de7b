import Foundation
import Glibc
import Subprocess
import Synchronization

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// The worker processes of a demo: real ones, so that killing one is killing one.
final class DemoWorkers: Sendable {
    /// What the processes are told.
    struct Launch: Sendable {
        var environment: [String: String]
        var arguments: [String]
        /// Their logs go there, one file each.
        var folder: String
    }

    private let launch: Launch
    private let running = Mutex<[Int: Running]>([:])

    private struct Running {
        var process: pid_t?
        var task: Task<Void, Never>
    }

    init(_ launch: Launch) {
        self.launch = launch
    }

    /// Starts worker number `number`; returns once the process exists.
    func start(_ number: Int) async throws {
        let (started, sink) = AsyncStream.makeStream(of: pid_t.self)
        let log = try FileDescriptor.open(
            FilePath(log(of: number)),
            .writeOnly,
            options: [.create, .append],
            permissions: .ownerReadWrite
        )
        var environment = Environment.inherit
        for (name, value) in launch.environment {
            environment = environment.updating([Environment.Key(stringLiteral: name): value])
        }
        let task = Task { [launch, environment] in
            _ = try? await Subprocess.run(
                .path(FilePath(Self.executable)),
                arguments: Arguments(["work", "--parent", "\(getpid())"] + launch.arguments),
                environment: environment,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                error: .fileDescriptor(log, closeAfterSpawningProcess: true)
            ) { execution in
                sink.yield(execution.processIdentifier.value)
            }
            sink.finish()
        }
        running.withLock { $0[number] = Running(process: nil, task: task) }
        for await process in started {
            running.withLock { $0[number]?.process = process }
            break
        }
    }

    /// Ends a worker as a crash would; returns once it is gone.
    func kill(_ number: Int) async {
        await signal(SIGKILL, number)
    }

    /// Asks every worker to finish and leave; returns once they have.
    func stop() async {
        for number in running.withLock({ Array($0.keys) }) { await signal(SIGTERM, number) }
    }

    /// Where worker number `number` writes its log.
    func log(of number: Int) -> String { "\(launch.folder)/worker-\(number).log" }

    private func signal(_ signal: Int32, _ number: Int) async {
        guard let worker = running.withLock({ $0.removeValue(forKey: number) }) else { return }
        if let process = worker.process { Glibc.kill(process, signal) }
        await worker.task.value
    }

    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
