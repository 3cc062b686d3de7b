import Cloudflare
import Testing
import usher

struct OutputTests {
    private let pipe = Terminal(width: nil, hasColour: false)

    @Test func `columns line up by what is seen, not by bytes`() {
        var table = TextTable(["NAME", "N"], rightAligned: ["N"])
        table.append([.init("zoë"), .init("1")])
        table.append([.init("日本"), .init("20")])
        #expect(table.lines(on: pipe) == ["NAME   N", "zoë    1", "日本  20"])
    }

    @Test func `on a terminal the last column is cut, elsewhere it is whole`() {
        var table = TextTable(["ID", "MESSAGE"])
        table.append([.init("1"), .init("a message that is longer than the line")])
        #expect(table.lines(on: Terminal(width: 24, hasColour: false)).last == "1   a message that is l…")
        #expect(table.lines(on: pipe).last == "1   a message that is longer than the line")
    }

    @Test func `what a tenant or the provider wrote cannot steer the terminal`() {
        #expect("a\u{1B}[31mb\nc\u{202E}d".onOneLine == #"a\u{1B}[31mb c\u{202E}d"#)
        #expect(Failure("bad\nnews").lines == ["usher: bad news"])
    }
}

struct SettingsTests {
    @Test func `flags win over the environment, and that over the file`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = try folder.file("usher.yaml", "provider: {url: file, zone: file}\nkeys_file: file\n")
        let settings = try Settings(
            flags: [.providerURL: "flag"],
            configurationFile: file,
            environment: ["USHER_PROVIDER_URL": "environment", "USHER_PROVIDER_ZONE": "environment"]
        )
        #expect(settings.providerURL == "flag")
        #expect(settings.providerZone == "environment")
        #expect(settings.keysFile == "file")
    }

    @Test func `an empty variable counts as not set`() throws {
        let settings = try Settings(environment: ["USHER_PROVIDER_URL": "", "USHER_LOG_LEVEL": ""])
        #expect(settings.providerURL == Settings.cloudflareURL)
        #expect(settings.logLevel == nil)
    }

    @Test func `the token comes from a file, without its line feed, and never into a description`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = try folder.file("token", "canary\n")
        let settings = try Settings(environment: ["USHER_PROVIDER_TOKEN_FILE": file, "USHER_PROVIDER_ZONE": "z"])
        #expect(try settings.provider().token.reveal() == "canary")
        #expect(!"\(settings)".contains("canary"))
    }

    @Test func `the configuration file holds no token`() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = try folder.file("usher.yaml", "provider: {token: canary}\n")
        #expect {
            try Settings(configurationFile: file, environment: [:])
        } throws: { error in
            let failure = error as? Failure
            return failure?.status == .badConfiguration && failure?.details.first?.contains("unknown key") == true
        }
    }
}
