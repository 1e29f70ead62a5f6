"""An evaluation on the screen, and the pairs of a name and a number that its options take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clienteling.cli.figures import amount_in, pointed
from clienteling.cli.output import console, print_notes, say, table
from clienteling.errors import InputError
from clienteling.measurement.digits import decimals_within, lift_places

if TYPE_CHECKING:
    from clienteling.measurement.evaluate import Evaluation
    from clienteling.measurement.lift import Lift
    from clienteling.measurement.made_segments import MadeSegments
    from clienteling.measurement.profit import BreakEven, Profit

__all__ = ["p_words", "pairs", "print_evaluation", "print_terms"]

#: Segments in the table for people; all of them are in the JSON document.
_SHOWN = 60


def pairs(
    option: str,
    given: Sequence[str] | None,
    example: str,
    *,
    alone: bool = False,
    percent: bool = False,
) -> dict[str, float]:
    """Read ``NAME=NUMBER``.

    Parameters
    ----------
    option : what it is called in messages
    given : the pairs
    example : a pair as it would be right; its number is shown with a name that was given
    alone : whether a number may stand by itself; it goes under an empty name
    percent : whether 40% may be written for 0.4
    """
    found: dict[str, float] = {}
    faults: list[str] = []
    for each in given or ():
        known, sign, number = each.rpartition("=")
        in_percent = percent and number.strip().endswith("%")
        value = amount_in(number.strip().removesuffix("%") if in_percent else number)
        if value is None:
            if known.strip() and not faults:
                example = f"{known.strip()}={example.rpartition('=')[2]}"
            wrong = 'has no number after the last "="' if sign else "is no number"
            faults.append(f'"{each}" {wrong}.{pointed(number)}')
            continue
        if not sign and not alone:
            faults.append(f'"{each}" has no name before "=".')
        elif known.strip() in found:
            faults.append(f'"{known.strip()}" is given twice.')
        found[known.strip()] = value / 100 if in_percent else value
    if "" in found and len(found) > 1:
        faults.append("one figure for all and figures by name can't stand together.")
    if faults:
        raise InputError(
            f"{option} is not understood.",
            faults=faults,
            hint=f'Write it as {option} "{example}"' + (" or as one number." if alone else "."),
        )
    return found


def print_evaluation(found: Evaluation) -> None:
    """Print an evaluation for people: the verdict first, then the figures behind it."""
    screen = console()
    screen.print()
    say(found.verdict.sentence, style="bold")
    if found.verdict.judged_by:
        say(found.verdict.judged_by)
    if found.when:
        say(found.when)
    for each in found.checks:
        # What the verdict says already is not said twice.
        if each.alarm and not found.verdict.sentence.endswith(each.sentence[1:]):
            say(f"Alarm: {each.sentence}", style="bold red")
    _print_lifts(found)
    if found.made:
        _print_made(found.made)
    _print_segments(found)
    screen.print("\nWould one offer for all have done as well?", style="bold")
    if found.verdict.code == "collecting":
        say("So far, and nothing to act on before the end:", 2)
    elif any(each.alarm for each in found.checks):
        say("For the reason above, this is nothing to act on:", 2)
    for sentence in found.answer:
        say(sentence, 2)
    if found.qini:
        _print_qini(found)
    if found.profit:
        _print_profit(found)
    print_notes([*(each.sentence for each in found.checks if not each.alarm), *found.notes])
    from clienteling.measurement.terms import terms_of

    print_terms(terms_of(found))


def print_terms(terms: Sequence[tuple[str, str]]) -> None:
    """Print what the terms mean, each in a line."""
    if not terms:
        return
    console().print("\nHow these are computed", style="bold")
    for term, said in terms:
        say(f"{term}: {said}", 2)


def _print_lifts(found: Evaluation) -> None:
    screen = console()
    right = ("Customers", "Mean", "Without", "Lift", "95 % interval", "p")
    for outcome in found.experiment.outcomes:
        screen.print(
            f"\nLift on {outcome} over all customers, compared with {found.experiment.control}",
            style="bold",
        )
        shown = table("Offer", *right, right=right)
        shown.padding = (0, 0)
        lifts = [each for each in found.lift if each.by is None and each.outcome == outcome]
        places = lift_places(lifts)
        for each in lifts:
            shown.add_row(
                *(each.offer, f"{each.customers:,}", f"{each.mean:,.{places}f}"),
                *(f"{each.control_mean:,.{places}f}", f"{each.estimate:+z,.{places}f}"),
                *(_interval(each, places), p_words(each.p_adjusted)),
            )
        screen.print(shown)
    if len(found.experiment.offers) > 1:
        say("p is adjusted for the number of offers (Holm); intervals are not.", 2)


def _print_made(made: MadeSegments) -> None:
    screen = console()
    screen.print("\nThe segments that were made", style="bold")
    for sentence in made.sentences:
        say(sentence, 2)
    shown = table("Segment", "Customers", "Share", "Who they are", right=("Customers", "Share"))
    for each in made.model.segments:
        shown.add_row(each.name, f"{each.size:,}", f"{each.share:.1%}", each.explanation)
    screen.print(shown)
    if made.warning:
        say(made.warning, 2)


def _print_segments(found: Evaluation) -> None:
    screen = console()
    families: dict[tuple[str, str], list[Lift]] = {}
    for each in found.lift:
        if each.by is not None:
            families.setdefault((each.outcome, each.by), []).append(each)
    if not families:
        return
    left = _SHOWN
    right = ("Customers", "Lift", "95 % interval", "p")
    for (outcome, by), lifts in families.items():
        if left <= 0:
            say(f"More segments are in the {sum(map(len, families.values()))} of --json.", 2)
            break
        screen.print(f"\nLift on {outcome} by {by}", style="bold")
        shown = table("Segment", "Offer", *right, right=right)
        shown.padding = (0, 0)
        places = lift_places(lifts)
        for each in lifts[:left]:
            lift = f"{each.estimate:+z,.{places}f}"
            figures = (lift, _interval(each, places), p_words(each.p_adjusted))
            shown.add_row(each.segment or "", each.offer, f"{each.customers:,}", *figures)
        screen.print(shown)
        left -= len(lifts)
    say("p is adjusted for the offers and segments of each outcome (Holm); intervals are not.", 2)
    if not found.differences:
        return
    screen.print("\nWhere the lift differs", style="bold")
    clear = [each.sentence for each in found.differences if each.clear]
    for sentence in clear:
        say(sentence, 2)
    if len(clear) < len(found.differences):
        elsewhere = "elsewhere" if clear else "anywhere"
        say(f"There is no evidence that it differs between segments {elsewhere}.", 2)


def _interval(each: Lift | Profit | BreakEven, places: int) -> str:
    if each.low is None or each.high is None:
        return "too few"
    return f"{each.low:z,.{places}f} to {each.high:z,.{places}f}"


def _print_qini(found: Evaluation) -> None:
    screen = console()
    right = ("To a quarter", "To half", "To all")
    for outcome in dict.fromkeys(each.outcome for each in found.qini):
        screen.print(f"\nLift on {outcome} by sending to the most responsive first", style="bold")
        shown = table("Offer", *right, "Order", right=right)
        curves = [each for each in found.qini if each.outcome == outcome]
        places = decimals_within((e.high[-1] - e.low[-1] for e in curves), digits=3)
        for each in curves:
            gains = [each.gain[round(part * (len(each.gain) - 1))] for part in (0.25, 0.5, 1.0)]
            order = "better than chance" if each.coefficient_low > 0 else "not beyond chance"
            shown.add_row(each.offer, *(f"{gain:+z,.{places}f}" for gain in gains), order)
        screen.print(shown)


def _print_profit(found: Evaluation) -> None:
    screen = console()
    screen.print("\nProfit per customer that got the offer", style="bold")
    right = ("Profit", "95 % interval", "Total")
    shown = table("Outcome", "Offer", *right, right=right)
    overall = [each for each in found.profit if each.by is None]
    places = lift_places(overall)
    for each in overall:
        shown.add_row(
            *(each.outcome, each.offer, f"{each.estimate:+z,.{places}f}", _interval(each, places)),
            f"{each.total:,.2f}",
        )
    screen.print(shown)
    if found.break_even:
        _print_break_even(found.break_even)


def _print_break_even(evens: Sequence[BreakEven]) -> None:
    from clienteling.measurement.profit import fewer_words, sent_to_all

    screen = console()
    screen.print("\nUp to which cost of a contact sending to all pays", style="bold")
    right = ("Up to", "95 % interval")
    shown = table("Outcome", "Offer", *right, right=right)
    rows = sent_to_all(evens)
    places = lift_places(rows)
    for each in rows:
        most = f"{each.all_to:z,.{places}f}" if each.all_to > 0 else "at no cost"
        shown.add_row(each.outcome, each.offer, most, _interval(each, places))
    screen.print(shown)
    for sentence in ("At a higher cost, sending to none is better.", *fewer_words(evens)):
        say(sentence, 2)


def p_words(p: float | None) -> str:
    """Return a p-value as people read it; nothing where there is none."""
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"
