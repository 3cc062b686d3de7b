/// How a new revision is moved over the hostnames of its tier: a few first, then more, each step watched for a while.
package struct RolloutSteps: Hashable, Sendable, Codable {
    /// From the canary to all: counts in rising order, then percentages in rising order, the last of them 100.
    package var steps: [Step]
    /// Minutes that each step is watched before the next.
    package var soakMinutes: Int
    package var haltOn: Halt
    package var onHalt: HaltAction

    package init(
        steps: [Step],
        soakMinutes: Int = 15,
        haltOn: Halt = Halt(),
        onHalt: HaltAction = .pause
    ) {
        self.steps = steps
        self.soakMinutes = soakMinutes
        self.haltOn = haltOn
        self.onHalt = onHalt
    }

    private enum CodingKeys: String, CodingKey {
        case steps
        case soakMinutes = "soak_minutes"
        case haltOn = "halt_on"
        case onHalt = "on_halt"
    }
}

extension RolloutSteps {
    /// Up to how many hostnames a step goes, all steps before it included.
    package enum Step: Hashable, Sendable {
        case hostnames(Int)
        case percent(Int)
    }

    /// When a rollout stops by itself.
    package struct Halt: Hashable, Sendable, Codable {
        /// More of the hostnames touched than this have failed.
        package var failedPercent: Int
        /// So many hostnames no longer shake hands.
        package var failedHandshakes: Int
        /// Hostnames that must have been touched before a share says anything.
        package var minimumSample: Int

        package init(failedPercent: Int = 2, failedHandshakes: Int = 1, minimumSample: Int = 20) {
            self.failedPercent = failedPercent
            self.failedHandshakes = failedHandshakes
            self.minimumSample = minimumSample
        }

        private enum CodingKeys: String, CodingKey {
            case failedPercent = "failed"
            case failedHandshakes = "handshake_failed"
            case minimumSample = "min_sample"
        }
    }

    /// What happens to a rollout that stopped.
    package enum HaltAction: String, CaseIterable, Hashable, Sendable, Codable {
        /// It stays where it is until a person decides.
        case pause
        /// The hostnames touched go back to the revision before, as far as that weakens nothing.
        case revert
    }
}

extension RolloutSteps.Step {
    /// Whether a rollout may go on from the other step to this one: a share has no count to be compared with, so that
    /// counts come first.
    package func follows(_ other: RolloutSteps.Step) -> Bool {
        switch (other, self) {
        case (.hostnames(let before), .hostnames(let after)), (.percent(let before), .percent(let after)):
            before < after
        case (.hostnames, .percent): true
        case (.percent, .hostnames): false
        }
    }
}

/// As in a tier file: `25` or `10%`.
extension RolloutSteps.Step: CustomStringConvertible {
    package var description: String {
        switch self {
        case .hostnames(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        }
    }
}

/// As text, like the description.
extension RolloutSteps.Step: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if let count = Int(text) {
            self = .hostnames(count)
        } else if text.last == "%", let percent = Int(text.dropLast()) {
            self = .percent(percent)
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown step \(text)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
