/// A call the house does without, where, and what takes its place.
struct BannedCall {
    let text: String
    let replacement: String
    /// The paths it is banned in.
    let isBanned: @Sendable (String) -> Bool
}

extension BannedCall {
    private static let everywhere: @Sendable (String) -> Bool = { _ in true }
    private static let inSources: @Sendable (String) -> Bool = { $0.hasPrefix("Sources/") }
    /// Not where tests look for the end of processes that nobody tells them of.
    private static let inTests: @Sendable (String) -> Bool = {
        $0.hasPrefix("Tests/") && !$0.hasPrefix("Tests/TestSupport/")
            && $0 != "Tests/PostgresTests/LocalClusterTests.swift"
    }
    private static let belowUsher: @Sendable (String) -> Bool = {
        $0.hasPrefix("Sources/") && !$0.hasPrefix("Sources/usher/")
    }
    private static let inDecisions: @Sendable (String) -> Bool = {
        $0.hasPrefix("Sources/TLSPolicy/") || $0.hasPrefix("Sources/JobQueue/")
    }
    private static let offTheExecutor: @Sendable (String) -> Bool = { $0 != "Sources/Postgres/ConnectionThread.swift" }

    /// The one place that looks for programs along `PATH`.
    private static let offThePath: @Sendable (String) -> Bool = {
        belowUsher($0) && $0 != "Sources/Postgres/ServerBinaries.swift"
    }

    static let all: [BannedCall] = [
        BannedCall("@testable", "mark what the test needs `package`", everywhere),
        BannedCall("@unchecked Sendable", "a Mutex around a struct, or an actor", offTheExecutor),
        BannedCall("nonisolated(unsafe)", "a Mutex around a struct, or an actor", everywhere),
        BannedCall("fatalError(", "throw a typed error, or make the state impossible", everywhere),
        BannedCall("Task.detached", "a child task, or a service's run()", everywhere),
        BannedCall("Task.sleep", "await the event itself", inTests),
        BannedCall("sleep(", "Task.sleep in a service; in a test, await the event itself", everywhere),
        BannedCall("usleep(", "Task.sleep in a service; in a test, await the event itself", everywhere),
        BannedCall("Thread.sleep", "Task.sleep in a service; in a test, await the event itself", everywhere),
        BannedCall("print(", "swift-log; only usher writes to standard output", belowUsher),
        BannedCall("debugPrint(", "swift-log", inSources),
        BannedCall("dump(", "swift-log", inSources),
        BannedCall("NSLog(", "swift-log", everywhere),
        BannedCall("Date()", "a parameter for the time; only the database's clock decides", inDecisions),
        BannedCall("Date.now", "a parameter for the time; only the database's clock decides", inDecisions),
        BannedCall("getenv(", "a parameter; usher reads the environment", belowUsher),
        BannedCall(
            "ProcessInfo.processInfo.environment",
            "a parameter; usher reads the environment",
            offThePath
        ),
        BannedCall("URLSession", "AsyncHTTPClient: one HTTP stack, with deadlines and limits of ours", everywhere),
        BannedCall("Process()", "swift-subprocess: it is awaited, cancelled and reaped", everywhere),
        BannedCall("XCTestCase", "Swift Testing: a suite is a struct", everywhere),
        BannedCall("XCTAssert", "Swift Testing: #expect", everywhere),
    ]

    private init(_ text: String, _ replacement: String, _ isBanned: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.replacement = replacement
        self.isBanned = isBanned
    }
}

extension BannedCall {
    static func check(_ file: SourceFile) -> [Offence] {
        let banned = all.filter { $0.isBanned(file.path) }
        return file.code.enumerated().flatMap { index, code in
            banned.filter { $0.isCalled(in: code) }.map { call in
                Offence(path: file.path, line: index + 1, offence: call.text, remedy: "use \(call.replacement)")
            }
        }
    }

    /// True if the text occurs as a word of its own, and not as the name of a function being declared.
    ///
    /// `sleep(` is neither in `pg_sleep(` nor in `Task.sleep(`.
    private func isCalled(in code: String) -> Bool {
        guard code.contains(text) else { return false }
        return code.ranges(of: text).contains { range in
            guard let before = code[..<range.lowerBound].last else { return true }
            if code[..<range.lowerBound].hasSuffix("func ") { return false }
            return !(before.isLetter || before.isNumber || before == "_" || before == ".")
        }
    }
}
