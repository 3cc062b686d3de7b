import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Simulator

/// Which running simulator a command steers.
struct SimulatorControlOptions: ParsableArguments {
    @Option(help: "The simulator's address; by default that of the provider's setting.") var url: String?
    @OptionGroup var output: OutputOptions

    /// Posts to a control of the simulator and shows what it answered.
    func post(_ path: String, _ body: APIValue) async throws {
        let root = try address()
        var request = HTTPClientRequest(url: root + "/simulator/" + path)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: body.text))
        let response: HTTPClientResponse
        let answer: APIValue
        do {
            response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            answer = APIValue(parsing: String(buffer: try await response.body.collect(upTo: 1 << 20))) ?? .null
        } catch {
            throw Failure(
                "no simulator answers at \(root)",
                hint: "start one with usher simulate, or name it with --url",
                status: .unavailable
            )
        }
        guard response.status == .ok else {
            throw Failure("the simulator refused: \(answer["error"]?.string ?? "\(response.status)")", status: .badData)
        }
        try output.output.show(ControlReport(answer: answer))
    }

    /// The setting names the API below the simulator's root.
    private func address() throws -> String {
        let url = try url ?? Settings(flags: [:], configurationFile: nil).providerURL
        // The setting's own default is the real provider, who must never get such a call.
        guard url != Settings.cloudflareURL else {
            throw Failure(
                "no simulator is named",
                hint: "give --url or set \(Setting.providerURL.environmentName)",
                status: .badConfiguration
            )
        }
        let root = url.hasSuffix("/client/v4") ? String(url.dropLast("/client/v4".count)) : url
        return root.hasSuffix("/") ? String(root.dropLast()) : root
    }
}

/// What a control answered, as `key: value` lines.
private struct ControlReport: Report {
    let answer: APIValue

    func lines(on terminal: Terminal) -> [String] {
        var facts = FactList()
        for (key, value) in (answer.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            facts.add(key, value.string ?? value.text)
        }
        return facts.lines(on: terminal)
    }

    func encode(to encoder: any Encoder) throws {
        try answer.encode(to: encoder)
    }
}
