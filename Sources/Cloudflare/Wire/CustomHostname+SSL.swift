package import Foundation

extension CustomHostname {
    /// The certificate of a custom hostname and the TLS settings that go with it (`ssl`).
    package struct SSL: Hashable, Sendable {
        /// The provider's identifier of the certificate pack.
        package var id: String?
        /// `nil` where the answer had none: not active.
        package var status: Reported<SSLStatus>?
        /// As last read; the provider may change it at renewal.
        package var method: Reported<ValidationMethod>?
        /// Missing from some answers about uploaded certificates.
        package var type: Reported<CertificateType>?
        /// Whether names one label below are covered; ``settings`` do not reach those, the zone's do.
        package var wildcard: Bool = false
        /// Which chain is served.
        package var bundleMethod: Reported<BundleMethod>?
        /// Who issues the certificate, never to be sent back: that is refused off Enterprise (code 1459).
        package var certificateAuthority: String?
        /// Only the keys set on the hostname itself.
        package var settings: SSLSettings
        /// What the tenant must publish; missing at first and again once validated.
        package var validationRecords: [ValidationRecord] = []
        /// Why the certificate authority does not issue, in the provider's words.
        package var validationErrors: [String] = []
        /// The names on the certificate.
        package var hosts: [String] = []
        package var issuer: String?
        /// Unique for one issuer only.
        package var serialNumber: String?
        /// The signature algorithm, such as `ECDSAWithSHA256`.
        package var signature: String?
        package var uploadedOn: Date?
        /// The end of the certificate's validity; `nil` until it is issued.
        package var expiresOn: Date?
        /// True if the answer names a certificate of the tenant's own, which must then travel with every edit.
        ///
        /// False is no proof: answers may leave the uploaded certificate out, so our own record counts as well.
        package var hasCustomCertificate: Bool = false
        /// The certificates served, where the answer lists them.
        package var certificates: [IssuedCertificate] = []

        package init(
            status: SSLStatus? = nil,
            method: ValidationMethod? = nil,
            wildcard: Bool = false,
            settings: SSLSettings = SSLSettings()
        ) {
            self.status = status.map(Reported.known)
            self.method = method.map(Reported.known)
            self.type = .known(.domainValidated)
            self.wildcard = wildcard
            self.settings = settings
        }
    }

    /// One record by which the certificate authority checks control over a name (`ssl.validation_records`).
    ///
    /// Which fields are set depends on the method: a TXT record, a URL and its body, a CNAME record, or mail addresses.
    package struct ValidationRecord: Hashable, Sendable, Codable {
        package var status: String?
        package var txtName: String?
        package var txtValue: String?
        package var httpURL: String?
        package var httpBody: String?
        package var cname: String?
        package var cnameTarget: String?
        package var emails: [String] = []

        package init() {}
    }

    /// One of the certificates served for a hostname (`ssl.certificates`): usually one RSA and one ECDSA.
    package struct IssuedCertificate: Hashable, Sendable {
        package var id: String?
        package var issuer: String?
        package var serialNumber: String?
        package var signature: String?
        package var fingerprintSHA256: String?
        package var issuedOn: Date?
        package var expiresOn: Date?
    }
}

extension CustomHostname.SSL: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, status, method, type, wildcard, settings, hosts, issuer, signature, certificates
        case bundleMethod = "bundle_method"
        case certificateAuthority = "certificate_authority"
        case validationRecords = "validation_records"
        case validationErrors = "validation_errors"
        case serialNumber = "serial_number"
        case uploadedOn = "uploaded_on"
        case expiresOn = "expires_on"
        case customCertificate = "custom_certificate"
        case customCSR = "custom_csr_id"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = fields.text(.id)
        self.status = fields.reported(.status)
        self.method = fields.reported(.method)
        self.type = fields.reported(.type)
        self.wildcard = fields.lenient(.wildcard) ?? false
        self.bundleMethod = fields.reported(.bundleMethod)
        self.certificateAuthority = fields.text(.certificateAuthority)
        self.settings = fields.lenient(.settings) ?? SSLSettings()
        self.validationRecords = fields.items(.validationRecords)
        self.validationErrors = fields.messages(.validationErrors)
        self.hosts = fields.items(.hosts)
        self.issuer = fields.text(.issuer)
        self.serialNumber = fields.text(.serialNumber)
        self.signature = fields.text(.signature)
        self.uploadedOn = fields.time(.uploadedOn)
        self.expiresOn = fields.time(.expiresOn)
        self.hasCustomCertificate = fields.text(.customCertificate) != nil || fields.text(.customCSR) != nil
        self.certificates = fields.items(.certificates)
    }
}

extension CustomHostname.ValidationRecord {
    private enum CodingKeys: String, CodingKey {
        case status, cname, emails
        case txtName = "txt_name"
        case txtValue = "txt_value"
        case httpURL = "http_url"
        case httpBody = "http_body"
        case cnameTarget = "cname_target"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.status = fields.text(.status)
        self.txtName = fields.text(.txtName)
        self.txtValue = fields.text(.txtValue)
        self.httpURL = fields.text(.httpURL)
        self.httpBody = fields.text(.httpBody)
        self.cname = fields.text(.cname)
        self.cnameTarget = fields.text(.cnameTarget)
        self.emails = fields.items(.emails)
    }
}

extension CustomHostname.IssuedCertificate: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id, issuer, signature
        case serialNumber = "serial_number"
        case fingerprintSHA256 = "fingerprint_sha256"
        case issuedOn = "issued_on"
        case expiresOn = "expires_on"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.id = fields.text(.id)
        self.issuer = fields.text(.issuer)
        self.serialNumber = fields.text(.serialNumber)
        self.signature = fields.text(.signature)
        self.fingerprintSHA256 = fields.text(.fingerprintSHA256)
        self.issuedOn = fields.time(.issuedOn)
        self.expiresOn = fields.time(.expiresOn)
    }
}
