"""Roles in a user's own words: a small YAML file, or pairs of a column and its role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from clienteling.data.documents import Document, parse_yaml, read_text
from clienteling.data.table import Table
from clienteling.errors import ColumnError, near_names
from clienteling.features.roles import ROLES, Part, Role

__all__ = ["RoleFile", "load_roles", "override", "role_text"]


class RoleFile(Document):
    """The roles of columns as a user has them.

    Parameters
    ----------
    roles : ``id``, ``feature``, ``category``, ``profile`` or ``ignore`` by column; a column that is
        not named keeps the role that is proposed
    """

    roles: dict[str, Role] = Field(min_length=1)

    @classmethod
    def disagreements(cls, content: Mapping[str, Any]) -> list[str]:
        """Return a fault where several columns are the id."""
        roles = content.get("roles")
        if not isinstance(roles, Mapping):
            return []
        ids = [str(each) for each, role in roles.items() if role == "id"]
        if len(ids) < 2:
            return []
        return [f"roles: {' and '.join(_quoted(ids))} are both the id; one column can be."]


def load_roles(path: str | Path) -> RoleFile:
    """Return the roles in a YAML file.

    Raises
    ------
    DocumentError
        There is no such file, or it has faults; all of them are listed.
    """
    return parse_yaml(read_text(path, "roles"), RoleFile, str(path), "file of roles")


def role_text(parts: Sequence[Part]) -> str:
    """Return roles as YAML, with the reason above each column.

    Examples
    --------
    >>> print(role_text([Part("Income", "feature", "An amount.")]))
    # id, feature, category, profile or ignore. A column left out keeps its proposed role.
    roles:
      # An amount.
      Income: feature
    <BLANKLINE>
    """
    lines = [
        "# id, feature, category, profile or ignore. A column left out keeps its proposed role.",
        "roles:",
    ]
    for each in parts:
        pair = yaml.safe_dump({each.name: str(each.role)}, allow_unicode=True, width=10**6)
        lines += [f"  # {' '.join(each.reason.split())}"]
        lines += [f"  {line}" for line in pair.splitlines()]
    return "\n".join([*lines, ""])


def override(table: Table, parts: Sequence[Part], given: Mapping[str, str]) -> list[Part]:
    """Return the roles with those that the user gives in the place of the proposed ones.

    Raises
    ------
    ColumnError
        A column is not there, a role is none, or a feature holds no numbers; all are named.
    """
    faults = []
    for each, role in given.items():
        if each not in table.names:
            faults.append(f'there is no column "{each}". {near_names(each, table.names)}'.strip())
        elif role not in ROLES:
            said = f'"{each}": "{role}" is no role. {near_names(role, ROLES)}'
            faults.append(said.strip())
        elif role == "category" and table[each].kind not in ("text", "integer", "boolean"):
            faults.append(
                f'"{each}" holds {table[each].kind} values; levels are text, whole numbers, or yes '
                "and no."
            )
        elif role == "feature" and not table[each].is_numeric:
            faults.append(
                f'"{each}" holds {table[each].kind} values, and features are numbers; as a '
                "category its levels take part."
            )
    ids = [each for each, role in given.items() if role == "id"]
    if len(ids) > 1:
        faults.append(f"{' and '.join(_quoted(ids))} are both the id; one column can be.")
    if faults:
        raise ColumnError(
            f"{table.source}: the roles don't fit.",
            faults=faults,
            hint=f"The roles are {', '.join(ROLES)}; the columns: "
            f"{', '.join(_quoted(table.names))}.",
        )
    found = []
    for part in parts:
        wanted = next((known for known in ROLES if given.get(part.name) == known), None)
        if wanted is not None and wanted != part.role:
            part = replace(part, role=wanted, reason="As you say.")
        found.append(part)
    return found


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{each}"' for each in names]
