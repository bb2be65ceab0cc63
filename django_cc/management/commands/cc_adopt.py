"""`manage.py cc_adopt`: make machine clients of the toolkit's Applications."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.adoption.adopting import adopt_planned
from django_cc.authorization_server.adoption.plan import plan_adoption
from django_cc.authorization_server.adoption.reverting import list_adopted, revert_adoption
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.toolkit.adoption_candidates import find_unfit
from django_cc.management.adoption_options import (
    add_adoption_options,
    read_rules,
    read_selection,
)
from django_cc.management.adoption_report import AdoptionReport
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.interruption import Interruption, noticing_interruption
from django_cc.management.progress import Progress
from django_cc.management.terminal import make_printable
from django_cc.management.validation_errors import explain


class Command(DatabaseCommand):
    """Plans, applies and reverts the adoption of Applications."""

    help = (
        "Make machine clients of django-oauth-toolkit's Applications for the client credentials "
        "grant. Prints a plan and changes nothing, unless --apply or --revert is given. Client "
        "IDs and secrets go on working, and so do tokens of the toolkit until they expire. It may "
        "be interrupted and repeated: what is adopted stays so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add_adoption_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, adopt or revert."""
        self._require_selection(options)
        try:
            with noticing_interruption() as interruption:
                if options["revert"]:
                    self._revert(options, interruption)
                else:
                    self._adopt(options, interruption)
        except ValidationError as error:
            raise CommandError(explain(error)) from None
        if interruption.signal is not None:
            raise CommandError(
                "Interrupted: what is listed is done. Run cc_adopt again for the rest.",
                returncode=128 + interruption.signal,  # as shells have it
            )

    @staticmethod
    def _require_selection(options: Mapping[str, Any]) -> None:
        is_change = options["apply"] or options["revert"]
        if options["all"] and options["client_ids"]:
            raise CommandError("Name client IDs or say --all, not both.")
        if is_change and not (options["all"] or options["client_ids"]):
            raise CommandError("Name client IDs, or say --all.")

    def _adopt(self, options: dict[str, Any], interruption: Interruption) -> None:
        rules, selection = read_rules(options), read_selection(options)
        self._report_unfit(options["client_ids"])
        report = AdoptionReport(self.stdout, as_json=options["json"], applied=options["apply"])
        actor, progress = self.get_actor("cc_adopt"), Progress(self.stderr)
        for batch in plan_adoption(selection, rules, batch_size=options["batch_size"]):
            if options["apply"]:
                report.add_adopted(batch, adopt_planned(batch, actor))
            else:
                report.add(batch)
            progress.note(f"{report.total:,} looked at so far")
            if interruption.signal is not None:
                break
        report.finish(finished=interruption.signal is None)
        if options["client_ids"] and report.left and options["apply"]:
            raise CommandError(f"Not adopted: {', '.join(report.left)}.")

    def _report_unfit(self, client_ids: Sequence[str]) -> None:
        unknown, others, machines = find_unfit(client_ids)
        if unknown:
            raise CommandError(f"There is no Application with the client ID {', '.join(unknown)}.")
        if others:
            text = f"Not for the client credentials grant: {', '.join(others)}."
            raise CommandError(text)
        if machines:
            text = f"Machine clients already: {', '.join(machines)}."
            self.stderr.write(text, style_func=str)

    def _revert(self, options: dict[str, Any], interruption: Interruption) -> None:
        actor, progress = self.get_actor("cc_adopt --revert"), Progress(self.stderr)
        asked = [
            one for one in options["client_ids"] or list_adopted() if one not in options["exclude"]
        ]
        reverted: list[str] = []
        refused: dict[str, str] = {}
        for client_id in asked:
            if interruption.signal is not None:
                break
            try:
                revert_adoption(find_client(client_id), actor)
                reverted.append(client_id)
            except ValidationError as refusal:
                refused[client_id] = explain(refusal)
            progress.note(f"{len(reverted):,} reverted so far")
        self._tell_reverted(reverted, refused, options)
        if refused and interruption.signal is None:
            raise CommandError(f"{len(refused):,} could not be reverted.")

    def _tell_reverted(
        self, reverted: Sequence[str], refused: Mapping[str, str], options: Mapping[str, Any]
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({"reverted": reverted, "refused": refused}))
            return
        for client_id in reverted:
            self.stdout.write(f"{make_printable(client_id)} is the toolkit's again.")
        for client_id, why in refused.items():
            self.stdout.write(f"{make_printable(client_id)}: {make_printable(why)}")
        self.stdout.write(f"{len(reverted):,} reverted.")
