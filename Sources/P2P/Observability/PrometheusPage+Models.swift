import Effects
import PythonSemantics

/// Families 21 to 39 of contract 12 section 4.1: ratings, counters, games and training.
extension PrometheusPage {
    /// - Parameter rows: of ``EloRatings/best()``.
    mutating func addBestRatings(_ rows: SQLRows) {
        family("best_elo", .gauge, "Best Elo rating per configuration")
        for row in rows {
            let (board, players) = (row[0].pyString, row[1].pyString)
            sample(
                "best_elo", ["config": board + "_" + players + "p", "board_type": board, "num_players": players], row[2]
            )
        }
    }

    /// - Parameter diversity: `diversity_metrics`.
    mutating func addCounters(_ diversity: PyDict) throws(PyException) {
        func count(_ key: PyString) -> PyValue { diversity[key] ?? 0 }
        counter("tournament_runs_total", "Total tournament runs", count("tournament_runs"))
        counter("promotions_total", "Total model promotions", count("promotions"))
        counter("rollbacks_total", "Total model rollbacks", count("rollbacks"))
        let validation = diversity["gpu_validation_stats"] ?? [:]
        guard validation.isTruthy else { return }
        counter(
            "gpu_games_validated_total", "Total GPU games validated",
            try validation.get("total_validated", 0))
        counter(
            "gpu_games_failed_total", "Total GPU games failed validation",
            try validation.get("total_failed", 0))
    }

    /// - Parameter summary: `metrics` of the last hour.
    mutating func addRecentMetrics(_ summary: PyDict) throws(PyException) {
        for (name, metric) in summary {
            let latest = try metric.get("latest")
            if latest.isNone { continue }
            let safe = PyString("ringrift_") + name.replacing("-", with: "_").replacing(".", with: "_")
            append("# HELP " + safe + " Latest " + name + " value")
            append("# TYPE " + safe + " gauge")
            append(safe + " " + latest.pyString)
        }
    }

    /// - Parameter boards: `by_board_type` of the cluster's manifest; nil without one.
    mutating func addGames(_ boards: PyDict?) throws(PyException) {
        guard let boards else { return }
        for (name, figures) in boards {
            let total = try figures.get("total_games", 0)
            let parts = name.split("_")
            guard parts.count >= 2 else { continue }
            sample("games_total", ["board_type": parts[0], "num_players": parts[1].replacing("p", with: "")], total)
        }
        // The header's place is counted from the end of the page, wherever that is.
        insert("# HELP ringrift_games_total Total games per board configuration", fromEnd: boards.count)
        insert("# TYPE ringrift_games_total gauge", fromEnd: boards.count)
    }

    /// Losses and epochs have no samples here.
    mutating func addFreshness(_ ages: [DataAge]) {
        family("training_loss", .gauge, "Current model training loss")
        family("training_val_loss", .gauge, "Current model validation loss")
        family("training_epoch", .gauge, "Current training epoch")
        family("data_freshness_hours", .gauge, "Age of newest training data in hours")
        family("data_staleness_hours", .gauge, "Age of oldest training data in hours")
        for age in ages {
            let labels: Labels = ["config": PyString(age.directory)]
            sample("data_freshness_hours", labels, text: PyString(PyNumber.fixed(age.newest, 2)))
            sample("data_staleness_hours", labels, text: PyString(PyNumber.fixed(age.oldest, 2)))
        }
    }

    /// Families that nothing of the legacy ever fills.
    mutating func addUnusedFamilies() {
        family("selfplay_games_per_hour", .gauge, "Selfplay game generation rate")
        family("selfplay_games_total_24h", .gauge, "Total games generated in last 24h")
        family("gpu_hours_total", .counter, "Total GPU hours consumed")
        family("estimated_cost_usd", .gauge, "Estimated cost in USD")
        family("elo_per_gpu_hour", .gauge, "Elo improvement per GPU hour")
        for name in ["gpu_hours_total", "estimated_cost_usd", "elo_per_gpu_hour"] { sample(name, [:], 0.0) }
        family("promotion_success_rate", .gauge, "Promotion success rate (0-1)")
        family("promotion_elo_gain", .gauge, "Average Elo gain on successful promotion")
        family("promotion_rejections_total", .counter, "Total promotion rejections by reason")
        for name in ["promotion_success_rate", "promotion_elo_gain"] { sample(name, [:], 0.0) }
    }

    mutating func addConfidenceFamilies() {
        family("eval_games_played", .gauge, "Games played in model evaluation")
        family("eval_confidence", .gauge, "Evaluation confidence (0-1)")
        family("elo_uncertainty", .gauge, "Elo rating uncertainty margin")
    }

    /// - Parameter rows: of ``EloRatings/confidence()``.
    mutating func addConfidence(_ rows: SQLRows) throws(PyException) {
        for row in rows {
            let labels: Labels = ["config": row[0].pyString + "_" + row[1].pyString + "p"]
            let share = try PyNumber.sub(1, PyNumber.div(row[3], 350))
            let confidence = try PyNumber.max(0, PyNumber.min(1, share))
            sample("eval_games_played", labels, text: PyString(try PyNumber.format(row[2], ".1f")))
            sample("eval_confidence", labels, text: PyString(try PyNumber.format(confidence, ".3f")))
            sample("elo_uncertainty", labels, text: PyString(try PyNumber.format(row[3], ".1f")))
        }
    }

    /// - Parameter iterations: of all improvement cycles; nil when nothing manages them.
    mutating func addCycles(_ iterations: PyValue?) {
        family("improvement_cycles_total", .counter, "Total improvement cycles completed")
        family("last_improvement_hours", .gauge, "Hours since last Elo improvement")
        family("training_queue_size", .gauge, "Number of configs awaiting training")
        if let iterations { sample("improvement_cycles_total", [:], iterations) }
    }

    mutating func addVictories(_ statistics: VictoryStatistics) {
        family("victory_type_total", .counter, "Games won by victory type")
        for (group, count) in statistics.groups {
            sample(
                "victory_type_total",
                [
                    "board_type": group.board.value.pyString, "num_players": group.players.value.pyString,
                    "victory_type": group.victory.value.pyString,
                ], .int(count))
        }
    }

    mutating func addAnalytics(_ analytics: GameAnalytics) {
        family("game_length_avg", .gauge, "Average game length by config")
        family("games_per_hour", .gauge, "Game generation throughput")
        family("opening_diversity", .gauge, "Unique opening moves seen")
        attempt { page throws(PyException) in
            // The legacy has all of them before it writes the first.
            var lengths: [PyValue] = []
            for (_, value) in analytics.configurations { lengths.append(try value.averageLength()) }
            for ((name, value), length) in zip(analytics.configurations, lengths) {
                guard let labels = ConfigurationLabels(name)?.labels else { continue }
                page.sample("game_length_avg", labels, length)
                page.sample("games_per_hour", labels, value.throughput)
                page.sample("opening_diversity", labels, .int(value.openingDiversity))
            }
        }
    }

    mutating func addBestModelFamilies() {
        family("best_elo", .gauge, "Best Elo rating by config")
        family("elo_games_played", .gauge, "Games played by best model")
    }

    /// - Parameter rows: of ``EloRatings/bestModels()``.
    mutating func addBestModels(_ rows: SQLRows) throws(PyException) {
        for row in rows {
            let labels: Labels = [
                "board_type": row[0].pyString, "num_players": row[1].pyString, "model": row[3].pyString,
            ]
            sample("best_elo", labels, text: PyString(try PyNumber.format(row[2], ".1f")))
            sample("elo_games_played", labels, row[4])
        }
    }

    /// - Parameter logs: nil when they could not be read.
    mutating func addTraining(_ logs: TrainingLogs?) {
        family("training_loss", .gauge, "Latest training loss")
        family("training_epoch", .gauge, "Current training epoch")
        for (name, value) in logs?.configurations ?? [] where value.loss.isTruthy {
            guard let labels = ConfigurationLabels(name)?.labels else { continue }
            sample("training_loss", labels, value.loss)
            sample("training_epoch", labels, value.epoch)
        }
    }
}

/// How old the training data of one directory is.
package struct DataAge: Sendable {
    package var directory: String
    /// Hours.
    package var newest: Double
    /// Hours.
    package var oldest: Double
}
