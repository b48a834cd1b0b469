"""What an application still needs: fields, documents, answers of invited units."""

from procedure.definition import Procedure
from procedure.subject import Application


def missing(procedure: Procedure, a: Application, act_name: str) -> list[str]:
    """Return what is still missing for ``act_name``, as listed items; nothing is left to be asked twice.

    A field by its path, a member unit's as ``member:USCC:PATH`` or ``member:USCC:answer``, a document as
    ``document:MATERIAL``, a member unit's with ``:USCC`` after it.
    """
    joined = [member for member in a.members if member.status == "confirmed"]
    lacking = [f"member:{member.uscc}:answer" for member in a.members if member.status == "invited"]
    for field in procedure.form:
        if not field.required:
            continue
        if field.path.startswith("member."):
            lacking += [f"member:{each.uscc}:{field.path}" for each in joined if field.path not in each.form]
        elif field.path not in a.form:
            lacking.append(field.path)
    attached = {(document.material, document.owner) for document in a.documents}
    for material in procedure.materials:
        if material.needed_for != act_name:
            continue
        owners = [each.uscc for each in joined] if material.by == "member" else [a.lead]
        lacking += [
            f"document:{material.id}" if owner == a.lead else f"document:{material.id}:{owner}"
            for owner in owners
            if (material.id, owner) not in attached
        ]
    return lacking
