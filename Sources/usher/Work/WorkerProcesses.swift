import Foundation
import Glibc
import Subprocess
import Synchronization

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Worker processes of a demo or a test: real ones, so that killing one is killing one.
package final class WorkerProcesses: Sendable {
    /// What the processes are told.
    package struct Launch: Sendable {
        /// The program `usher`; by default this one.
        package var executable: String
        /// What they are started as.
        package var command: [String]
        package var environment: [String: String]
        /// After the command.
        package var arguments: [String]
        /// Their logs go there, one file each.
        package var folder: String

        package init(
            executable: String? = nil,
            command: [String] = ["work"],
            environment: [String: String],
            arguments: [String],
            folder: String
        ) {
            self.executable = executable ?? WorkerProcesses.ownExecutable
            self.command = command
            self.environment = environment
            self.arguments = arguments
            self.folder = folder
        }
    }

    private let launch: Launch
    private let running = Mutex<[Int: Running]>([:])

    private struct Running {
        var process: pid_t?
        /// Answers the exit status; `nil` if a signal ended it.
        var task: Task<Int32?, Never>
    }

    /// None runs yet.
    package init(_ launch: Launch) {
        self.launch = launch
    }

    /// Starts worker number `number`; returns once the process exists.
    package func start(_ number: Int) async throws {
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
            let result = try? await Subprocess.run(
                .path(FilePath(launch.executable)),
                arguments: Arguments(launch.command + ["--parent", "\(getpid())"] + launch.arguments),
                environment: environment,
                input: .none,
                output: .fileDescriptor(log, closeAfterSpawningProcess: false),
                error: .fileDescriptor(log, closeAfterSpawningProcess: true)
            ) { execution in
                sink.yield(execution.processIdentifier.value)
            }
            sink.finish()
            if case .exited(let status) = result?.terminationStatus { return Int32?(status) }
            return nil
        }
        running.withLock { $0[number] = Running(process: nil, task: task) }
        // In a task of its own, since a caller that is cancelled would not wait: nobody could end the process any more.
        await Task {
            for await process in started {
                running.withLock { $0[number]?.process = process }
                break
            }
        }.value
    }

    /// Ends a worker as a crash would; returns once it is gone.
    package func kill(_ number: Int) async {
        await signal(SIGKILL, number)
    }

    /// Asks every worker to finish and leave; returns once they have.
    package func stop() async {
        for number in running.withLock({ Array($0.keys) }) { await signal(SIGTERM, number) }
    }

    /// The workers' process numbers, of those that were started and not stopped.
    package var processes: [Int: Int32] { running.withLock { $0.compactMapValues(\.process) } }

    /// Where worker number `number` writes its log.
    package func log(of number: Int) -> String { "\(launch.folder)/worker-\(number).log" }

    /// Stops a worker in its tracks, as a machine that hangs would, or has it go on.
    package func suspend(_ number: Int, _ isSuspended: Bool) {
        send(isSuspended ? SIGSTOP : SIGCONT, to: number)
    }

    /// The process of worker number `number`, if it runs.
    package func process(of number: Int) -> Int32? { running.withLock { $0[number]?.process } }

    /// Sends a signal and does not wait for what comes of it.
    package func send(_ signal: Int32, to number: Int) {
        if let process = process(of: number) { Glibc.kill(process, signal) }
    }

    /// Waits until a worker has left by itself; answers its exit status, `nil` if a signal ended it.
    package func status(of number: Int) async -> Int32? {
        guard let worker = running.withLock({ $0.removeValue(forKey: number) }) else { return nil }
        return await worker.task.value
    }

    private func signal(_ signal: Int32, _ number: Int) async {
        send(signal, to: number)
        _ = await status(of: number)
    }

    fileprivate static var ownExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
