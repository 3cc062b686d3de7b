import Testing
import usher

struct SampleTests {
    @Test func `the median is the middle value, of an even number the mean of the two`() {
        #expect(Sample([9, 1, 5]).median == 5)
        #expect(Sample([4, 1, 9, 6]).median == 5)
        #expect(Sample([]).median == 0)
    }

    @Test(arguments: [(50, 50), (99, 99), (100, 100), (0, 1), (0.5, 1), (99.1, 100)])
    func `a percentile is a value that was measured`(percent: Double, value: Double) {
        let sample = Sample((1...100).reversed().map(Double.init))
        #expect(sample.percentile(percent) == value)
    }

    @Test func `percentiles of few values and of none`() {
        #expect(Sample([7]).percentile(99) == 7)
        #expect(Sample([3, 7]).percentile(50) == 3)
        #expect(Sample([]).percentile(50) == 0)
        #expect(Sample([3, 7, 5]).largest == 7)
    }

    @Test func `the rate is read from what pgbench prints, not if transactions failed`() {
        let text = """
            number of transactions actually processed: 400/400
            number of failed transactions: 0 (0.000%)
            latency average = 5.338 ms
            initial connection time = 3.190 ms
            tps = 374.640579 (without initial connection time)
            """
        #expect(PgbenchReport(text)?.perSecond == 374.640579)
        #expect(PgbenchReport(text.replacing(": 0 (0.000%)", with: ": 3 (0.750%)")) == nil)
        #expect(PgbenchReport("pgbench: error: no such file") == nil)
    }
}
