"""Scans hostnames at an edge with sslyze and prints what they accept, as JSON.

usage: scan_edge.py PORT HOSTNAME...

Each hostname is asked for by its name at 127.0.0.1:PORT. The output maps it to the suites accepted by version, in the
names of the IANA registry: {"shop.tenant.dev": {"TLS 1.2": ["TLS_ECDHE_..."], ...}}. A hostname that cannot be scanned
is an error and status 1.
"""

import json
import sys

from sslyze import (
    Scanner,
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanStatusEnum,
)

COMMANDS = {
    "SSL 2.0": ScanCommand.SSL_2_0_CIPHER_SUITES,
    "SSL 3.0": ScanCommand.SSL_3_0_CIPHER_SUITES,
    "TLS 1.0": ScanCommand.TLS_1_0_CIPHER_SUITES,
    "TLS 1.1": ScanCommand.TLS_1_1_CIPHER_SUITES,
    "TLS 1.2": ScanCommand.TLS_1_2_CIPHER_SUITES,
    "TLS 1.3": ScanCommand.TLS_1_3_CIPHER_SUITES,
}


def request(hostname, port):
    return ServerScanRequest(
        server_location=ServerNetworkLocation(hostname=hostname, port=port, ip_address="127.0.0.1"),
        # A slow answer would count as a refusal.
        network_configuration=ServerNetworkConfiguration(tls_server_name_indication=hostname, network_timeout=60),
        scan_commands=set(COMMANDS.values()),
    )


def accepted(attempt):
    if attempt.status != ScanCommandAttemptStatusEnum.COMPLETED:
        raise RuntimeError(f"{attempt.error_reason}: {attempt.error_trace}")
    return sorted(suite.cipher_suite.name for suite in attempt.result.accepted_cipher_suites)


def found(result):
    if result.scan_status != ServerScanStatusEnum.COMPLETED:
        raise RuntimeError(f"no connection: {result.connectivity_error_trace}")
    suites = {version: accepted(getattr(result.scan_result, command.value)) for version, command in COMMANDS.items()}
    return {version: names for version, names in suites.items() if names}


def main():
    port, hostnames = int(sys.argv[1]), sys.argv[2:]
    scanner = Scanner(per_server_concurrent_connections_limit=4, concurrent_server_scans_limit=3)
    scanner.queue_scans([request(hostname, port) for hostname in hostnames])
    report, status = {}, 0
    for result in scanner.get_results():
        hostname = result.server_location.hostname
        try:
            report[hostname] = found(result)
        except RuntimeError as error:
            print(f"{hostname}: {error}", file=sys.stderr)
            status = 1
    json.dump(report, sys.stdout, indent=1, sort_keys=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
