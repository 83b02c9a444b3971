"""The process around the flow: config, wiring, schedule, logs."""
