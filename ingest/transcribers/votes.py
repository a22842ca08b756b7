"""Which language a stretch is heard in: the engine's votes, the languages that may be, and what was heard before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ingest.transcribers.base import Votes

# a stretch that is this sure of itself is heard in its own language, as when an interpreter takes over
SURE_OF_ITSELF = 0.7


class Electorate:
    """The votes of a window, on top of those of the windows before it."""

    def __init__(self, languages: Sequence[str], before: Votes) -> None:
        self.languages = frozenset(languages)
        self.before = dict(before)
        self.votes: dict[str, float] = {}

    def count(self, stretches: Iterable[Mapping[str, float]]) -> list[tuple[str, float]]:
        """The language of each stretch and the vote for it, from the engine's probabilities.

        A stretch that is not sure goes with the majority so far: one vote of Whisper base is often wrong,
        and speech heard in the wrong language comes out as invented words.
        """
        ballots = [self._allowed(stretch) for stretch in stretches]
        for ballot in ballots:
            for language, share in ballot.items():
                self.votes[language] = self.votes.get(language, 0.0) + share
        leader = self.leader()
        chosen = []
        for ballot in ballots:
            own = max(ballot, key=lambda language: (ballot[language], language))
            language = own if ballot[own] >= SURE_OF_ITSELF else leader
            chosen.append((language, round(ballot.get(language, 0.0), 4)))
        return chosen

    def leader(self) -> str:
        """The language with most votes so far, the earlier windows' among them; "" before the first vote."""
        totals = {
            language: self.votes.get(language, 0.0) + self.before.get(language, 0.0)
            for language in self.votes | self.before
            if not self.languages or language in self.languages
        }
        return max(totals, key=lambda language: (totals[language], language), default="")

    def _allowed(self, stretch: Mapping[str, float]) -> dict[str, float]:
        """The votes for languages that may be, as shares of one."""
        allowed = {
            language: probability
            for language, probability in stretch.items()
            if not self.languages or language in self.languages
        }
        total = sum(allowed.values())
        if total <= 0:
            names = self.languages or frozenset(stretch)
            return dict.fromkeys(sorted(names), 1 / len(names))
        return {language: probability / total for language, probability in allowed.items()}

    def result(self) -> Votes:
        """All votes of the window, most first, those too small to matter left out."""
        kept = [(language, round(votes, 4)) for language, votes in self.votes.items() if votes >= 0.01]
        return tuple(sorted(kept, key=lambda vote: (-vote[1], vote[0])))
