import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Simulator
import Testing

@Suite(.timeLimit(.minutes(2))) struct ServerTests {
    /// Runs a server on a free port for the time of a test.
    private func withServer(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        clock: VirtualClock = VirtualClock(pace: .stepped, startingAt: Provider.start),
        _ test: (SimulatorServer, Caller) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        change(&configuration)
        var logger = Logger(label: "simulator")
        logger.logLevel = .critical
        let server = SimulatorServer(configuration, clock: clock, logger: logger)
        let running = Task { try await server.run() }
        let caller = Caller(root: "http://127.0.0.1:\(try await server.port)")
        do {
            try await test(server, caller)
        } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        _ = await running.result
    }

    @Test func `a hostname's whole life goes over HTTP`() async throws {
        try await withServer { (server, caller) async throws in
            let created = try await caller.call(
                "POST",
                Provider.hostnames,
                ["hostname": "a.tenant.dev", "ssl": Provider.ssl()]
            )
            #expect(created.status == 201)
            #expect(created.header("content-type") == "application/json")
            #expect(created.header("ratelimit") == "\"default\";r=1199;t=300")
            #expect(created.header("cf-ray") != nil)
            let path = Provider.hostnames + "/" + (created.json["result"]?["id"]?.string ?? "")
            server.clock.step(seconds: 60)
            #expect(try await caller.call("GET", path).json["result"]?["ssl"]?["status"] == "active")
            let edit: APIValue = ["ssl": Provider.ssl(["min_tls_version": "1.2"])]
            #expect(try await caller.call("PATCH", path, edit).status == 202)
            let listed = try await caller.call("GET", Provider.hostnames + "?hostname.exact=a.tenant.dev&per_page=1000")
            #expect(listed.json["result"]?[0]?["ssl"]?["settings"] == ["min_tls_version": "1.2"])
            #expect(try await caller.call("DELETE", path).json["id"]?.string.map { path.hasSuffix($0) } == true)
            #expect(try await caller.call("GET", path).status == 404)
            #expect(server.requests.total == 6)
            #expect(server.snapshot().hostnames.count == 0)
        }
    }

    @Test func `a body can be cut, huge or dribbling`() async throws {
        try await withServer { (server, caller) async throws in
            server.setFaults(
                FaultPlan(rules: [
                    .init(.truncated, .nth(1)), .init(.huge(bytes: 3 << 20), .nth(2)),
                    .init(.slowBody(seconds: 9), .nth(3)),
                ])
            )
            #expect(try await caller.call("GET", Provider.hostnames).json == .null)
            let huge = try await caller.call("GET", Provider.hostnames)
            #expect(huge.text.utf8.count == 3 << 20)
            #expect(huge.json["success"] == true)
            async let slow = caller.call("GET", Provider.hostnames)
            for _ in 0..<10 {
                while server.clock.sleepers == 0 { await Task.yield() }
                server.clock.step(seconds: 1)
            }
            #expect(try await slow.json["success"] == true)
        }
    }

    @Test func `a connection can be reset`() async throws {
        try await withServer { (server, caller) async throws in
            server.setFaults(FaultPlan(rules: [.init(.connectionReset, .next(1))]))
            await #expect(throws: (any Error).self) { _ = try await caller.call("GET", Provider.hostnames) }
            #expect(try await caller.call("GET", Provider.hostnames).status == 200)
        }
    }

    @Test func `hostnames, limits and switches are changed by hand over HTTP`() async throws {
        try await withServer { (server, caller) async throws in
            _ = try await caller.call("POST", Provider.hostnames, ["hostname": "a.tenant.dev", "ssl": Provider.ssl()])
            let move: APIValue = ["hostname": "A.tenant.dev", "action": "move"]
            #expect(try await caller.call("POST", "/simulator/hand", move).json == ["done": "move"])
            #expect(try await caller.call("GET", Provider.hostnames + "?hostname_status=moved").names.count == 1)
            #expect(try await caller.call("POST", "/simulator/limits", ["second_writer": .number(0.3)]).status == 200)
            #expect(try await caller.call("POST", "/simulator/semantics", ["absent_text": "null"]).status == 200)
            #expect(server.snapshot().semantics.absentText == .null)
            let table: APIValue = ["standard": ["fixture": "never"], "hostnames": ["a.tenant.dev": ["route": "here"]]]
            #expect(try await caller.call("POST", "/simulator/dns", table).status == 200)
            #expect(server.snapshot().dns.standard == .never)
        }
    }

    @Test(arguments: [(Fault.replyLost, 1), (.closedBeforeCommit, 0)])
    func `a connection is closed without an answer`(_ fault: Fault, hostnames: Int) async throws {
        try await withServer { (server, caller) async throws in
            server.setFaults(FaultPlan(rules: [.init(fault, .next(1))]))
            await #expect(throws: HTTPClientError.remoteConnectionClosed) {
                _ = try await caller.call("POST", Provider.hostnames, ["hostname": "a.tenant.dev"])
            }
            #expect(server.snapshot().hostnames.count == hostnames)
            #expect(server.requests.total == 1)
            #expect(try await caller.call("GET", Provider.hostnames).names.count == hostnames)
        }
    }

    @Test func `a slow answer waits for virtual time`() async throws {
        try await withServer { (server, caller) async throws in
            server.setFaults(FaultPlan(rules: [.init(.slow(seconds: 30), .next(1))]))
            async let slow = caller.call("GET", Provider.hostnames)
            while server.clock.sleepers == 0 { await Task.yield() }
            #expect(try await caller.call("GET", Provider.hostnames).status == 200)
            server.clock.step(seconds: 30)
            #expect(try await slow.status == 200)
        }
    }

    @Test func `a page of HTML and a date in Retry-After reach the client`() async throws {
        try await withServer { (server, caller) async throws in
            server.setFaults(
                FaultPlan(rules: [.init(.badGateway, .next(1)), .init(.throttled(.date(inSeconds: 5)), .next(1))])
            )
            let page = try await caller.call("GET", Provider.hostnames)
            #expect(page.status == 502)
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            let throttled = try await caller.call("GET", Provider.hostnames)
            #expect(throttled.status == 429)
            #expect(throttled.header("retry-after")?.hasSuffix(" GMT") == true)
        }
    }

    @Test func `another process can steer and look`() async throws {
        try await withServer { (server, caller) async throws in
            #expect(try await caller.call("POST", "/simulator/dns", ["fixture": "never"]).status == 200)
            #expect(
                try await caller.call("POST", "/simulator/dns", ["fixture": "points_here", "hostname": "A.tenant.dev"])
                    .status == 200
            )
            let faults: APIValue = ["rules": [["fault": "internal_error", "operations": ["list"], "next": 1]]]
            #expect(try await caller.call("POST", "/simulator/faults", faults).json == ["rules": 1])
            for name in ["a.tenant.dev", "b.tenant.dev"] {
                let body: APIValue = ["hostname": .string(name), "ssl": Provider.ssl()]
                #expect(try await caller.call("POST", Provider.hostnames, body).status == 201)
            }
            #expect(try await caller.call("GET", Provider.hostnames).status == 500)
            #expect(try await caller.call("POST", "/simulator/clock/step", ["seconds": 60]).status == 200)
            let edit: APIValue = ["hostname": "a.tenant.dev", "settings": ["http2": "off"]]
            #expect(try await caller.call("POST", "/simulator/edit", edit).status == 200)
            let state = try await caller.call("GET", "/simulator/state").json
            #expect(state["now"]?.string == server.clock.now.rfc3339)
            #expect(state["hostnames"]?.array?.map { $0["status"] } == ["active_redeploying", "pending"])
            #expect(state["hostnames"]?[0]?["ssl"]?["settings"] == ["http2": "off", "min_tls_version": "1.0"])
            let requests = try await caller.call("GET", "/simulator/requests?operation=create&limit=1").json
            #expect(requests["total"] == 3)
            #expect(requests["matches"] == 2)
            #expect(requests["requests"]?.array?.map { $0["hostname"] } == ["b.tenant.dev"])
            #expect(requests["statuses"] == ["201": 2, "500": 1])
        }
    }

    static let misuses: [(String, APIValue, Int)] = [
        ("/simulator/faults", ["rules": [["fault": "x"]]], 400),
        ("/simulator/dns", ["fixture": "x"], 400),
        ("/simulator/edit", ["hostname": "nobody.dev"], 400),
        ("/simulator/clock/step", ["seconds": -1], 400),
        ("/simulator/hand", ["hostname": "a.dev", "action": "kiss"], 400),
        ("/simulator/limits", ["second_writer": 2], 400),
        ("/simulator/semantics", ["mood": "good"], 400),
        ("/simulator/save", [:], 400),
        ("/simulator/unknown", [:], 404),
        ("/elsewhere", [:], 404),
    ]

    @Test(arguments: misuses)
    func `misuse of the controls is refused`(_ path: String, body: APIValue, status: Int) async throws {
        try await withServer { (_, caller) async throws in
            #expect(try await caller.call("POST", path, body).status == status)
        }
    }

    @Test func `the page shows the state and escapes what clients sent`() async throws {
        try await withServer { (_, caller) async throws in
            _ = try await caller.call("POST", Provider.hostnames, ["hostname": "<script>alert(1)</script>"])
            _ = try await caller.call("POST", Provider.hostnames, ["hostname": "a.tenant.dev", "ssl": Provider.ssl()])
            let page = try await caller.call("GET", "/").text
            #expect(page.contains("a.tenant.dev"))
            #expect(page.contains("&lt;script&gt;"))
            #expect(!page.contains("<script>"))
            #expect(page.contains("1198 of 1200"))
            #expect(!page.contains(SimulatorConfiguration.demoToken))
        }
    }

    @Test func `parallel creations of one name make one hostname`() async throws {
        try await withServer { (server, caller) async throws in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<15 {
                    group.addTask {
                        try await caller.call("POST", Provider.hostnames, ["hostname": "a.tenant.dev"]).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1)
            #expect(statuses.count { $0 == 409 } == 14)
            #expect(server.requests.count(.create) == 15)
        }
    }

    @Test func `a port that is taken is an error for all who wait`() async throws {
        try await withServer { (server, _) async throws in
            var logger = Logger(label: "simulator")
            logger.logLevel = .critical
            let second = SimulatorServer(port: try await server.port, logger: logger)
            await #expect(throws: (any Error).self) { try await second.run() }
            await #expect(throws: (any Error).self) { try await second.port }
        }
    }
}

/// A client of the simulator, over real HTTP.
struct Caller: Sendable {
    var root: String

    struct Reply: Sendable {
        var status: Int
        var headers: [(name: String, value: String)]
        var text: String

        var json: APIValue { APIValue(parsing: text) ?? .null }
        var names: [String] { json["result"]?.array?.compactMap { $0["hostname"]?.string } ?? [] }

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    func call(_ method: String, _ path: String, _ body: APIValue? = nil) async throws -> Reply {
        var request = HTTPClientRequest(url: root + path)
        request.method = .RAW(value: method)
        request.headers.add(name: "Authorization", value: "Bearer \(SimulatorConfiguration.demoToken)")
        if let body { request.body = .bytes(ByteBuffer(string: body.text)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 24))
        let headers = response.headers.map { ($0.name, $0.value) }
        return Reply(status: Int(response.status.code), headers: headers, text: text)
    }
}
