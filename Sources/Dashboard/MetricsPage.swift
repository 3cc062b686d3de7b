import Hummingbird
import JobQueue
import Postgres

/// What a monitoring system reads (`GET /metrics`).
enum MetricsPage {
    static func response(from pool: PostgresPool) async -> Response {
        do throws(PostgresError) {
            var page = Exposition()
            page.add(try await QueueMetrics.read(from: pool))
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: page.text))
            )
        } catch {
            return Problem(error).response()
        }
    }
}

extension Exposition {
    fileprivate mutating func add(_ metrics: QueueMetrics) {
        addDepth(metrics)
        addAttempts(metrics)
        addWorkers(metrics)
    }

    private mutating func addDepth(_ metrics: QueueMetrics) {
        let depth = metrics.depth
        let places = [
            ("ready", depth.ready, depth.readyIsExact), ("deferred", depth.deferred, depth.deferredIsExact),
            ("running", depth.running, true),
        ]
        add(
            "usher_queue_jobs",
            .gauge,
            "Jobs that have not ended, by place.",
            places.map { ([("place", $0.0)], Double($0.1)) }
        )
        let exact = places.map { ([("place", $0.0)], $0.2 ? 1.0 : 0.0) }
        add("usher_queue_jobs_exact", .gauge, "0 where usher_queue_jobs is the planner's estimate.", exact)
        let tiers = depth.tiers.sorted { $0.key < $1.key }.flatMap { tier, jobs -> [Sample] in
            [
                ([("tier", tier), ("place", "ready")], Double(jobs.ready)),
                ([("tier", tier), ("place", "running")], Double(jobs.running)),
            ]
        }
        add("usher_queue_tier_jobs", .gauge, "Jobs by tier; of a deep queue scaled up from a sample.", tiers)
        let reasons = depth.reasons.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], Double($0.value)) }
        add("usher_queue_waiting_jobs", .gauge, "Deferred jobs by what they wait for.", reasons)
        let oldest = "How long the first job that may be claimed has been in the queue."
        add("usher_queue_oldest_ready_seconds", .gauge, oldest, Double(depth.oldestReady_s))
        add("usher_queue_depth_age_seconds", .gauge, "How old these counts are.", metrics.depthAge_s)
    }

    private mutating func addAttempts(_ metrics: QueueMetrics) {
        let attempts = metrics.attempts.filter { !QueueMetrics.stale.contains($0.outcome) }
        add(
            "usher_attempts_total",
            .counter,
            "Attempts that have ended.",
            attempts.map {
                (
                    [("kind", $0.kind), ("outcome", $0.outcome), ("error_class", $0.errorClass)],
                    Double($0.count)
                )
            }
        )
        let kinds = Dictionary(grouping: attempts, by: \.kind).sorted { $0.key < $1.key }
        let calls = kinds.map { kind, rows in
            ([("kind", kind)], Double(rows.map(\.providerCalls).reduce(0, +)))
        }
        add("usher_provider_calls_total", .counter, "Calls to the provider that attempts made.", calls)
        let seconds = kinds.map { kind, rows in ([("kind", kind)], Double(rows.map(\.run_ms).reduce(0, +)) / 1000) }
        add("usher_attempt_seconds_total", .counter, "Time between claim and settlement.", seconds)
        add("usher_claims_total", .counter, "Attempts that were begun.", Double(metrics.claims))
        let settled = Double(metrics.count(QueueMetrics.settled))
        add("usher_settlements_total", .counter, "Settlements that were applied.", settled)
        let stale = Double(metrics.count(QueueMetrics.stale))
        add("usher_stale_settlements_total", .counter, "Settlements that came too late and were not applied.", stale)
        let rescued = Double(metrics.count(QueueMetrics.rescued))
        add("usher_rescued_total", .counter, "Attempts taken back from lost or stuck workers.", rescued)
    }

    private mutating func addWorkers(_ metrics: QueueMetrics) {
        let workers: [Sample] = [
            ([("state", "alive")], Double(metrics.workersAlive)),
            ([("state", "overdue")], Double(metrics.workersOverdue)),
        ]
        add("usher_workers", .gauge, "Workers that have not left.", workers)
        let skew = "The largest difference of a worker's clock from the database's."
        add("usher_worker_clock_skew_seconds", .gauge, skew, Double(metrics.skew_ms) / 1000)
        let lost = Double(metrics.health.lostWakeUps)
        add("usher_lost_wakeups_total", .counter, "Lanes with work that nobody had woken; stays 0.", lost)
        let late = "How late the latest recurring task is."
        add("usher_schedule_late_seconds", .gauge, late, Double(metrics.health.late_s))
        let waiting = "Partitions that could not leave in the last 48 hours."
        add("usher_retention_waiting", .gauge, waiting, Double(metrics.health.waiting.count))
    }
}
