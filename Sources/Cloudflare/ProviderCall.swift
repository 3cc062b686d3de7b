package import NIOHTTP1

/// The calls this program makes; the raw value names them in logs and metrics.
package enum ProviderCall: String, CaseIterable, Hashable, Sendable {
    case createHostname = "create_hostname"
    case listHostnames = "list_hostnames"
    case findHostname = "find_hostname"
    case getHostname = "get_hostname"
    case editHostname = "edit_hostname"
    case deleteHostname = "delete_hostname"
    case replaceCertificate = "replace_certificate"
    case deleteCertificate = "delete_certificate"
    case readQuota = "read_quota"
    case readFallbackOrigin = "read_fallback_origin"
    case setFallbackOrigin = "set_fallback_origin"
    case deleteFallbackOrigin = "delete_fallback_origin"
    case readDCVDelegation = "read_dcv_delegation"
    case listSigningRequests = "list_signing_requests"
    case createSigningRequest = "create_signing_request"
    case getSigningRequest = "get_signing_request"
    case deleteSigningRequest = "delete_signing_request"
    case readZoneSetting = "read_zone_setting"
    case editZoneSetting = "edit_zone_setting"
    case verifyToken = "verify_token"
    case listAccessCertificates = "list_access_certificates"
    case createAccessCertificate = "create_access_certificate"
    case getAccessCertificate = "get_access_certificate"
    case editAccessCertificate = "edit_access_certificate"
    case deleteAccessCertificate = "delete_access_certificate"
    case readAccessSettings = "read_access_settings"
    case editAccessSettings = "edit_access_settings"
    case listAvailableAlerts = "list_available_alerts"
    case listNotificationPolicies = "list_notification_policies"
    case createNotificationPolicy = "create_notification_policy"
    case deleteNotificationPolicy = "delete_notification_policy"
    case listWebhookDestinations = "list_webhook_destinations"
    case createWebhookDestination = "create_webhook_destination"
    case deleteWebhookDestination = "delete_webhook_destination"
}

extension ProviderCall {
    /// Endpoints with error numbers of their own: the same number means different things at different ones.
    package enum Endpoint: String, CaseIterable, Hashable, Sendable, Codable {
        case customHostnames = "custom_hostnames"
        case customSigningRequests = "custom_csrs"
        case dcvDelegation = "dcv_delegation"
        case zoneSettings = "zone_settings"
        case tokens
        case accessCertificates = "access_certificates"
        case notifications
    }

    /// Whose error numbers an answer to this call uses.
    package var endpoint: Endpoint {
        switch self {
        case .createHostname, .listHostnames, .findHostname, .getHostname, .editHostname, .deleteHostname,
            .replaceCertificate, .deleteCertificate, .readQuota, .readFallbackOrigin, .setFallbackOrigin,
            .deleteFallbackOrigin:
            .customHostnames
        case .readDCVDelegation: .dcvDelegation
        case .listSigningRequests, .createSigningRequest, .getSigningRequest, .deleteSigningRequest:
            .customSigningRequests
        case .readZoneSetting, .editZoneSetting: .zoneSettings
        case .verifyToken: .tokens
        case .listAccessCertificates, .createAccessCertificate, .getAccessCertificate, .editAccessCertificate,
            .deleteAccessCertificate, .readAccessSettings, .editAccessSettings:
            .accessCertificates
        case .listAvailableAlerts, .listNotificationPolicies, .createNotificationPolicy, .deleteNotificationPolicy,
            .listWebhookDestinations, .createWebhookDestination, .deleteWebhookDestination:
            .notifications
        }
    }

    /// The HTTP method.
    package var method: HTTPMethod {
        switch self {
        case .createHostname, .createSigningRequest, .createAccessCertificate, .createNotificationPolicy,
            .createWebhookDestination:
            .POST
        case .editHostname, .editZoneSetting: .PATCH
        case .replaceCertificate, .setFallbackOrigin, .editAccessCertificate, .editAccessSettings: .PUT
        case .deleteHostname, .deleteCertificate, .deleteFallbackOrigin, .deleteSigningRequest,
            .deleteAccessCertificate, .deleteNotificationPolicy, .deleteWebhookDestination:
            .DELETE
        case .listHostnames, .findHostname, .getHostname, .readQuota, .readFallbackOrigin, .readDCVDelegation,
            .listSigningRequests, .getSigningRequest, .readZoneSetting, .verifyToken, .listAccessCertificates,
            .getAccessCertificate, .readAccessSettings, .listAvailableAlerts, .listNotificationPolicies,
            .listWebhookDestinations:
            .GET
        }
    }

    /// Whether the call can change anything at the provider.
    package var changesState: Bool { method != .GET }
}

extension ProviderCall: CustomStringConvertible {
    package var description: String { rawValue }
}
