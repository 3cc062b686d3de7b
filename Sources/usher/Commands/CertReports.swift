import Foundation
import Onboarding

/// What `usher cert put` prints.
struct StoredCertificateReport: Report {
    let certificateID: Int64
    let tenant: String
    let hostname: String
    let fingerprint: String
    let keyID: String
    let notAfter: Date

    init(_ number: Int64, _ certificate: SealedCertificate, tenant: String, hostname: String) {
        certificateID = number
        self.tenant = tenant
        self.hostname = hostname
        fingerprint = certificate.fingerprint
        keyID = certificate.keyID.text
        notAfter = Date(timeIntervalSince1970: TimeInterval(certificate.notAfter))
    }

    func lines(on terminal: Terminal) -> [String] {
        let end = notAfter.formatted(.iso8601)
        return ["certificate \(certificateID) for \(hostname) stored; it ends \(end), its key is sealed to \(keyID)"]
    }
}

/// What `usher cert list` prints.
struct CertificateListReport: Report {
    let certificates: [CertificateSummary]

    func lines(on terminal: Terminal) -> [String] {
        guard !certificates.isEmpty else { return ["no certificates"] }
        var table = TextTable(
            ["ID", "HOSTNAME", "TENANT", "KEY", "ENDS IN", "SEALED TO", "FINGERPRINT"],
            rightAligned: ["ID", "ENDS IN"]
        )
        let now = Date()
        for certificate in certificates {
            let ends = certificate.notAfter < now ? "ended" : Span(from: now, to: certificate.notAfter).description
            table.append([
                .init("\(certificate.certificateID)"), .init(certificate.hostname), .init(certificate.tenant),
                .init(certificate.keyKind),
                .init(certificate.state == "wanted" ? ends : certificate.state, tone(of: certificate, now)),
                .init(certificate.keyID), .init(certificate.fingerprint),
            ])
        }
        return table.lines(on: terminal)
    }

    /// The provider takes no certificate with less than 14 days left, so a renewed one is due before that.
    private func tone(of certificate: CertificateSummary, _ now: Date) -> Tone {
        if certificate.state != "wanted" { return .faint }
        let days = certificate.notAfter.timeIntervalSince(now) / 86_400
        return days < 14 ? .bad : days < 30 ? .warning : .plain
    }
}
