"""What is said to whoever waits."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from portal.render import Html, put
from portal.views import waiting


def _waits() -> None:
    from portal.views.waiting import waiting

    with waiting("Counting…"):
        pass


def test_what_is_done_is_said_before_it_begins_and_taken_away_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def noted(content: Html) -> None:
        said.append(content)
        put(content)

    monkeypatch.setattr(waiting, "put", noted)
    app = AppTest.from_function(_waits).run()
    assert said == ['<p class="waiting" role="status">Counting…</p>']
    assert len(app.get("html")) == 0
