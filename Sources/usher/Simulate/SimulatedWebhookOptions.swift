import ArgumentParser
import Simulator

extension WebhookManners.Shape: ExpressibleByArgument {}

/// Where the simulated provider sends its webhooks, and how.
struct SimulatedWebhookOptions: ParsableArguments {
    @Option(help: "Send certificate events to this URL, as if a policy asked for it.") var webhook: String?
    @Option(help: "A file with the secret of the header cf-webhook-auth.") var webhookSecretFile: String?
    @Option(help: "The body: certificate, envelope, or alternating between the two.") var webhookShape:
        WebhookManners.Shape?
    @Option(help: "The share of webhooks that come twice, such as 10%.") var webhookDuplicates: Share?
    @Flag(help: "Send \"failed\" at the end of the tries only, not with each of them.") var webhookFailsOnce = false

    func apply(to configuration: inout SimulatorConfiguration) throws {
        configuration.webhooks.shape = webhookShape ?? configuration.webhooks.shape
        configuration.webhooks.duplicates = webhookDuplicates?.value ?? 0
        configuration.webhooks.failsOnEveryTry = !webhookFailsOnce
        guard let webhook else { return }
        let secret = try webhookSecretFile.map { path in
            String(decoding: try InputFile.read(path).get(), as: UTF8.self)
                .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        }
        configuration.webhookReceiver = WebhookReceiver(url: webhook, secret: secret)
    }
}
