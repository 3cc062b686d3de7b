import Cloudflare
import Testing
import usher

struct ErrorClassFileTests {
    private func parse(_ text: String) -> ErrorClassFile {
        ErrorClassFile.parse(Array(text.utf8), file: "errors.yaml")
    }

    @Test func `rows are read in their order, from YAML and from JSON`() throws {
        let yaml = parse(
            """
            apiVersion: usher/v1
            errors:
              - {endpoint: custom_hostnames, status: 400-499, code: 1456, class: gone, actor: us, advice: Ask.}
              - status: 418
                message: teapot
                class: transient
                actor: provider
            """
        )
        #expect(yaml.problems.isEmpty, "\(yaml.problems)")
        #expect(yaml.rules.map(\.codes) == [1456...1456, nil])
        #expect(yaml.rules.map(\.statuses) == [400...499, 418...418])
        #expect(yaml.rules.map(\.text) == [nil, "teapot"])
        #expect(yaml.rules.first?.verdict.source == "errors.yaml:3")
        let json = parse(
            #"{"apiVersion": "usher/v1", "errors": [{"code": 1, "class": "gone", "actor": "us"}]}"#
        )
        #expect(json.rules.map(\.verdict.class) == [.gone], "\(json.problems)")
    }

    @Test(arguments: [
        ("errors: []", "errors.yaml:1:1: apiVersion: missing; must be usher/v1"),
        ("apiVersion: usher/v1", "errors"),
        ("errors: [{code: 1, class: gone}]", "1:10: errors[0].actor: missing"),
        ("errors: [{code: 1, class: lost, actor: us}]", #"1:27: errors[0].class "lost": must be transient"#),
        ("errors: [{codes: 1, class: gone, actor: us}]", "1:11: errors[0].codes: unknown key; did you mean code?"),
        ("errors: [{class: gone, actor: us}]", "1:10: errors[0]: needs one of status, code and message"),
        ("errors: [{status: 499-400, class: gone, actor: us}]", #"errors[0].status "499-400": must be a number"#),
        ("errors: [{status: 99, class: gone, actor: us}]", #"errors[0].status "99": must be a number from 200 to 599"#),
        ("errors: [{code: x, class: gone, actor: us}]", #"errors[0].code "x": must be a number"#),
        ("errors: [{code: 1-2-3, class: gone, actor: us}]", #"errors[0].code "1-2-3""#),
        ("errors: [{code: 1, endpoint: any, class: gone, actor: us}]", #"1:30: errors[0].endpoint "any": must be"#),
        ("errors: [", "not YAML"), ("", "empty file"),
    ])
    func `each problem is named with its place and rule`(_ row: (text: String, message: String)) {
        let file = parse(row.text)
        #expect("\(file.problems)".contains(row.message), "\(file.problems)")
        #expect(file.rules.isEmpty)
    }
}
