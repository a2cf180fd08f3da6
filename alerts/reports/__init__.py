"""Reports for leaders: 快报, 日报, 周报, 月报 and the 专报 of one case.

`compose` gathers a report's content from Index and Store as a value (`core.records.OfficeReport`); `word` and `pdf` render any
such value. `shelf` keeps what was made, `schedule` says what is due. Nothing here sends anything.
"""
