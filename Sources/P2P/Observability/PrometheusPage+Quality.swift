import PythonSemantics

/// Families 40 to 46 of contract 12 section 4.1: quality of models and data, cost, scaling.
extension PrometheusPage {
    mutating func addHoldout(_ metrics: HoldoutMetrics) {
        family("holdout_games", .gauge, "Number of games in holdout set")
        family("holdout_positions", .gauge, "Number of positions in holdout set")
        family("holdout_loss", .gauge, "Model loss on holdout validation set")
        family("holdout_accuracy", .gauge, "Model accuracy on holdout validation set")
        family("overfit_gap", .gauge, "Gap between holdout and training loss (positive = overfitting)")
        for (name, figures) in metrics.configurations {
            guard let labels = ConfigurationLabels(name)?.labels else { continue }
            sample("holdout_games", labels, figures["holdout_games"] ?? 0)
            sample("holdout_positions", labels, figures["holdout_positions"] ?? 0)
            for key in ["holdout_loss", "holdout_accuracy", "overfit_gap"] {
                if let value = figures[PyString(key)], !value.isNone { sample(key, labels, value) }
            }
        }
    }

    /// - Parameter statistics: nil when they could not be made.
    mutating func addSearch(_ statistics: SearchStatistics?) {
        family("mcts_avg_nodes", .gauge, "Average MCTS nodes visited per move")
        family("mcts_max_nodes", .gauge, "Maximum MCTS nodes visited in a move")
        family("mcts_avg_depth", .gauge, "Average MCTS search depth")
        family("mcts_max_depth", .gauge, "Maximum MCTS search depth")
        family("mcts_avg_time", .gauge, "Average time per MCTS move (seconds)")
        guard let statistics else { return }
        attempt { page throws(PyException) in
            try page.addSearchSummary(statistics.summary)
            for (name, figures) in statistics.configurations {
                guard let labels = ConfigurationLabels(name)?.labels else { continue }
                if let nodes = figures["avg_nodes"], nodes.isTruthy {
                    page.sample("mcts_avg_nodes", labels, text: PyString(try PyNumber.format(nodes, ".0f")))
                }
                if let depth = figures["avg_depth"], depth.isTruthy {
                    page.sample("mcts_avg_depth", labels, text: PyString(try PyNumber.format(depth, ".1f")))
                }
            }
        }
    }

    private mutating func addSearchSummary(_ summary: PyDict) throws(PyException) {
        let parts: [(name: String, key: PyString, format: String)] = [
            ("mcts_avg_nodes", "avg_nodes_per_move", ".0f"), ("mcts_max_nodes", "max_nodes_per_move", ""),
            ("mcts_avg_depth", "avg_search_depth", ".1f"), ("mcts_max_depth", "max_search_depth", ""),
            ("mcts_avg_time", "avg_time_per_move", ".3f"),
        ]
        for part in parts {
            guard let value = summary[part.key], value.isTruthy else { continue }
            sample(part.name, [:], text: PyString(try PyNumber.format(value, part.format)))
        }
    }

    mutating func addQuality(_ quality: DataQuality) {
        family("data_quality_games", .gauge, "Total games analyzed for quality")
        family("data_quality_short_rate", .gauge, "Percentage of short games (<10 moves)")
        family("data_quality_issues", .gauge, "Number of data quality issues detected")
        for (name, figures) in quality.configurations {
            guard let labels = ConfigurationLabels(name)?.labels else { continue }
            sample("data_quality_games", labels, figures["total_games"] ?? 0)
            sample("data_quality_short_rate", labels, figures["short_game_rate"] ?? 0)
        }
        sample("data_quality_issues", [:], .int(quality.issues.count))
    }

    mutating func addEfficiency(_ efficiency: TrainingEfficiency) {
        family("gpu_hours_total", .gauge, "Total GPU hours used for training")
        family("elo_per_gpu_hour", .gauge, "Elo points gained per GPU hour")
        family("training_cost_usd", .gauge, "Estimated training cost in USD")
        for (name, figures) in efficiency.configurations {
            guard let labels = ConfigurationLabels(name)?.labels else { continue }
            sample("gpu_hours_total", labels, figures.gpuHours)
            sample("elo_per_gpu_hour", labels, figures.eloPerGPUHour)
            sample("training_cost_usd", labels, figures.cost)
        }
        guard let summary = efficiency.summary else { return }
        sample("gpu_hours_total", [:], summary.gpuHours)
        sample("training_cost_usd", [:], summary.cost)
    }

    mutating func addLineage(_ lineage: ModelLineage) {
        family("model_count", .gauge, "Total number of trained models")
        family("model_generation", .gauge, "Latest model generation per config")
        sample("model_count", [:], .int(lineage.count))
        for (name, generation) in lineage.generations {
            guard let labels = ConfigurationLabels(name)?.labels else { continue }
            sample("model_generation", labels, generation)
        }
    }

    /// - Parameter autoscaling: nil for limits that are no numbers.
    mutating func addDecisions(rollbackCandidates: Int, _ autoscaling: Autoscaling?) {
        family("rollback_candidates", .gauge, "Number of configs recommended for rollback")
        sample("rollback_candidates", [:], .int(rollbackCandidates))
        family("autoscale_suggested_workers", .gauge, "Suggested worker count from autoscaling")
        family("cluster_games_per_hour", .gauge, "Current cluster-wide game generation rate")
        guard let autoscaling else { return }
        sample("cluster_games_per_hour", [:], autoscaling.gamesPerHour)
        sample("autoscale_suggested_workers", [:], autoscaling.suggestedWorkers)
    }
}
