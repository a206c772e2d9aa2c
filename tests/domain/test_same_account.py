"""Sources that read one account: exposure and losses count once."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from adlwatch.domain.assess import States, assess
from adlwatch.domain.gather import gather
from adlwatch.domain.loss import PATIENCE, Compared, Loss, LossKind, Tally
from adlwatch.domain.model import Account, Fill, FillKind, Holding, Position, Side
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.same_account import Twice, counted_once, shared_accounts
from adlwatch.domain.settings import Settings

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SYMBOL = "BTC/USDC:USDC"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def state(
    source: str, t: float = 0.0, size: float = 1.0, *, account: str = "", kind: str = "hyperliquid", identity: str | None = None
) -> SourceState:
    """One source that tells of one account with a short and its spot leg."""
    name = account or source
    short = Position(
        account=name, venue="hyperliquid", symbol=SYMBOL, side=Side.SHORT, size=size, entry_price=100.0, mark_price=90.0
    )
    fill = Fill(
        id="f",
        account=name,
        venue="hyperliquid",
        symbol=SYMBOL,
        side=Side.SHORT,
        size=1.0,
        price=1.0,
        time=START,
        kind=FillKind.ORDER,
    )
    reading = Reading(
        source=source,
        as_of=at(t),
        received_at=at(t),
        accounts=(Account(id=name, venue="hyperliquid", equity=1000.0 + t),),
        positions=(short,),
        holdings=(Holding(account=name, venue="hyperliquid", asset="BTC", amount=size),),
        fills=(fill,),
    )
    return SourceState(id=source, kind=kind, interval=5.0, reading=reading, identity=identity)


def once(*states: SourceState) -> tuple[SourceState, ...]:
    return counted_once(states, shared_accounts(states))


def told(states: tuple[SourceState, ...]) -> dict[str, list[str]]:
    return {state.id: [p.key for p in state.reading.positions] if state.reading else [] for state in states}


def test_accounts_of_their_own_stay_as_they_are() -> None:
    states = (state("a", identity="x"), state("b", identity="y"), replace(state("c"), reading=None))
    assert shared_accounts(states) == ()
    assert once(*states) == states


def test_one_address_twice_counts_once_by_the_fresher_answer_under_one_name() -> None:
    older, newer = state("a", 0, 1.0, identity="x"), state("b", 3, 2.0, identity="x")
    for states in (once(older, newer), once(newer, older)):
        found = gather(states, at(4))
        assert [(row.key, row.source, row.position.size) for row in found.positions] == [(f"a:{SYMBOL}:short", "b", 2.0)]
        assert [(row.key, row.holding.amount) for row in found.holdings] == [("a:BTC", 2.0)]
        assert {id_: account.equity for id_, account in found.accounts.items()} == {"a": 1003.0}
    turned = once(replace(older, reading=replace(older.reading, as_of=at(9), received_at=at(9))), newer)  # type: ignore[type-var]
    assert told(turned) == {"a": [f"a:{SYMBOL}:short"], "b": []}


def test_both_say_so_and_whose_answer_it_is_in_one_line() -> None:
    snapshot = assess(States(sources=once(state("a", identity="x"), state("b", 3, identity="x"))), Settings(), at(4))
    line = "a and b read the same account: it counts once, as a, by the fresher answer, now that of b"
    assert [source.notes for source in snapshot.sources] == [(line,), (line,)]
    assert len(snapshot.positions) == 1


def test_margin_pools_are_accounts_of_their_own() -> None:
    def with_pool(source: str) -> SourceState:
        main, pool = state(source, identity="x"), state(source, account=f"{source}/BTC", identity="x")
        assert main.reading is not None
        assert pool.reading is not None
        return replace(
            main,
            reading=replace(
                main.reading,
                accounts=main.reading.accounts + pool.reading.accounts,
                positions=main.reading.positions + pool.reading.positions,
            ),
        )

    alone = with_pool("a")
    assert once(alone) == (alone,)
    assert [each.name for each in shared_accounts((alone, with_pool("b")))] == ["a", "a/BTC"]
    found = gather(once(alone, with_pool("b")), at(1))
    assert [row.key for row in found.positions] == [f"a/BTC:{SYMBOL}:short", f"a:{SYMBOL}:short"]


def test_a_book_that_names_an_account_of_a_source_completes_it_and_two_books_may_mean_two() -> None:
    venue, book = state("desk", 5), state("file", 0, account="desk", kind="book")
    assert book.reading is not None
    by_hand = replace(
        book, reading=replace(book.reading, positions=(), holdings=(Holding(account="desk", venue="v", asset="ETH", amount=3.0),))
    )
    (both,) = shared_accounts((by_hand, venue))
    assert both.line == "desk and file both tell of account desk: what both tell counts once, by the fresher answer"
    found = gather(once(venue, by_hand), at(6))
    assert [row.key for row in found.holdings] == ["desk:BTC", "desk:ETH"]
    assert found.accounts["desk"].equity == 1005.0
    assert shared_accounts((book, state("other", account="desk", kind="book"))) == ()


def loss(account: str, t: float, fill: str | None = None, size: float = 1.0) -> Loss:
    return Loss(
        key=f"{account}:{SYMBOL}:short",
        account=account,
        venue="hyperliquid",
        symbol=SYMBOL,
        side=Side.SHORT,
        kind=LossKind.UNEXPLAINED if fill is None else LossKind.ADL,
        size=size,
        before=2.0,
        time=at(t),
        fill=fill,
    )


def found(*losses: Loss, explained: dict[str, float] | None = None) -> Compared:
    return Compared(losses, explained or {}, Tally(START))


SHARED = shared_accounts((state("a", identity="x"), state("b", identity="x")))


def test_a_loss_that_both_sources_show_counts_once_from_whichever_shows_it_first() -> None:
    twice = Twice()
    first = twice.once(found(loss("b", 1, "f1"), loss("b", 1, "f2")), "b", SHARED)
    assert [(each.account, each.key, each.fill) for each in first.losses] == [
        ("a", f"a:{SYMBOL}:short", "f1"),
        ("a", f"a:{SYMBOL}:short", "f2"),
    ]
    later = twice.once(found(loss("a", 1, "f1"), loss("a", 1, "f3")), "a", SHARED)
    assert [each.fill for each in later.losses] == ["f3"]


def test_a_shrink_without_a_fill_counts_once_too_but_the_next_one_again() -> None:
    twice = Twice()
    assert twice.once(found(loss("a", 0)), "a", SHARED).losses
    assert not twice.once(found(loss("b", 3)), "b", SHARED).losses
    assert twice.once(found(loss("a", 60)), "a", SHARED).losses
    assert twice.once(found(loss("b", 63, size=0.5)), "b", SHARED).losses
    assert twice.once(found(loss("a", 63 + PATIENCE.total_seconds() + 1, size=0.5)), "a", SHARED).losses


def test_what_is_explained_is_so_under_the_common_name() -> None:
    explained = Twice().once(found(explained={f"b:{SYMBOL}:short": 1.0}), "b", SHARED).explained
    assert explained == {f"a:{SYMBOL}:short": 1.0}


def test_losses_of_other_accounts_pass_as_they_are() -> None:
    alone = found(loss("c", 1, "f1"))
    assert Twice().once(alone, "c", SHARED) is alone
    assert Twice().once(alone, "a", SHARED).losses == alone.losses
