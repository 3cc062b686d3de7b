/// What each role may do, written down a second time, by hand: the migration's rows are judged by it.
///
/// E enqueuer, W worker, O operator, A auditor. Whatever is in the schema stands here, or a test fails.
enum RoleRights {
    /// Who may call which functions; `-` is nobody but the owner, who calls them from within others.
    static let functions = """
        EWOA caller sees_all_tenants sees_tenant sees_lane sees_subject
        EWOA sealing_key
        EOA  certificates certificate_status
        OA   sealing_keys
        W    rewrap_certificate wake_for_keys shred_replaced record_certificate_facts
        O    publish_sealing_key retire_sealing_key retire_certificate
        -    leaf_der is_unsealed certificate_document
        EWOA canonical_hostname job_status hostname_status batch_progress
        E    enqueue_onboarding enqueue_batch enqueue_job enqueue_jobs
        EO   set_tier put_certificate
        W    register_worker heartbeat claim settle rescue release_unknown stop_worker wake_subjects
        W    holds use_approval end_exceptions place_drifted declare_budget declare_breaker
        WO   take_budget block_budget report_sign report_answers record_provider_error hear_provider_event
        WO   observed_state observed_promise ensure_partitions
        O    cancel replay replay_preview set_breaker set_override withdraw_override
        O    grant_capability revoke_capability apply_plan apply_plan_approving claim_unclaimed
        WO   record_audit
        O    replay_start replay_halt replay_resume replay_cancel cancel_prepare cancel_step
        O    apply_schedule pause_schedule resume_schedule run_schedule set_retention apply_retention
        O    misplaced_among has_stray_rows set_admission_limit pause resume
        OA   provider_status list_jobs replay_status
        W    replay_step fire_schedule claim_jobs settle_jobs fall_asleep wake_up tend_intake
        WO   perform_scheduled fold_statistics refresh_queue_depth refresh_standings
        -    grant_tenant revoke_tenant refuse_tenant refuse_lane
        -    refuse_subject refuse_tier apply_permissions apply_row_security
        -    place_job try_enqueue refused punycode claim_admitted claim_allowance fold_wakes promote_due
        -    refuse_change refuse_rewrite renew_hostnames renew_tenant claimed_hostname known_tenant check_until
        -    replay_candidates open_breaker close_breaker observe_budget count_use conforming ramp_share
        -    budget_spacing whole_ms
        -    filter_field filter_value filter_condition filter_text filter_allows filter_denies filter_numbers
        -    filter_times parse_filter refuse_filter nearest_word narrowed matching_jobs cancel_job hold_replay
        -    replay_scope replay_causes replay_decision replay_allowance replay_advance requeue queue_replayed
        -    count_attempts count_ended count_stale bounded_count do_scheduled enqueue_scheduled wished_schedule
        -    no_such_schedule refresh_evidence retention_rules refuse_change_of_kept jobs_to_keep drop_kept_jobs
        -    drop_old_jobs drop_old_attempts delete_old_rows
        -    above_quota admit call_worker check_pending close_batches count_batch count_batches judge_rows
        -    keep_answer recall_answer measure_backlog pending_jobs place_jobs ready_rank take_rows unreferenced
        -    count_event end_pauses follow_tier give_turn limit_room requeue_paused sweep_turns take
        -    wake_crowded wake_paused
        """

    /// Who may read (r), add (a), change (w) and delete (d) rows of which tables, views and sequences; a star after the
    /// letter says: of some columns, which `columns` names.
    static let relations = """
        admission_limit   O:r
        approval          W:r O:r A:r
        attempt           O:r A:r
        attempt_id        O:r
        attempt_log       O:r
        audit             O:r A:r
        batch             O:r A:r
        batch_event       O:r A:r
        breaker           O:r
        budget            O:r
        budget_use        O:r
        cancel_item       O:r A:r
        cancel_order      O:r A:r
        certificate       W:r O:r* A:r*
        certificate_finding W:ra O:r A:r
        deferred          O:r
        drift             W:ra O:r A:r
        ended             O:r A:r
        entitlement       O:r A:r
        error_code        E:r W:r O:r A:r
        evidence          W:ra O:ra A:r
        hostname          E:r W:rw* O:r A:r
        hostname_override O:r A:r
        idempotency       O:r
        job               W:r O:r A:r
        job_id            W:r O:r
        job_place         O:r A:r
        lane              O:rw*
        lane_wake         O:ra
        lease             O:r
        live              W:r O:r
        live_entitlements W:r O:r A:r
        live_override     W:r O:r A:r
        misplaced         O:r
        nap               O:r
        outage_sign       O:r
        partition_range   O:r
        pause_order       O:r A:r
        permission        O:r A:r
        plan              O:r A:r
        policy            W:r O:ra A:r
        provider_error    O:r
        provider_event    O:r A:r
        provider_hint     O:r
        queue_counter     O:r
        queue_depth       O:r
        ready             W:r O:r
        replay_item       O:r A:r
        replay_order      O:r A:r
        retention_log     O:r A:r
        retention_policy  O:r A:r
        running_limit     O:rawd
        schedule          W:r O:r A:r
        schedule_run      W:r O:r A:r
        sealing_key       W:r O:r A:r
        stale_settlement  O:r
        standing_count    O:r
        stat_delta        O:r
        stat_minute       O:r
        stat_total        O:r
        sweep_cursor      O:r
        tenant            E:r W:r O:r A:r
        tenant_grant      O:r A:r
        tier              E:r W:r O:raw* A:r
        tier_event        O:r A:r
        turn              O:r
        unclaimed         W:raw*d O:r
        virtual_time      O:r
        wake_floor        O:r
        worker            O:r
        zone              W:ra*w* O:ra*w*
        """

    /// The columns of the rights with a star.
    static let columns: [String: String] = [
        "certificate O:r": certificate,
        "certificate A:r": certificate,
        "hostname W:w": """
        applied_at applied_certificate applied_generation applied_job applied_partner applied_policy intent observed \
        observed_at \
        observed_generation provider_id standing standing_actor standing_message validation validation_seen_at
        """,
        "lane O:w": "max_running weight",
        "tier O:w": "changed_at hostname_quota max_running pending_quota revision weight",
        "unclaimed W:w": "name observed seen_at",
        "zone W:a": "turn_until zone_id",
        "zone W:w": "next_at pages read_at reading_until settings sweeps swept_at turn_until",
        "zone O:a": "quota quota_at zone_id",
        "zone O:w": "quota quota_at",
    ]

    /// All of a certificate but its key.
    private static let certificate = """
        certificate_id chain_pem created_at facts fingerprint hostname key_id key_kind not_after not_before retired_at \
        shredded_at tenant
        """
}
