import Hummingbird
import Postgres

/// A page of `GET /v1/jobs?query=…&limit=…&cursor=…`: the newest jobs a filter selects, and where the next page begins.
struct JobPage {
    private let query: String?
    private let limit: Int
    private let before: Int64?

    static let largest = 200

    init(_ request: Request) throws(Problem) {
        let parameters = request.uri.queryParameters
        query = parameters["query"].map(String.init)
        let limit = parameters["limit"].map { Int($0) } ?? 50
        guard let limit, 1...Self.largest ~= limit else {
            throw Problem(type: "about:blank", title: "limit is 1 to \(Self.largest)", status: 422)
        }
        self.limit = limit
        before = parameters["cursor"].flatMap { Int64($0) }
        guard before != nil || parameters["cursor"] == nil else {
            throw Problem(
                type: "about:blank",
                title: "this cursor is none of ours",
                status: 422,
                hint: "pass next_cursor of the page before as it is, or none"
            )
        }
    }

    /// Yields the page as a document; `next_cursor` is null at the end.
    ///
    /// One row more is read to know it.
    var statement: Statement {
        """
        with page as (
            select j, j.job_id, row_number() over (order by j.job_id desc) as place
            from usher.list_jobs(\(query), \(limit + 1)::integer, \(before)) as j
        )
        select jsonb_build_object(
            'jobs', coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(j)) order by place)
                             filter (where place <= \(limit)), '[]'),
            'next_cursor', case when count(*) > \(limit) then (min(job_id) filter (where place <= \(limit)))::text end)
        from page
        """
    }
}
