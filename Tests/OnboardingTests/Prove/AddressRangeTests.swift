import Onboarding
import Testing

/// Which addresses may be asked without leave.
@Suite struct AddressRangeTests {
    @Test(arguments: [
        [1, 1, 1, 1], [104, 16, 0, 1], [172, 15, 255, 255], [172, 32, 0, 0], [100, 63, 0, 1], [223, 255, 255, 255],
    ])
    func `public addresses`(octets: [UInt8]) {
        #expect(AddressRange.isPublic(octets))
        #expect(AddressRange.isPublic([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + octets), "mapped into IPv6")
    }

    @Test(arguments: [
        [0, 0, 0, 0], [10, 0, 0, 1], [100, 64, 0, 1], [100, 127, 255, 255], [127, 0, 0, 1], [169, 254, 169, 254],
        [172, 16, 0, 1], [172, 31, 255, 255], [192, 168, 1, 1], [198, 19, 0, 1], [224, 0, 0, 1], [255, 255, 255, 255],
    ])
    func `addresses inside`(octets: [UInt8]) {
        #expect(!AddressRange.isPublic(octets))
        #expect(!AddressRange.isPublic([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + octets), "mapped into IPv6")
        #expect(!AddressRange.isPublic([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] + octets), "translated")
        #expect(!AddressRange.isPublic([0x20, 0x02] + octets + [UInt8](repeating: 0, count: 10)), "tunnelled")
    }

    @Test func `addresses of IPv6`() {
        func address(_ start: UInt8...) -> [UInt8] { start + [UInt8](repeating: 1, count: 16 - start.count) }
        #expect(AddressRange.isPublic(address(0x26, 0x06, 0x47, 0x00)))
        #expect(AddressRange.isPublic(address(0x2A, 0x00)))
        for inside in [
            [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 15) + [1], address(0xFC), address(0xFD),
            address(0xFE, 0x80), address(0xFF, 0x02), address(0x20, 0x01, 0x0D, 0xB8), address(0x20, 0x01, 0, 0),
        ] {
            #expect(!AddressRange.isPublic(inside), "\(inside)")
        }
        #expect(!AddressRange.isPublic([]) && !AddressRange.isPublic([1, 2, 3]))
    }

    @Test func `edges are read with and without a port`() {
        #expect(EdgeAddress("edge.example:8443") == EdgeAddress(host: "edge.example", port: 8443))
        #expect(EdgeAddress("edge.example") == EdgeAddress(host: "edge.example", port: 443))
        #expect(EdgeAddress("[::1]:8443") == EdgeAddress(host: "::1", port: 8443))
        #expect(EdgeAddress("[::1]") == EdgeAddress(host: "::1", port: 443))
        for wrong in ["", ":443", "a:0", "a:65536", "a:b", "::1", "[::1]443", "[]:1"] {
            #expect(EdgeAddress(wrong) == nil, "\(wrong)")
        }
    }
}
