/// Whether an address is one of the public internet's, or leads into somebody's own network.
///
/// A hostname is a tenant's word: it must not make our machines knock at doors inside.
/// Source: the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890).
package enum AddressRange {
    /// - Parameter octets: 4 or 16, in network order; anything else is not public.
    package static func isPublic(_ octets: [UInt8]) -> Bool {
        switch octets.count {
        case 4: !special4.contains { $0.contains(octets) }
        case 16:
            if let embedded = embeddedIPv4(octets) { isPublic(embedded) } else { isPublicIPv6(octets) }
        default: false
        }
    }

    private struct Prefix {
        let octets: [UInt8]
        let bits: Int

        init(_ octets: UInt8..., bits: Int) {
            self.octets = octets
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                let own = bit / 8 < octets.count ? octets[bit / 8] : 0
                return address[bit / 8] & mask == own & mask
            }
        }
    }

    private static let special4 = [
        Prefix(0, bits: 8), Prefix(10, bits: 8), Prefix(100, 64, bits: 10), Prefix(127, bits: 8),
        Prefix(169, 254, bits: 16), Prefix(172, 16, bits: 12), Prefix(192, 0, 0, bits: 24), Prefix(192, 0, 2, bits: 24),
        Prefix(192, 88, 99, bits: 24), Prefix(192, 168, bits: 16), Prefix(198, 18, bits: 15),
        Prefix(198, 51, 100, bits: 24), Prefix(203, 0, 113, bits: 24), Prefix(224, bits: 4), Prefix(240, bits: 4),
    ]

    /// Global unicast is 2000::/3; of that, Teredo, benchmarking, ORCHID and documentation are not.
    private static func isPublicIPv6(_ octets: [UInt8]) -> Bool {
        let special = [
            Prefix(0x20, 0x01, 0, bits: 23), Prefix(0x20, 0x01, 0x0D, 0xB8, bits: 32), Prefix(0x3F, 0xFF, bits: 20),
        ]
        return Prefix(0x20, bits: 3).contains(octets) && !special.contains { $0.contains(octets) }
    }

    /// IPv4 mapped into IPv6, translated (NAT64), or tunnelled (6to4).
    private static func embeddedIPv4(_ octets: [UInt8]) -> [UInt8]? {
        let mapped = Prefix(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, bits: 96)
        let translated = Prefix(0, 0x64, 0xFF, 0x9B, bits: 96)
        if mapped.contains(octets) || translated.contains(octets) { return Array(octets[12...]) }
        return Prefix(0x20, 0x02, bits: 16).contains(octets) ? Array(octets[2..<6]) : nil
    }
}
