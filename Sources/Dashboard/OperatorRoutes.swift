import Hummingbird
import JobQueue
import Postgres

/// Orders over HTTP: replays, pauses, the end of a job.
///
/// Each brings the operator's token, and is kept in the audit.
struct OperatorRoutes: Sendable {
    let pool: PostgresPool
    /// `nil` where none is configured: then no order is obeyed.
    let token: SharedSecret?

    private typealias Context = BasicRequestContext
    private typealias Order = @Sendable (Request, Context, Orders) async throws(Problem) -> Response

    func add(to router: Router<BasicRequestContext>) {
        router.post("v1/replays") { await obey($0, $1, startReplay) }
        router.post("v1/replays/:replay/:word") { await obey($0, $1, turnReplay) }
        router.post("v1/jobs/:job/cancel") { await obey($0, $1, cancelJob) }
        router.post("v1/pauses") { await obey($0, $1, pause) }
        router.delete("v1/pauses") { await obey($0, $1, resume) }
    }

    /// Obeys whoever brings the token.
    private func obey(_ request: Request, _ context: Context, _ order: Order) async -> Response {
        if let refusal = SharedSecret.refusal(of: request, unless: token) { return refusal }
        do throws(Problem) {
            return try await order(request, context, Orders(of: request, pool: pool))
        } catch {
            return error.response()
        }
    }
}

extension Orders {
    /// Orders in the name that the request brings.
    init(of request: Request, pool: PostgresPool) {
        let name = HTTPFields.Element.Name("Usher-Actor").flatMap { request.headers[$0] }
        self.init(pool: pool, actor: name ?? "operator over HTTP")
    }
}

extension OperatorRoutes {
    private func startReplay(_ request: Request, _: Context, _ orders: Orders) async throws(Problem) -> Response {
        let fields = ["query", "reason", "canary", "per_minute", "halt_at", "expected", "dry_run"]
        let body = try await OrderBody(request, fields: fields)
        let query = try body.text("query")
        if try body.flag("dry_run") {
            let preview: Statement = "select to_jsonb(p) from usher.replay_preview(\(query)) as p"
            return Response(json: try await document(preview, orders))
        }
        let (reason, canary) = (try body.text("reason"), try body.integer("canary") ?? 25)
        let (perMinute, expected) = (try body.integer("per_minute"), try body.integer("expected"))
        let haltAt = try body.number("halt_at") ?? 0.05
        let started: Statement = """
            select replay_id from usher.replay_start(\(query), \(reason), \(canary)::integer, \(perMinute)::integer,
                                                     \(haltAt)::numeric, \(expected)::integer)
            """
        let (replay, status) = try await give(orders) { db throws(PostgresError) in
            let replay = try db.one(started, as: Int64.self)
            return (replay, try db.one("select usher.replay_status(\(replay))", as: JSONText.self))
        }
        return Response(json: status, status: .created, headers: [.location: "/v1/replays/\(replay)"])
    }

    private func turnReplay(
        _ request: Request,
        _ context: Context,
        _ orders: Orders
    ) async throws(Problem) -> Response {
        let body = try await OrderBody(request, fields: ["reason"])
        let reason = try body.text("reason")
        let replay = try number(context, "replay")
        let turn: Statement =
            switch context.parameters.get("word") {
            case "halt": "select usher.replay_halt(\(replay), \(reason))"
            case "resume": "select usher.replay_resume(\(replay), \(reason))"
            case "cancel": "select usher.replay_cancel(\(replay), \(reason))"
            default: throw Problem.absent
            }
        return Response(json: try await document("select jsonb_build_object('state', (\(turn)))", orders))
    }

    private func cancelJob(
        _ request: Request,
        _ context: Context,
        _ orders: Orders
    ) async throws(Problem) -> Response {
        let body = try await OrderBody(request, fields: ["reason"])
        let reason = try body.text("reason")
        let job = try number(context, "job")
        let state = try await give(orders) { db throws(PostgresError) in
            try db.one("select usher.cancel(\(job), \(reason))", as: String?.self)
        }
        guard let state else { throw Problem.absent }
        return Response(json: JSONText(#"{"state": "\#(state)"}"#))
    }

    private func pause(_ request: Request, _: Context, _ orders: Orders) async throws(Problem) -> Response {
        let body = try await OrderBody(request, fields: ["scope", "name", "until", "reason"])
        let (scope, name) = (try body.text("scope"), try body.optionalText("name") ?? "")
        let (until, reason) = (try body.optionalText("until"), try body.text("reason"))
        let order: Statement = """
            select jsonb_build_object('paused', true)
            from (select usher.pause(\(scope), \(name), \(until)::timestamptz, \(reason))) as p
            """
        return Response(json: try await document(order, orders), status: .created)
    }

    /// A DELETE has no body everywhere; its scope and reason come in the address.
    private func resume(_ request: Request, _: Context, _ orders: Orders) async throws(Problem) -> Response {
        let parameters = request.uri.queryParameters
        guard let scope = parameters["scope"], let reason = parameters["reason"], !reason.isEmpty else {
            throw Problem(type: "about:blank", title: "scope and reason are required", status: 422)
        }
        let name = parameters["name"].map(String.init) ?? ""
        let order: Statement = """
            select jsonb_build_object('resumed', usher.resume(\(String(scope)), \(name), \(String(reason))))
            """
        return Response(json: try await document(order, orders))
    }

    /// The pauses in force, as a document.
    static var pauses: Statement {
        """
        select jsonb_build_object('pauses', coalesce(jsonb_agg(p.pause), '[]')) from (\(Orders.pausesInForce)) as p
        """
    }
}

extension OperatorRoutes {
    private func number(_ context: Context, _ name: String) throws(Problem) -> Int64 {
        guard let number = context.parameters.get(name, as: Int64.self) else { throw Problem.absent }
        return number
    }

    private func document(_ order: Statement, _ orders: Orders) async throws(Problem) -> JSONText {
        try await give(orders) { db throws(PostgresError) in try db.one(order, as: JSONText.self) }
    }

    private func give<Value: Sendable>(
        _ orders: Orders,
        _ order: @Sendable (borrowing Session) throws(PostgresError) -> Value
    ) async throws(Problem) -> Value {
        do throws(PostgresError) {
            return try await orders.give(order)
        } catch {
            throw Problem(error)
        }
    }
}
