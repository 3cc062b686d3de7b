import Foundation
import TestSupport
import Testing
import usher

/// The schema for editors and the reader are of one mind, as far as a schema can know.
@Suite struct TierSchemaTests {
    /// Rules that look at more than one key, or at more than a schema's words can say: only the reader has them.
    private static let readersOwn = [
        "unknown profile", "a tier with a profile (", "no list goes with min_tls 1.3",
        "no suite of the list works with", "contradicts min_tls 1.3", "below running (", "is beyond the grace of",
        "not above the step before",
        "a number of hostnames cannot follow", "the last step must be 100%", "min_sample is above the first step",
        "is above guards.max_change", "overlaps ", "unknown time zone",
    ]

    private struct Mutation: Decodable {
        let name: String
        let text: String
    }

    /// What a person who knows nothing of Usher's reader thinks of each text; `nil` is no objection.
    private func objections(to texts: [String]) async throws -> [String?] {
        let schema = String(decoding: try TierFile.schema(), as: UTF8.self)
        let input = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let run = try await PythonScript("tier_schema.py").run(["validate", schema], input: input)
        try #require(run.status == 0, "\(run.errors)")
        return try JSONDecoder().decode([String?].self, from: Data(run.output.utf8))
    }

    /// Both refuse, both accept, or the reader alone refuses by rules that are its own.
    private func agree(_ objection: String?, _ file: TierFile, _ name: String) {
        let problems = file.problems.first.map(\.rule)
        let isOwn = problems.allSatisfy { rule in Self.readersOwn.contains { rule.contains($0) } }
        if objection == nil ? !isOwn : problems.isEmpty {
            Issue.record("\(name): the schema says \(objection ?? "nothing"), the reader \(file.problems)")
        }
    }

    private func read(_ text: String) -> TierFile { TierFile.parse(Array(text.utf8), file: "t.yaml") }

    @Test func `the example file broken key by key is judged alike`() async throws {
        let example = String(decoding: try ExampleFiles.bytes("tiers.yaml"), as: UTF8.self)
        let run = try await PythonScript("tier_schema.py").run(["mutate"], input: example)
        try #require(run.status == 0, "\(run.errors)")
        let mutations = try JSONDecoder().decode([Mutation].self, from: Data(run.output.utf8))
        let objections = try await objections(to: mutations.map(\.text))
        try #require(objections.count == mutations.count)
        var refused = 0
        for (mutation, objection) in zip(mutations, objections) {
            agree(objection, read(mutation.text), mutation.name)
            refused += objection == nil ? 0 : 1
        }
        #expect(objections.first == .some(nil), "the file itself is good")
        #expect(refused > 500 && mutations.count - refused > 100, "\(refused) of \(mutations.count) refused")
    }

    @Test func `what a tier may say is judged alike, line by line`() async throws {
        let texts = (Self.good + Self.bad + Self.readersOwnLines).map(Self.document)
        let objections = try await objections(to: texts + Self.documents)
        for (text, objection) in zip(texts + Self.documents, objections) { agree(objection, read(text), text) }
        let (good, bad) = (objections.prefix(Self.good.count), objections.dropFirst(Self.good.count))
        #expect(good.allSatisfy { $0 == nil }, "\(good)")
        #expect(bad.prefix(Self.bad.count).allSatisfy { $0 != nil })
        for line in Self.good { #expect(read(Self.document(line)).problems.isEmpty, "\(line)") }
        for line in Self.bad { #expect(!read(Self.document(line)).problems.isEmpty, "\(line)") }
    }

    @Test func `each rule that is the reader's own is broken by some line, and no schema sees it`() async throws {
        let objections = try await objections(to: Self.readersOwnLines.map(Self.document))
        #expect(objections.allSatisfy { $0 == nil }, "\(objections)")
        let rules = Self.readersOwnLines.map { read(Self.document($0)).problems.first.map(\.rule) }
        #expect(rules.allSatisfy { !$0.isEmpty })
        for own in Self.readersOwn {
            #expect(rules.joined().contains { $0.contains(own) }, "\(own)")
        }
    }

    /// A quoted `yes` is text to the reader; in JSON no schema could tell it from a word that is not quoted.
    @Test func `a quoted word of a switch is the one value that a schema takes and the reader does not`() async throws {
        let text = Self.document("mtls: \"yes\"")
        #expect(try await objections(to: [text]) == [nil])
        #expect(read(text).problems.description.contains("must be yes, no, true or false"))
    }

    private static func document(_ line: String) -> String {
        "apiVersion: usher/v1\ntiers:\n  pro:\n    \(line)\n"
    }
}

extension TierSchemaTests {
    private static let window = "start: 09:00, duration_minutes: 60, timezone: UTC"

    private static let good = [
        "min_tls: 1.2", "min_tls: \"1.0\"", "min_tls: null", "tls_1_3: on", "tls_1_3: \"off\"", "http2: off",
        "ciphers: [ECDHE-RSA-AES128-GCM-SHA256]", "profile: mozilla-intermediate@1", "profile: mozilla-modern@1",
        "mtls: true", "mtls: no", "custom_certificate: required", "wildcard: reject",
        "wildcard: {require_zone_min: 1.2}", "limits: {}", "limits: {running: 3, pending: 3, hostnames: null}",
        "weight: 100", "alerts: {cert_expiry_days: []}", "alerts: {}", "min_certificate_days: 398",
        "certificate_authority: lets_encrypt", "certificate_authority: ~", "downgrade: {}",
        "downgrade: {grace_days: 0, notify_days: [0]}", "downgrade: {custom_certificate: move_to_managed, mtls: keep}",
        "downgrade: {min_tls: relax, ciphers: relax, wildcard: block}", "rollout: {steps: [100%]}",
        "rollout: {steps: [5, 25, 1%, 100%], soak_minutes: 0, on_halt: revert}",
        "rollout: {steps: [100%], halt_on: {failed: 1%, handshake_failed: 3, min_sample: 500}}",
        "guards: {max_change: 0%, max_delete: 100%, min_population: 1}", "guards: {max_change: ~}", "windows: []",
        "windows: [{days: [sun, mon], \(window)}]", "windows: [{days: [sun], \(window), applies_to: [downgrade]}]",
    ]

    private static let bad = [
        "min_tls: 1.4", "min_tls: 1", "min_tls: [1.2]", "tls_1_3: true", "http2: 1", "ciphers: []", "ciphers: [AES]",
        "ciphers: AES128-SHA", "ciphers: [AES128-SHA, AES128-SHA]", "ciphers: [null]", "profile: []", "profile: \"\"",
        "mtls: maybe", "mtls: 1", "custom_certificate: maybe", "wildcard: always", "wildcard: {}",
        "wildcard: {require_zone_min: 2}", "wildcard: {require_zone_min: 1.2, a: 1}", "limits: 5", "limits: []",
        "limits: {running: 0}", "limits: {runing: 1}", "weight: 101", "weight: \"5\"", "weight: 05", "weight: +5",
        "alerts: {cert_expiry_days: [7, 7]}", "alerts: {cert_expiry_days: 7}", "min_certificate_days: 13",
        "certificate_authority: digicert", "certificate_authority: Google", "certificate_authority: [google]",
        "downgrade: {grace_days: 366}", "downgrade: {notify_days: [0, 0]}", "downgrade: {mtls: relax}",
        "downgrade: {min_tls: block}", "downgrade: {mtls: off}", "downgrade: {wildcards: keep}", "downgrade: keep",
        "rollout: {}", "rollout: {steps: []}", "rollout: {steps: [0, 100%]}", "rollout: {steps: [50%, 50%, 100%]}",
        "rollout: {steps: [\"25\", 100%]}", "rollout: {steps: [0%, 100%]}", "rollout: {steps: 100%}",
        "rollout: {steps: [100%], on_halt: abort}", "rollout: {steps: [100%], halt_on: {failed: 2}}",
        "rollout: {steps: [100%], halt_on: {}, soak: 1}", "guards: {max_change: 10}", "guards: {max_change: 101%}",
        "guards: {max_change: 1.5%}", "guards: {min_population: 0}", "guards: []", "windows: {}", "windows: [null]",
        "windows: [{\(window)}]", "windows: [{days: [], \(window)}]", "windows: [{days: [monday], \(window)}]",
        "windows: [{days: [mon, mon], \(window)}]", "windows: [{days: [mon], \(window), applies_to: []}]",
        "windows: [{days: [mon], start: 9:00, duration_minutes: 60, timezone: UTC}]",
        "windows: [{days: [mon], start: 24:00, duration_minutes: 60, timezone: UTC}]",
        "windows: [{days: [mon], start: 09:00, duration_minutes: 1441, timezone: UTC}]",
        "windows: [{days: [mon], start: 09:00, duration_minutes: 60}]",
        "windows: [{days: [mon], \(window)}, {days: [mon], \(window)}]", "rolout: {}", "min_tsl: 1.2",
    ]

    private static let readersOwnLines = [
        "profile: strikt@1", "{profile: strict@1, min_tls: 1.3}",
        "{min_tls: 1.3, ciphers: [ECDHE-RSA-AES128-GCM-SHA256]}",
        "{min_tls: 1.0, ciphers: [ECDHE-RSA-AES128-GCM-SHA256]}", "{min_tls: 1.3, tls_1_3: off}",
        "limits: {pending: 2}", "downgrade: {grace_days: 7, notify_days: [8]}", "downgrade: {notify_days: [0, 15]}",
        "rollout: {steps: [25, 5, 100%]}", "rollout: {steps: [50%, 10%, 100%]}", "rollout: {steps: [1%, 25, 100%]}",
        "rollout: {steps: [25, 50%]}", "rollout: {steps: [5, 100%], halt_on: {min_sample: 6}}",
        "{rollout: {steps: [6%, 100%]}, guards: {max_change: 5%}}",
        "windows: [{days: [mon], \(window)}, {days: [mon, tue], start: 09:59, duration_minutes: 1, timezone: UTC}]",
        "windows: [{days: [mon], start: 09:00, duration_minutes: 60, timezone: Europe/Lundon}]",
    ]

    /// Whole documents: what stands at the top of a file.
    private static let documents = [
        "", "tiers: {}", "apiVersion: usher/v1", "apiVersion: usher/v2\ntiers: {}", "apiVersion: usher/v1\ntiers: []",
        "apiVersion: usher/v1\ntiers:\n  a:\n", "apiVersion: usher/v1\ntiers: {Gold: {}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: ~", "apiVersion: usher/v1\ntiers: {}\nguards: {max_change: 3%}",
        "apiVersion: usher/v1\ntiers: {}\nguards: {max_chance: 3%}", "apiVersion: usher/v1\ntiers: {}\nweight: 3",
        "apiVersion: usher/v1\ntiers: {}\nrollout: {steps: [25]}", "apiVersion: usher/v1\ntiers: {}\nwindows: []",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {house: {min_tls: 1.2}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {house@1: {min_tls: 1.2}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {mozilla-modern@2: {min_tls: 1.3}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {mozilla-modern@1: {min_tls: 1.3}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {house@1: {}}",
        "apiVersion: usher/v1\ntiers: {}\nprofiles: {house@0: {min_tls: 1.2}}",
        "apiVersion: usher/v1\ntiers: {a: {}, a: {}}", "apiVersion: [",
    ]
}
