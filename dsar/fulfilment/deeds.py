"""What each of the lesser rights asks for."""

from database.transaction import Transaction
from dsar.desk.reasons import Denial
from dsar.desk.words import SealedWords
from dsar.fulfilment.asking import Round
from dsar.fulfilment.ports import Objections, Withdrawal
from dsar.fulfilment.task import Asked, Done
from dsar.holders.holder import Act, Errand
from dsar.holds.restriction import Cause, Restrictions
from dsar.right import Right


class Rectification:
    """Every holder puts right what it has (PIPL 46, GDPR 16), recipients among them (GDPR 19)."""

    right = Right.RECTIFICATION

    def __init__(self, words: SealedWords, round_: Round) -> None:
        self._words = words
        self._round = round_

    def do(self, asked: Asked) -> Done:
        """Ask every holder. What is right is sealed with the words of the request, and goes with its end."""
        corrections = self._words.of(asked.request.tenant, asked.request.id).corrections
        if not corrections:
            return Done(partially=[Denial.NOTHING_HELD.value])
        answers = self._round.ask(
            asked, Act.RECTIFY, lambda holder, person, errand: holder.rectify(person, corrections, errand)
        )
        return Done(answers.wait_seconds, answers.partially)


class Restriction:
    """Every holder stores and does not use (GDPR 18, PIPL 44); it lasts until somebody lifts it."""

    right = Right.RESTRICTION

    def __init__(self, round_: Round) -> None:
        self._round = round_

    def do(self, asked: Asked) -> Done:
        """Ask every holder; the vault stops first."""
        answers = self._round.ask(
            asked, Act.RESTRICT, lambda holder, person, errand: holder.restrict(person, errand, on=True)
        )
        return Done(answers.wait_seconds, answers.partially)


class Objection:
    """Purposes that rest on a legitimate interest stop for the person (GDPR 21), and so do those that rest on consent, which is
    withdrawn. What a contract or a law asks for goes on."""

    right = Right.OBJECTION

    def __init__(self, objections: Objections, withdrawal: Withdrawal, restrictions: Restrictions) -> None:
        self._objections = objections
        self._withdrawal = withdrawal
        self._restrictions = restrictions

    def do(self, asked: Asked) -> Done:
        """Withdraw now, and stop with the end of the request."""
        request, subject = asked.request, asked.person.number
        grounds = self._objections.grounds(request.tenant, request.regime, asked.purposes)
        if grounds.consent:
            errand = Errand(request=request.id, key="withdraw")
            self._withdrawal.withdraw(asked.person, errand, purposes=grounds.consent)

        def settle(tx: Transaction) -> None:
            for purpose in sorted(grounds.stop):
                self._restrictions.set(
                    tx,
                    request.tenant,
                    subject,
                    Cause.OBJECTION,
                    asked.at,
                    origin=request.id.bytes,
                    purpose=purpose,
                )

        nothing = not grounds.stop and not grounds.consent
        kept = bool(asked.purposes and grounds.others) or nothing
        return Done(partially=[Denial.NOT_COVERED.value] if kept else (), settle=settle)


class ConsentWithdrawal:
    """Consents end, at once (PIPL 15, GDPR 7(3)); whoever got the data by them hears of it as of any withdrawal."""

    right = Right.CONSENT_WITHDRAWAL

    def __init__(self, withdrawal: Withdrawal) -> None:
        self._withdrawal = withdrawal

    def do(self, asked: Asked) -> Done:
        """Withdraw those that are named, or all."""
        errand = Errand(request=asked.request.id, key="withdraw")
        self._withdrawal.withdraw(asked.person, errand, purposes=asked.purposes or None)
        return Done()
