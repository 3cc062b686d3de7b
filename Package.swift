// swift-tools-version: 6.2
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

let package = Package(
    name: "usher",
    products: [.executable(name: "usher", targets: ["usher"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // libpq, found by pkg-config (Debian: libpq-dev).
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // What of Linux Swift cannot call itself.
        .systemLibrary(name: "CLinux"),
        // The four suites of the provider's that BoringSSL lacks (Debian: libssl-dev).
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "Postgres", dependencies: ["CLibPQ", crypto, logging, serviceLifecycle, subprocess]),
        .target(name: "TLSPolicy"),
        .target(name: "JobQueue", dependencies: ["Postgres", logging, serviceLifecycle]),
        .target(
            name: "Cloudflare",
            dependencies: ["TLSPolicy", asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix]
        ),
        .target(
            name: "Onboarding",
            dependencies: [
                "Cloudflare", "JobQueue", "Postgres", "TLSPolicy",
                crypto, logging, metrics, nioCore, nioPosix, nioSSL, nioTLS, serviceLifecycle, swiftASN1, x509,
            ]
        ),
        .target(
            name: "Dashboard",
            dependencies: ["JobQueue", "Postgres", "TLSPolicy", hummingbird, logging]
        ),
        .target(
            name: "Simulator",
            dependencies: [
                "COpenSSL", asyncHTTPClient, crypto, cryptoExtras, httpTypes, hummingbird, logging, nioCore, nioHTTP1,
                nioPosix, nioSSL, nioTLS, serviceLifecycle, swiftASN1, x509,
            ]
        ),
        .executableTarget(
            name: "usher",
            dependencies: [
                "CLinux", "Cloudflare", "Dashboard", "JobQueue", "Onboarding", "Postgres", "Simulator", "TLSPolicy",
                argumentParser, asyncHTTPClient, configuration, crypto, logging, nioCore, nioHTTP1, serviceLifecycle,
                subprocess, unixSignals, yams,
            ]
        ),

        .target(
            name: "TestSupport",
            dependencies: ["JobQueue", "Postgres", logging, subprocess],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "TLSPolicyTests", dependencies: ["TLSPolicy"]),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"]),
        .testTarget(name: "JobQueueTests", dependencies: ["JobQueue", "Postgres", "TestSupport"]),
        .testTarget(
            name: "CloudflareTests",
            dependencies: ["Cloudflare", "TLSPolicy", asyncHTTPClient, inMemoryLogging, logging, nioCore, nioPosix]
        ),
        .testTarget(
            name: "OnboardingTests",
            dependencies: [
                "Cloudflare", "JobQueue", "Onboarding", "Postgres", "Simulator", "TLSPolicy", "TestSupport",
                asyncHTTPClient, crypto, cryptoExtras, logging, nioCore, nioPosix, serviceLifecycle, subprocess,
                swiftASN1, x509,
            ]
        ),
        .testTarget(
            name: "DashboardTests",
            dependencies: ["Dashboard", "Postgres", "TestSupport", hummingbird, hummingbirdTesting, logging]
        ),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "Simulator", "TLSPolicy", "TestSupport", "usher", asyncHTTPClient, hummingbird, logging, nioCore,
                nioHTTP1, nioPosix, nioSSL, nioTLS, subprocess, swiftASN1, x509,
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CLinux", "Cloudflare", "JobQueue", "Onboarding", "Postgres", "Simulator", "TLSPolicy", "TestSupport",
                "usher",
                asyncHTTPClient, subprocess,
            ]
        ),
        .testTarget(
            name: "WireTests",
            dependencies: [
                "Onboarding", "TLSPolicy", "TestSupport",
                crypto, cryptoExtras, nioCore, nioPosix, nioSSL, nioTLS, subprocess, swiftASN1, x509,
            ]
        ),
        .testTarget(name: "SourceTests", dependencies: [crypto]),
    ]
)

// Settings of every Swift target; each line names the proposal that describes it.
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),  // SE-0335
            .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
            .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
            .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
            .treatAllWarnings(as: .error),  // SE-0480
        ]
}
