"""Jobs of the calendar: each due bucket once, also where the process died in the middle of one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from connector.store import tables
from connector.store.upsert import insert_into


def is_due(tx: Connection, job: str, bucket: str) -> bool:
    """Whether a job has not been finished in this bucket: a day or a week of the company's."""
    j = tables.jobs.c
    finished = tx.execute(select(j.finished_at).where(j.job == job, j.bucket == bucket)).scalar()
    return finished is None


def begin(tx: Connection, job: str, bucket: str, at: datetime) -> None:
    """Note that it begins; one that was begun and not finished begins again."""
    said = {"started_at": at, "finished_at": None}
    insert = insert_into(tx, tables.jobs).values(job=job, bucket=bucket, **said)
    tx.execute(insert.on_conflict_do_update(index_elements=["job", "bucket"], set_=said))


def finish(tx: Connection, job: str, bucket: str, at: datetime) -> None:
    """Note that it is done: it is not due any more."""
    j = tables.jobs.c
    tx.execute(update(tables.jobs).where(j.job == job, j.bucket == bucket).values(finished_at=at))
