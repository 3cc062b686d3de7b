/// Who must move before something can go on.
package enum PolicyActor: String, CaseIterable, Hashable, Sendable, Codable {
    /// This program.
    case us
    /// The customer who owns the name: DNS, certificate, options.
    case tenant
    /// Who runs this program: policy, zone, plan.
    case `operator`
    case provider
}
