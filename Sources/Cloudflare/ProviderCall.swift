package import NIOHTTP1

/// The calls this program makes; the raw value names them in logs and metrics.
package enum ProviderCall: String, CaseIterable, Hashable, Sendable {
    case createHostname = "create_hostname"
    case listHostnames = "list_hostnames"
    case findHostname = "find_hostname"
    case getHostname = "get_hostname"
    case editHostname = "edit_hostname"
    case deleteHostname = "delete_hostname"
    case readQuota = "read_quota"
    case readZoneSetting = "read_zone_setting"
    case editZoneSetting = "edit_zone_setting"
    case verifyToken = "verify_token"

    /// Endpoints with error numbers of their own: the same number means different things at different ones.
    package enum Endpoint: Hashable, Sendable {
        case customHostnames
        case zoneSettings
        case tokens
    }

    /// Whose error numbers an answer to this call uses.
    package var endpoint: Endpoint {
        switch self {
        case .createHostname, .listHostnames, .findHostname, .getHostname, .editHostname, .deleteHostname, .readQuota:
            .customHostnames
        case .readZoneSetting, .editZoneSetting: .zoneSettings
        case .verifyToken: .tokens
        }
    }

    /// The HTTP method.
    package var method: HTTPMethod {
        switch self {
        case .createHostname: .POST
        case .editHostname, .editZoneSetting: .PATCH
        case .deleteHostname: .DELETE
        case .listHostnames, .findHostname, .getHostname, .readQuota, .readZoneSetting, .verifyToken: .GET
        }
    }

    /// Whether the call can change anything at the provider.
    package var changesState: Bool { method != .GET }
}

extension ProviderCall: CustomStringConvertible {
    package var description: String { rawValue }
}
