import Simulator
import Testing

@Suite struct ListTests {
    private func provider(
        rows: Int,
        _ change: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> Provider {
        var provider = Provider(change)
        for row in 0..<rows { _ = provider.create("h\(row).tenant.dev") }
        return provider
    }

    @Test func `pages hold every row once, in the order of creation`() {
        var provider = provider(rows: 51)
        var names: [String] = []
        for page in 1...6 { names += provider.list("per_page=10&page=\(page)").names }
        #expect(names == (0..<51).map { "h\($0).tenant.dev" })
        #expect(provider.list("per_page=10&page=7").names == [])
        let info = provider.list("per_page=10&page=6").json["result_info"]
        #expect(info == ["count": 1, "page": 6, "per_page": 10, "total_count": 51, "total_pages": 6])
    }

    @Test(arguments: [
        ("", 20), ("per_page=1000", 60), ("per_page=5000", 60), ("per_page=1", 5), ("page=9223372036854775807", 0),
    ])
    func `page sizes have a default and bounds`(_ query: String, rows: Int) {
        var provider = provider(rows: 60)
        #expect(provider.list(query).names.count == rows)
    }

    @Test func `a smaller maximum cuts the page and says so`() {
        var provider = provider(rows: 60) { $0.semantics.maximumPerPage = 50 }
        let answer = provider.list("per_page=1000")
        #expect(answer.names.count == 50)
        #expect(answer.json["result_info"]?["per_page"] == 50)
        #expect(answer.json["result_info"]?["total_pages"] == 2)
    }

    @Test func `names are filtered exactly, by part and by beginning`() {
        var provider = provider(rows: 12)
        #expect(provider.list("hostname.exact=H1.tenant.dev").names == ["h1.tenant.dev"])
        #expect(provider.list("hostname.startsWith=h1").names == ["h1.tenant.dev", "h10.tenant.dev", "h11.tenant.dev"])
        #expect(provider.list("hostname.contain=11.ten").names == ["h11.tenant.dev"])
        #expect(provider.list("hostname=1.tenant.dev").names == ["h1.tenant.dev", "h11.tenant.dev"])
        provider = self.provider(rows: 12) { $0.semantics.bareHostnameFilter = .exact }
        #expect(provider.list("hostname=1.tenant.dev").names == [])
    }

    @Test func `ids and states are filters too`() {
        var provider = provider(rows: 2)
        let id = provider.list("hostname.exact=h1.tenant.dev").json["result"]?[0]?["id"]?.string ?? ""
        #expect(provider.list("id=\(id)").names == ["h1.tenant.dev"])
        provider.wait(60)
        _ = provider.create("late.tenant.dev")
        #expect(provider.list("hostname_status=pending").names == ["late.tenant.dev"])
        #expect(provider.list("ssl_status=active").names == ["h0.tenant.dev", "h1.tenant.dev"])
        #expect(provider.list("order=ssl_status&direction=desc").names.first == "late.tenant.dev")
    }

    @Test(arguments: [
        ("id=00000000-0000-4000-8000-000000000000&hostname.exact=a.dev", 1_438),
        ("hostname.exact=a.dev&hostname.contain=a", 1_438),
        ("hostname.contain=", 1_437),
        ("hostname.contain=a%20b", 1_437),
    ])
    func `filters that cannot be are refused`(_ query: String, code: Int) {
        var provider = provider(rows: 1)
        #expect(provider.list(query).outcome == [400, code])
    }
}
