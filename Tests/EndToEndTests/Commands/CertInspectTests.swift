import Foundation
import Testing

/// `usher cert inspect`, which needs no database.
struct CertInspectTests {
    private struct Inspection: Decodable {
        let hostname: String?
        let tier: String?
        let files: [File]
        let contradictions: [Problem]
        let cured: [Problem]

        struct File: Decodable {
            let certificates: [Item]
            let chain: Chain?
            let problem: String?
        }

        struct Item: Decodable {
            let role: String
            let names: [String]
            let notAfter: String
            let fingerprint: String
        }

        struct Chain: Decodable {
            let complete: Bool
            let keyMatches: Bool?
        }

        struct Problem: Decodable {
            let code: String
        }
    }

    /// Runs the command on files of these contents.
    private func inspect(_ files: [String], _ options: String...) async throws -> (Inspection, UsherProcess) {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let paths = try files.enumerated().map { try folder.file("\($0).pem", $1) }
        let run = try await UsherProcess.run(["cert", "inspect", "--json"] + paths + options)
        return (try run.document(as: Inspection.self), run)
    }

    @Test func `a sound chain gives its facts and status 0`() async throws {
        let (found, run) = try await inspect([SoundChain.leaf + SoundChain.intermediate])
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(found.hostname == "pay.acme.com" && found.tier == nil)
        let file = try #require(found.files.first)
        #expect(file.certificates.map(\.role) == ["leaf", "intermediate"])
        #expect(file.certificates.first?.names == ["pay.acme.com", "*.acme.com"])
        #expect(file.certificates.first?.notAfter == SoundChain.notAfter)
        #expect(file.certificates.first?.fingerprint == SoundChain.fingerprint)
        #expect(file.chain?.complete == true && file.chain?.keyMatches == nil)
    }

    @Test func `what storing puts right is told and is no problem`() async throws {
        let (found, run) = try await inspect([SoundChain.intermediate + SoundChain.leaf])
        #expect(run.status == 0)
        #expect(found.cured.map(\.code) == ["certificate_chain_order"])
    }

    @Test func `every problem is named, and the status is 65`() async throws {
        let (found, run) = try await inspect([SoundChain.leaf], "--hostname", "shop.other.com")
        #expect(run.status == 65 && run.errors == "usher: 2 problems with the certificates\n")
        #expect(found.contradictions.map(\.code) == ["certificate_names", "certificate_chain_incomplete"])
        let (unreadable, broken) = try await inspect(["nothing"])
        #expect(broken.status == 65)
        #expect(unreadable.files.first?.problem != nil && unreadable.contradictions.isEmpty)
    }

    @Test func `a tier of a file is judged without a database`() async throws {
        let chain = SoundChain.leaf + SoundChain.intermediate
        let tiers = ["--tier-file", ExampleFiles.path("tiers.yaml"), "--tier"]
        let (taken, run) = try await inspect([chain], tiers[0], tiers[1], tiers[2], "business")
        #expect(run.status == 0 && taken.tier == "business")
        let (refused, other) = try await inspect([chain], tiers[0], tiers[1], tiers[2], "free")
        #expect(other.status == 65)
        #expect(refused.contradictions.map(\.code) == ["custom_certificate_not_in_tier"])
    }

    @Test func `one certificate twice is no pair`() async throws {
        let chain = SoundChain.leaf + SoundChain.intermediate
        let (found, run) = try await inspect([chain, chain])
        #expect(run.status == 65)
        #expect(found.contradictions.map(\.code) == ["certificate_pair"])
    }

    @Test func `lines for people say who must act`() async throws {
        let chain = SoundChain.leaf + SoundChain.intermediate
        let run = try await UsherProcess.run(["cert", "inspect", "-", "--hostname", "other.com"], input: chain)
        #expect(run.status == 65)
        #expect(run.output.contains("names:       pay.acme.com *.acme.com"))
        #expect(run.output.contains("tenant must act: bring a certificate with other.com"))
        let usage = try await UsherProcess.run(["cert", "inspect", "-", "--tier-file", "x"])
        #expect(usage.status == 64)
    }
}

/// A leaf until 2051 and its intermediate, made by OpenSSL's command line.
private enum SoundChain {
    static let notAfter = "2051-07-15T21:09:48Z"
    static let fingerprint = "47e0ab6968a7f38ef59331d431de364597135561c2789f1d2b000d21ccdbe18c"
    static let leaf = """
        -----BEGIN CERTIFICATE-----
        MIIBpzCCAU2gAwIBAgIUY4Acgd/HH+zQM2WnVm1L7QDUI5UwCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMQWNtZSBJc3N1aW5nMCAXDTI2MTEyMzIxMDk0OFoYDzIwNTEw
        NzE1MjEwOTQ4WjAXMRUwEwYDVQQDDAxwYXkuYWNtZS5jb20wWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAASqfT3S9kw0ABn+ZZgiAYD6POhC/BWxO0aZfZirgEvl6ebq
        DyjpOo4Fmu0pzxmRlimuEKhOo/m713iWqkwjFxO0o3UwczAMBgNVHRMBAf8EAjAA
        MCMGA1UdEQQcMBqCDHBheS5hY21lLmNvbYIKKi5hY21lLmNvbTAdBgNVHQ4EFgQU
        ePB5jKLa2MHk7DKoJAX1yhaWHEYwHwYDVR0jBBgwFoAUGkZAaI+VYYZQiS1rOkro
        eHX29JEwCgYIKoZIzj0EAwIDSAAwRQIgfS0qojf4cfJlaMVAtshX+ylUwFhEN3xS
        myntxcX7Dw8CIQDy2ksaHe0+oHs8vhTDgFLpK/gUK+or2/t/w3kGGlvgpw==
        -----END CERTIFICATE-----

        """
    static let intermediate = """
        -----BEGIN CERTIFICATE-----
        MIIBgTCCASigAwIBAgIUaSUaOI1NdVf/kjeMoadYt46W7/4wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJQWNtZSBSb290MCAXDTI2MTEyMzIxMDk0OFoYDzIwNTEwNzE1
        MjEwOTQ4WjAXMRUwEwYDVQQDDAxBY21lIElzc3VpbmcwWTATBgcqhkjOPQIBBggq
        hkjOPQMBBwNCAASy8OPachC/wE5xxZSCOMtDNkf/2DlIqcwytq+k7Gge+X0M7aMZ
        xciXPpBaALFGja0R+oTofiU37WRphIu3tmEFo1MwUTAPBgNVHRMBAf8EBTADAQH/
        MB0GA1UdDgQWBBQaRkBoj5VhhlCJLWs6Suh4dfb0kTAfBgNVHSMEGDAWgBQ+p3Qy
        JKO95WJTobW922Uo4WA3YTAKBggqhkjOPQQDAgNHADBEAiBcsMj32QJuocGW3Xyv
        xWQM3i+52YRBQ97WOJQ9pffT7wIgRbN++NKG7yqIQXMn0cqRACg5kIOjwqLNbFgB
        7pvLNFQ=
        -----END CERTIFICATE-----

        """
}
