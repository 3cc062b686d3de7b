import Hummingbird
import JobQueue
import Postgres

/// One page for people: how many hostnames stand where, and whom the others wait for.
enum OverviewPage {
    static func response(from pool: PostgresPool) async -> Response {
        do throws(PostgresError) {
            try await QueueDepth.refresh(in: pool)
            let (standings, troubles) = try await pool.transaction { db throws(PostgresError) in
                (try readStandings(db), try readTroubles(db))
            }
            return page(standings: standings, troubles: troubles)
        } catch {
            return Problem(error).response()
        }
    }

    private typealias Standing = (String, String, Int64)
    private typealias Trouble = (String, String, String, String, String?)

    private static func readStandings(_ db: borrowing Session) throws(PostgresError) -> [Standing] {
        try db.query(
            """
            select c.tier, c.standing, c.hostnames
            from usher.standing_count s
            cross join jsonb_to_recordset(s.counts) as c (tier text, standing text, hostnames bigint)
            order by c.tier, c.standing
            """,
            as: Standing.self
        )
    }

    /// The newest hundred that somebody must move: a page never walks a whole table.
    private static func readTroubles(_ db: borrowing Session) throws(PostgresError) -> [Trouble] {
        try db.query(
            """
            select h.name, h.tenant, h.standing, coalesce(h.standing_actor, ''), h.standing_message
            from usher.hostname h
            where h.standing in ('waiting', 'unverified', 'refused', 'failed') and h.released_at is null
            order by h.hostname_id desc limit 100
            """,
            as: Trouble.self
        )
    }

    private static func page(standings: [Standing], troubles: [Trouble]) -> Response {
        let counts = standings.map { row([$0.0, $0.1, "\($0.2)"]) }.joined()
        let waiting = troubles.map { row([$0.0, $0.1, $0.2, $0.3, $0.4 ?? ""]) }.joined()
        let html = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Usher</title>
            <style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
            table{border-collapse:collapse;width:100%;margin-bottom:2rem}
            th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}th{color:#555}</style>
            <h1>Usher</h1>
            <h2>Hostnames</h2>
            <table><tr><th>Tier<th>Standing<th>Hostnames</tr>\(counts)</table>
            <h2>Waiting for somebody</h2>
            <table><tr><th>Hostname<th>Tenant<th>Standing<th>Who must act<th>Why</tr>\(waiting)</table>
            """
        return Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: html))
        )
    }

    private static func row(_ cells: [String]) -> String {
        "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
