import Testing
import usher

/// Changes this test process, too, which is as well: keys are opened in it.
struct CoreDumpTests {
    @Test func `a process that forbids core dumps cannot be dumped`() throws {
        try CoreDumps.forbid()
        #expect(!CoreDumps.areAllowed)
    }
}
