/// What a call asks for.
package enum APIOperation: String, CaseIterable, Hashable, Sendable, Codable {
    case create
    case list
    case get
    case edit
    case delete
    case certificatePut = "certificate_put"
    case certificateDelete = "certificate_delete"
    case quota
    case fallbackOriginGet = "fallback_origin_get"
    case fallbackOriginPut = "fallback_origin_put"
    case fallbackOriginDelete = "fallback_origin_delete"
    case settingGet = "setting_get"
    case settingEdit = "setting_edit"
    case delegationGet = "delegation_get"
    case tokenVerify = "token_verify"
    case accessRead = "access_read"
    case accessWrite = "access_write"
    case notificationRead = "notification_read"
    case notificationWrite = "notification_write"
    case unknown

    /// True if the call is meant to change something.
    package var isWrite: Bool {
        switch self {
        case .create, .edit, .delete, .fallbackOriginPut, .fallbackOriginDelete, .settingEdit: true
        case .certificatePut, .certificateDelete, .notificationWrite, .accessWrite: true
        case .accessRead: false
        case .list, .get, .quota, .fallbackOriginGet, .settingGet, .tokenVerify, .unknown: false
        case .delegationGet, .notificationRead: false
        }
    }
}

/// A call's place in the API: the operation, the zone or account it names and what it names inside of that.
struct APIRoute: Hashable, Sendable {
    var operation: APIOperation
    var zone: String?
    var account: String?
    /// A custom hostname's id or a zone setting's name, as the operation has it.
    var subject: String?
    /// What follows the operation's own part of the path.
    var rest: [String] = []

    init(method: String, path: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.starts(with: ["client", "v4"]) else {
            self.init(.unknown)
            return
        }
        self.init(method: method, parts: Array(parts.dropFirst(2)))
    }

    private init(_ operation: APIOperation, subject: String? = nil, rest: [String] = []) {
        self.operation = operation
        self.subject = subject
        self.rest = rest
    }

    private init(method: String, parts: [String]) {
        let rest = Array(parts.dropFirst(2))
        if method == "GET", parts == ["user", "tokens", "verify"] {
            self.init(.tokenVerify)
        } else if parts.count >= 3, parts[0] == "zones" {
            self = Self.inZone(method, rest) ?? Self.inAccess(method, rest) ?? APIRoute(.unknown)
            zone = parts[1]
        } else if parts.count >= 3, parts[0] == "accounts" {
            self = Self.inAccess(method, rest) ?? Self.inAccount(method, rest) ?? APIRoute(.unknown)
            account = parts[1]
        } else {
            self.init(.unknown)
        }
    }

    private static func inZone(_ method: String, _ parts: [String]) -> APIRoute? {
        let route = (method, parts[0], parts.count > 1 ? parts[1] : nil, parts.count)
        return switch route {
        case ("POST", "custom_hostnames", nil, 1): APIRoute(.create)
        case ("GET", "custom_hostnames", nil, 1): APIRoute(.list)
        case ("GET", "custom_hostnames", "quota", 2): APIRoute(.quota)
        case ("GET", "custom_hostnames", "fallback_origin", 2): APIRoute(.fallbackOriginGet)
        case ("PUT", "custom_hostnames", "fallback_origin", 2): APIRoute(.fallbackOriginPut)
        case ("DELETE", "custom_hostnames", "fallback_origin", 2): APIRoute(.fallbackOriginDelete)
        case ("GET", "custom_hostnames", let id?, 2): APIRoute(.get, subject: id)
        case ("PATCH", "custom_hostnames", let id?, 2): APIRoute(.edit, subject: id)
        case ("DELETE", "custom_hostnames", let id?, 2): APIRoute(.delete, subject: id)
        case (_, "custom_hostnames", let id?, 6): inPack(method, parts, of: id)
        case ("GET", "settings", let name?, 2): APIRoute(.settingGet, subject: name)
        case ("PATCH", "settings", let name?, 2): APIRoute(.settingEdit, subject: name)
        case ("GET", "dcv_delegation", "uuid", 2): APIRoute(.delegationGet)
        default: nil
        }
    }

    /// Access is reached through the account and through the zone.
    private static func inAccess(_ method: String, _ parts: [String]) -> APIRoute? {
        guard parts[0] == "access", parts.count > 1 else { return nil }
        return APIRoute(method == "GET" ? .accessRead : .accessWrite, rest: Array(parts.dropFirst()))
    }

    private static func inPack(_ method: String, _ parts: [String], of id: String) -> APIRoute? {
        guard parts[2] == "certificate_pack", parts[4] == "certificates" else { return nil }
        return switch method {
        case "PUT": APIRoute(.certificatePut, subject: id, rest: [parts[3], parts[5]])
        case "DELETE": APIRoute(.certificateDelete, subject: id, rest: [parts[3], parts[5]])
        default: nil
        }
    }

    private static func inAccount(_ method: String, _ parts: [String]) -> APIRoute? {
        if method == "GET", parts == ["tokens", "verify"] { return APIRoute(.tokenVerify) }
        guard parts.starts(with: ["alerting", "v3"]), parts.count > 2 else { return nil }
        return APIRoute(method == "GET" ? .notificationRead : .notificationWrite, rest: Array(parts.dropFirst(2)))
    }

    /// The certificate that a call on a pack names.
    var certificatePlace: CertificatePlace {
        CertificatePlace(hostname: subject ?? "", pack: rest.first ?? "", certificate: rest.last ?? "")
    }
}
