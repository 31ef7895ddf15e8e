"""`segue consent`: what a lead agreed to and took back, with the proof that nobody changed it since."""

import asyncio
import sys
from pathlib import Path

from cyclopts import App
from pydantic import TypeAdapter
from rich.console import Console

from telephony.commands.people import InputError, find, open_files, refused
from telephony.proof import ContactMade, Proof, prove

app = App(name="consent", help="Show or export the evidence of a lead's consent, and verify it.")

_PROOFS = TypeAdapter(list[Proof])


@app.command
def show(number: str, *, campaign: str | None = None, brand: str | None = None) -> int:
    """Show the evidence, the state of suppression and every contact made, and verify the chain of hashes.

    Exits with 1 if the evidence was changed after it was sealed.

    Parameters
    ----------
    number
        The lead's telephone number.
    campaign
        Only for the brand of this campaign.
    brand
        Only for this brand.
    """
    try:
        proofs = asyncio.run(_prove(number, campaign, brand))
    except InputError as error:
        return refused(error)
    console = Console(highlight=False, soft_wrap=True)
    for proof in proofs:
        console.print("\n".join(lines(proof)), markup=False)
    return _verdict(proofs)


@app.command
def export(number: str, *, out: Path | None = None, campaign: str | None = None, brand: str | None = None) -> int:
    """Write the same as JSON, for whoever has to be shown it: a list with one entry for each brand.

    Exits with 1 if the evidence was changed after it was sealed; the JSON says so too.

    Parameters
    ----------
    number
        The lead's telephone number.
    out
        The file to write. Default: standard output.
    campaign
        Only for the brand of this campaign.
    brand
        Only for this brand.
    """
    try:
        proofs = asyncio.run(_prove(number, campaign, brand))
        _write(_PROOFS.dump_json(proofs, indent=2) + b"\n", out)
    except InputError as error:
        return refused(error)
    except OSError as error:
        return refused(InputError(f"{out} cannot be written: {error.strerror}"))
    return _verdict(proofs)


def _write(document: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        out.write_bytes(document)


async def _prove(number: str, campaign: str | None, brand: str | None) -> list[Proof]:
    async with open_files() as files:
        people = await find(files, number, campaign, brand)
        now = files.clock()
        return [prove(one.brand, one.number, one.cid, await files.record.log(one.cid), now) for one in people]


def _verdict(proofs: list[Proof]) -> int:
    return int(not all(proof.chain.intact for proof in proofs))


def lines(proof: Proof) -> list[str]:
    """The proof for a reader."""
    return [
        f"{proof.brand} and {proof.number} (conversation {proof.conversation})",
        "",
        f"Texts: {proof.suppression.texts}. Calls: {proof.suppression.calls}."
        + (f" Reason: {proof.suppression.reason}." if proof.suppression.reason else "")
        + (f" Held: {proof.suppression.held}." if proof.suppression.held else ""),
        *_chain(proof),
        "",
        "Evidence" if proof.evidence else "Evidence: none",
        *_evidence(proof),
        "Contacts" if proof.contacts else "Contacts: none",
        *_contacts(proof),
    ]


def _chain(proof: Proof) -> list[str]:
    chain = proof.chain
    state = "intact" if chain.intact else "BROKEN"
    told = [f"Chain: {state}, {chain.rows} rows, {chain.sealed} of them sealed, head {chain.head}"]
    return [*told, *(f"  {fault}" for fault in chain.faults)]


def _evidence(proof: Proof) -> list[str]:
    told: list[str] = []
    for place, row in enumerate(proof.evidence, 1):
        told.append(f"  {place}. event {row.event}")
        told += [f"     {name}: {_shown(value)}" for name, value in row.row.items()]
        told += [f"     prev_hash: {row.prev_hash}", f"     row_hash: {row.row_hash}", ""]
    return told


def _contacts(proof: Proof) -> list[str]:
    return [f"  {_contact(made)}" for made in proof.contacts]


def _contact(made: ContactMade) -> str:
    parts = [
        f"{made.decided_at:%Y-%m-%d %H:%M:%S %Z}  {made.channel.value:5}  permit {made.permit.value}",
        f"rule {made.rule}",
        f"consent {made.consent or 'none'}",
        made.outcome or "under way",
        f"{made.carrier_id} {made.status}" if made.carrier_id else "",
    ]
    return ", ".join(part for part in parts if part)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
