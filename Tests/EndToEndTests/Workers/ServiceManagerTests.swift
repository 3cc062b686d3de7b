import Foundation
import Glibc
import JobQueue
import TestSupport
import Testing
import usher

/// What systemd is told of a worker, without any library of its own.
struct ServiceManagerTests {
    @Test(.database, .timeLimit(.minutes(10)))
    func `a worker says that it is ready, that it lives, what it does and that it stops`() async throws {
        let manager = try NotifyListener(.path)
        defer { manager.close() }
        let environment = ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "2000000"]
        try await WorkerWorld.with(environment: environment) { world in
            try await world.prepare()
            try await world.workers.start(1)
            #expect(await manager.next { _ in true } == "READY=1\nSTATUS=0 of 4 slots busy")
            for _ in 0..<2 { #expect(await manager.next { $0.hasPrefix("WATCHDOG=1\nSTATUS=") } != nil) }
            world.workers.send(SIGTERM, to: 1)
            #expect(await manager.next { $0.hasPrefix("STOPPING=1\nSTATUS=stopping") } != nil)
            #expect(await world.workers.status(of: 1) == 0)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `the watchdog of an abstract socket is fed while the loop turns, and starves when it is stuck`() async throws {
        let manager = try NotifyListener(.abstract)
        defer { manager.close() }
        let supervision = ServiceSupervision(
            slots: 3,
            environment: ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "\(getpid())"]
        )
        let running = Task { await supervision.run() }
        supervision.hear(.registered)
        #expect(await manager.next { _ in true } == "READY=1\nSTATUS=0 of 3 slots busy")
        supervision.hear(.turned(running: 2))
        #expect(await manager.next { $0.hasPrefix("WATCHDOG=1") } == "WATCHDOG=1\nSTATUS=2 of 3 slots busy")
        let starved = await manager.next { _ in true }
        #expect(starved == "STATUS=stuck: the loop has not come round")
        supervision.hear(.turned(running: 1))
        #expect(await manager.next { $0.hasPrefix("WATCHDOG=1") } == "WATCHDOG=1\nSTATUS=1 of 3 slots busy")
        running.cancel()
        await running.value
    }

    @Test func `a watchdog meant for another process is not fed`() {
        var report = ServiceReport(slots: 1, isWatched: false)
        #expect(report.tick() == nil, "not before it is ready")
        #expect(report.hear(.registered) != nil)
        #expect(report.hear(.registered) == nil, "ready is said once")
        #expect(report.hear(.turned(running: 1)) == nil)
        #expect(report.tick() == "STATUS=1 of 1 slots busy")
        #expect(report.tick() == "STATUS=stuck: the loop has not come round")
    }

    @Test(arguments: ["", "relative", "/", "@", "/" + String(repeating: "a", count: 120), "vsock:2:1234"])
    func `an address that is no socket of this machine is ignored`(_ address: String) async {
        let supervision = ServiceSupervision(slots: 1, environment: ["NOTIFY_SOCKET": address])
        supervision.hear(.registered)
        // Returns at once: there is nobody to keep informed.
        await supervision.run()
        #expect(NotifySocket(address: address) == nil)
    }
}

/// How a worker process leaves, as decisions.
struct StopOrderTests {
    @Test func `one signal drains, and what ends in time ends in order`() {
        var order = StopOrder()
        #expect(order.handle(.signal) == .drain)
        #expect(order.handle(.left) == .end(.inOrder))
    }

    @Test func `a second signal leaves at once, a third does not even wait for that`() {
        var order = StopOrder()
        _ = order.handle(.signal)
        #expect(order.handle(.signal) == .leaveAtOnce)
        #expect(order.handle(.timeIsUp(.draining)) == .nothing, "the time of a stage that is over")
        #expect(order.handle(.signal) == .end(.hurried))
    }

    @Test func `draining that takes too long leaves at once, and that has an end too`() {
        var order = StopOrder()
        _ = order.handle(.signal)
        #expect(order.handle(.timeIsUp(.draining)) == .leaveAtOnce)
        #expect(order.handle(.timeIsUp(.leaving)) == .end(.overdue))
    }

    @Test func `services that end by themselves end the process`() {
        var order = StopOrder()
        #expect(order.handle(.left) == .end(.inOrder))
    }
}
