"""The expression language: functions, types, parse, check, emit, evaluate."""
