// Leadership's decisions are pure and live in Models; what they need of the outside is in Orchestrator/NodeRuntime+Election.swift.
