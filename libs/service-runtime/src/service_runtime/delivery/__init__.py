"""Brings events to endpoints until they are known to have arrived: rows, leases, schedules, attempts.

A *delivery* is the duty to bring one event to one endpoint; an *attempt* is one try, numbered from 1.
The engine knows neither FHIR nor HTTP: a `Sender` does the sending and says how it went.
"""
