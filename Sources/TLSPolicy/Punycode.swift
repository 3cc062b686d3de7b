/// The encoding of a label's scalars in ASCII (RFC 3492), without the prefix `xn--`.
enum Punycode {
    private static let base = 36
    private static let tMin = 1
    private static let tMax = 26
    private static let skew = 38
    private static let damp = 700
    private static let initialBias = 72
    private static let initialN: UInt32 = 0x80

    /// Encodes a label of at most 63 scalars, which the arithmetic cannot overflow (section 6.4).
    static func encode(_ scalars: [Unicode.Scalar]) -> String {
        var output = scalars.filter(\.isASCII).map { UInt8(truncatingIfNeeded: $0.value) }
        let basicCount = output.count
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var n = initialN
        var delta = 0
        var bias = initialBias
        var handled = basicCount
        while handled < scalars.count, let next = scalars.lazy.map(\.value).filter({ $0 >= n }).min() {
            delta += Int(next - n) * (handled + 1)
            n = next
            for scalar in scalars {
                if scalar.value < n { delta += 1 }
                guard scalar.value == n else { continue }
                append(delta, bias, to: &output)
                bias = adapt(delta, handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            n += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Decodes; `nil` if the octets are not a punycode of at most 63 scalars.
    static func decode(_ input: some BidirectionalCollection<UInt8>) -> [Unicode.Scalar]? {
        var output: [Unicode.Scalar] = []
        var rest = input[...]
        if let hyphen = input.lastIndex(of: UInt8(ascii: "-")) {
            guard input[..<hyphen].allSatisfy({ $0 < 0x80 }) else { return nil }
            output = input[..<hyphen].map { Unicode.Scalar($0) }
            rest = input[input.index(after: hyphen)...]
        }
        var n = Int(initialN)
        var place = 0
        var bias = initialBias
        while !rest.isEmpty {
            guard output.count < 63, let delta = readDelta(&rest, bias) else { return nil }
            bias = adapt(delta, output.count + 1, isFirst: place == 0)
            let (sum, overflow) = place.addingReportingOverflow(delta)
            guard !overflow else { return nil }
            n += sum / (output.count + 1)
            place = sum % (output.count + 1)
            guard let value = UInt32(exactly: n), let scalar = Unicode.Scalar(value) else { return nil }
            output.insert(scalar, at: place)
            place += 1
        }
        return output
    }

    /// Writes one variable-length integer (section 3.3).
    private static func append(_ delta: Int, _ bias: Int, to output: inout [UInt8]) {
        var q = delta
        var k = base
        while true {
            let t = threshold(k, bias)
            guard q >= t else { break }
            output.append(digit(t + (q - t) % (base - t)))
            q = (q - t) / (base - t)
            k += base
        }
        output.append(digit(q))
    }

    /// Reads one variable-length integer; `nil` if it does not end, has no digit, or is beyond any scalar.
    private static func readDelta<Octets: Collection<UInt8>>(_ rest: inout Octets, _ bias: Int) -> Int?
    where Octets.SubSequence == Octets {
        var delta = 0
        var weight = 1
        var k = base
        while let octet = rest.popFirst() {
            guard let digit = value(of: octet) else { return nil }
            let (part, overflow) = digit.multipliedReportingOverflow(by: weight)
            // 63 scalars up to U+10FFFF need less than 2^27; anything far beyond is nonsense.
            guard !overflow, part <= 1 << 32 else { return nil }
            delta += part
            let t = threshold(k, bias)
            if digit < t { return delta }
            weight *= base - t
            guard weight <= 1 << 32 else { return nil }
            k += base
        }
        return nil
    }

    private static func threshold(_ k: Int, _ bias: Int) -> Int {
        min(max(k - bias, tMin), tMax)
    }

    /// Section 6.1.
    private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var k = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            k += base
        }
        return k + (base - tMin + 1) * delta / (delta + skew)
    }

    /// a…z are 0…25, 0…9 are 26…35.
    private static func digit(_ value: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 26 ? 0x61 + value : 0x30 + value - 26)
    }

    private static func value(of octet: UInt8) -> Int? {
        switch octet {
        case 0x61...0x7A: Int(octet) - 0x61
        case 0x41...0x5A: Int(octet) - 0x41
        case 0x30...0x39: Int(octet) - 0x30 + 26
        default: nil
        }
    }
}
