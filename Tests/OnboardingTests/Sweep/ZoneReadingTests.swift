import Cloudflare
import Onboarding
import Testing

/// When a reading by list pages ends, page by page, without a provider.
struct ZoneReadingTests {
    private func rows(_ numbers: Range<Int>) -> [CustomHostname] {
        numbers.map { CustomHostname(id: "id\($0)", hostname: "h\($0).tenant.dev") }
    }

    /// Reads from a zone of so many rows whose pages are cut to `cut` and described by `describe`.
    private func read(
        _ count: Int,
        asking size: Int,
        cut: Int,
        _ describe: ([CustomHostname], Int, Int) -> HostnamePage
    ) -> (ids: Int, pages: Int, isWhole: Bool) {
        var reading = ZoneReading(perPage: size)
        var pages = 0
        while case .read(let page, let asked) = reading.step {
            let rowsPerPage = min(asked, cut)
            let start = min((page - 1) * rowsPerPage, count)
            pages += 1
            _ = reading.receive(describe(rows(start..<min(start + rowsPerPage, count)), page, rowsPerPage))
        }
        return (reading.seen.count, pages, reading.step == .end(isWhole: true))
    }

    @Test(arguments: [0, 1, 49, 50, 51, 100, 1_000, 1_001, 50_001], [50, 1_000])
    func `a provider that tells its totals is read without a page too many`(_ count: Int, _ cut: Int) {
        let result = read(count, asking: 1_000, cut: cut) { rows, page, size in
            let pages = (count + size - 1) / size
            return HostnamePage(hostnames: rows, page: page, perPage: size, totalCount: count, totalPages: pages)
        }
        #expect(result.ids == count)
        #expect(result.pages == max(1, (count + cut - 1) / cut))
        #expect(result.isWhole)
    }

    @Test(arguments: [0, 51, 100, 50_001], [50, 1_000])
    func `a provider that tells nothing, and cuts without a word, is read to the empty page`(_ count: Int, _ cut: Int) {
        let result = read(count, asking: 1_000, cut: cut) { rows, page, _ in
            HostnamePage(hostnames: rows, page: page, perPage: 1_000)
        }
        #expect(result.ids == count)
        #expect(result.pages == (count + cut - 1) / cut + 1)
        #expect(result.isWhole)
    }

    @Test func `a number of pages that is too small for the rows is not believed`() {
        let result = read(120, asking: 1_000, cut: 50) { rows, page, _ in
            HostnamePage(hostnames: rows, page: page, perPage: 1_000, totalCount: 120, totalPages: 1)
        }
        #expect(result.ids == 120)
        #expect(result.isWhole)
    }

    @Test func `rows that move to a page already read come out once, and the reading goes on`() {
        var reading = ZoneReading(perPage: 50)
        // Ten rows were created in front meanwhile: ten of the first page come again on the second.
        let first = HostnamePage(hostnames: rows(0..<50), page: 1, perPage: 50, totalCount: 90, totalPages: 2)
        let second = HostnamePage(hostnames: rows(40..<90), page: 2, perPage: 50, totalCount: 100, totalPages: 2)
        let fresh = [reading.receive(first).count, reading.receive(second).count]
        #expect(fresh == [50, 40])
        #expect(reading.step == .read(page: 3, perPage: 50), "the totals say that ten were not seen")
        _ = reading.receive(HostnamePage(hostnames: [], page: 3, perPage: 50))
        #expect(reading.step == .end(isWhole: true))
    }

    @Test func `a provider that repeats one page for ever ends the reading, and proves nothing`() {
        var reading = ZoneReading(perPage: 50)
        var pages = 0
        while case .read(let page, _) = reading.step, pages < 100 {
            _ = reading.receive(HostnamePage(hostnames: rows(0..<50), page: page, perPage: 50))
            pages += 1
        }
        #expect(pages < 10)
        #expect(reading.step == .end(isWhole: false))
        #expect(reading.seen.count == 50)
    }

    @Test func `a refused first page is asked for again in the old size, anything else is an error`() {
        func refusal(_ status: Int, _ code: Int) -> CloudflareError {
            let errors = [ProviderMessage(code: code, message: "per_page")]
            return CloudflareError(call: .listHostnames, fault: .refused(status: status, errors: errors))
        }
        var reading = ZoneReading(perPage: 1_000)
        let elsewhere = [refusal(403, 10_000), refusal(500, 1_500)].map { reading.refused($0) }
        #expect(elsewhere == [false, false])
        let first = reading.refused(refusal(400, 1_400))
        #expect(first)
        #expect(reading.step == .read(page: 1, perPage: 50))
        let again = reading.refused(refusal(400, 1_400))
        #expect(!again, "only once")
        _ = reading.receive(HostnamePage(hostnames: rows(0..<50), page: 1, perPage: 50))
        let later = reading.refused(refusal(400, 1_400))
        #expect(!later, "only the first page")
    }
}
