import Foundation
import TestSupport
import Testing

/// The search for leaked keys finds them, and nothing else.
struct SecretWindowsTests {
    /// One piece of a key that lies at an awkward place, in one form.
    struct Leak: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let form: @Sendable (Data) -> Data
    }

    static let leaks: [Leak] = [
        Leak(testDescription: "DER") { $0 },
        Leak(testDescription: "hexadecimal") { Data($0.map { String(format: "%02x", $0) }.joined().utf8) },
        Leak(testDescription: "HEXADECIMAL") { Data($0.map { String(format: "%02X", $0) }.joined().utf8) },
        Leak(testDescription: "base64") { Data($0.base64EncodedString().utf8) },
        Leak(testDescription: "base64 after one byte") { Data((Data([7]) + $0).base64EncodedString().utf8) },
        Leak(testDescription: "base64 after two bytes") { Data((Data([7, 9]) + $0).base64EncodedString().utf8) },
        Leak(testDescription: "base64 for addresses") {
            Data($0.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").utf8)
        },
        Leak(testDescription: "PEM in lines") {
            $0.base64EncodedData(options: [.lineLength64Characters, .endLineWithLineFeed])
        },
        Leak(testDescription: "PEM in JSON") {
            let text = $0.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            return Data(text.replacing("\n", with: #"\n"#).replacing("/", with: #"\/"#).utf8)
        },
    ]

    @Test(arguments: leaks) func `32 bytes of a key are found wherever they begin`(leak: Leak) throws {
        let key = try TestKey.rsa().pkcs8
        let hunt = SecretWindows(keyPEM: key)
        let body = key.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let der = try #require(Data(base64Encoded: body))
        for start in stride(from: 40, to: der.count - 32, by: 37) {
            let planted = Data("error: \"".utf8) + leak.form(der[start..<start + 32]) + Data("\" at line 3".utf8)
            #expect(hunt.isFound(in: planted), "from byte \(start)")
        }
    }

    @Test func `another key, and what is known, are not found`() throws {
        let key = try TestKey.newRSA()
        let authority = try TestAuthority()
        let leaf = try authority.leaf(key: key)
        let body = try leaf.pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let hunt = SecretWindows(keyPEM: key.pkcs8, known: [try #require(Data(base64Encoded: body))])
        #expect(try !hunt.isFound(in: leaf.pem))
        #expect(try !hunt.isFound(in: TestKey.rsa().pkcs8))
        #expect(hunt.isFound(in: key.pkcs8))
        #expect(hunt.isFound(in: key.traditional))
    }
}
