"""Secret names as data: how values, resources and the policy spell the secret that a key lies in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.late_patterns import late
from openai_phi.words.resources import SecretRef

_SUFFIX = re.compile(r"-(?=[A-Za-z0-9]{6}$)(?![a-z]{6}$)[A-Za-z0-9]{6}$")
"""What AWS adds to a secret's name in its ARN; six small letters are rather a word of the name."""


OWN = "own"
"""The store of a secret that is an entry of a list in the resource itself, until it is known where that leads."""
_HOLE = "${"
"""What a part of a name holds that only a run knows."""


def spelled(text: str, type_: str = "") -> tuple[SecretRef, ...]:
    """The secrets that a value stands for as a whole, in a resource of a type; of a choice each."""
    text = text.strip()
    for choice in _data()["choices"]:
        found = _whole(choice["pattern"]).fullmatch(text)
        if found:
            parts = re.split(choice["split"], found["inside"])
            each = [spelled(choice["each"].format(p.strip()), type_) for p in parts]
            return tuple(ref for refs in each for ref in refs) if all(each) else ()
    for row in _data()["spellings"]:
        found = _whole(row["pattern"]).fullmatch(text) if _fits(row, type_) else None
        if found:
            return (_ref(row, found.groupdict()),)
    return ()


def wraps(text: str) -> bool:
    """Whether a value is the words of a platform around the address of a secret that only a run knows."""
    return any(_whole(row["pattern"]).fullmatch(text) for row in _data()["wrappers"])


def templated(text: str, around: str) -> tuple[SecretRef, ...]:
    """The secrets that a template's words stand for, by what the text around them names; several: any of them."""
    for row in _data()["templates"]:
        found = _whole(row["pattern"]).fullmatch(text)
        if found:
            return tuple(dict.fromkeys(_around(row, found, text, around)))
    return ()


def _around(
    row: Mapping[str, Any], found: re.Match[str], text: str, around: str
) -> Iterator[SecretRef]:
    entry = found["entry"] or found["quoted"]
    named = list(_whole(row["around"]).finditer(around))
    for at in re.finditer(re.escape(text), around):
        before = [n["name"] for n in named if n.end() <= at.start()]
        if before:
            yield SecretRef(row["store"], f"{before[-1]}#{entry}")


def written_by_agent(path: str) -> tuple[str, str] | None:
    """The setting that names the secret of a file which an agent writes, and its store."""
    for row in _data()["agents"]:
        folder, _, file = path.rpartition("/")
        if folder == row["folder"]:
            return row["setting"].format(file), row["store"]
    return None


def given_at(path: Sequence[object]) -> str:
    """The file at which a program of Compose finds a secret that it is given, by the place of that."""
    return f"/run/secrets/{path[-1]}" if tuple(path[-2:-1]) == ("secrets",) else ""


def content_of(text: str) -> str:
    """The file whose content a command gives; empty where a value is no such command."""
    found = _whole(_data()["contents_of"]).fullmatch(text)
    return found["path"] if found else ""


@dataclass(frozen=True)
class FromAction:
    """A secret that an action of a workflow takes from a store: its name there, and how the store's is spelled."""

    name: str
    spelling: str
    is_variable: bool
    is_output: bool


def from_action(uses: str, given: Mapping[str, Any]) -> Iterator[FromAction]:
    """The secrets that an action takes from a store."""
    for row in _data()["actions"]:
        listed = given.get(row["input"]) if uses.partition("@")[0] == row["uses"] else None
        for item in re.split(r"[;\n]", listed) if isinstance(listed, str) else ():
            found = _whole(row["item"]).fullmatch(item.strip())
            if found:
                parts = found.groupdict()
                name = parts.get("out") or parts.get("entry") or parts["name"]
                spelling = row["spelling"].format_map(parts)
                yield FromAction(
                    name, spelling, "variable" in row["gives"], "output" in row["gives"]
                )


def variable(name: str, type_: str) -> SecretRef | None:
    """The secret that a variable from outside is, in a resource of a type whose variables are such."""
    for row in _data()["variables"] if name else ():
        if _fits(row, type_):
            return SecretRef(row["store"], name)
    return None


def supplied(name: str, framework: str) -> SecretRef | None:
    """The secret that a variable is which whoever applies a root supplies."""
    rows = _data()["inputs"]
    row = next((r for r in rows if framework in r["frameworks"]), None)
    return SecretRef(row["store"], row["name"].format(name)) if row and name else None


def declared(store: str, reference: str) -> SecretRef:
    """A secret as the policy names it: by its name, or as code spells it."""
    found = next((r for r in spelled(reference) if r.store == store), None)
    return found or SecretRef(store, reference)


def secret_at(address: str, entry: str = "") -> SecretRef | None:
    """The secret that stands at an address of the code; None where what stands there is none."""
    rows = _data()["resources"]
    row = next(
        (r for r in rows if _whole(rf"(?:.*\.)?(?:{r['type']})\..*").fullmatch(address)), None
    )
    if row is None and "secret" not in address:
        return None
    inside = entry if entry and entry not in (row or {}).get("whole", ()) else ""
    name = f"{address}#{inside}" if inside else address
    return SecretRef(row["store"] if row else "secret", name, address)


def naming(type_: str) -> Mapping[str, Any]:
    """The settings that say the name of a secret, or of what holds secrets, by the resource's type."""
    rows = (*_data()["resources"], *_data()["holders"])
    return next((r for r in rows if _is(r, type_)), {})


def own_list(type_: str) -> Mapping[str, Any]:
    """The lists of a resource of this type whose entries its programs name as secrets; empty: it has none."""
    return next((r for r in _data()["own_lists"] if _fits(r, type_)), {})


def space_of(type_: str) -> Mapping[str, Any]:
    """Where a resource of this type says in which namespace of a cluster it runs; empty where it runs in none."""
    return next((r for r in _data()["spaces"] if _fits(r, type_)), {})


def names_secrets(type_: str) -> bool:
    """Whether a resource of this type is a secret of a known store, or holds such."""
    return bool(naming(type_))


def holds_secrets(type_: str) -> bool:
    """Whether a resource of this type writes what a secret holds."""
    return bool(_whole(_data()["contents"]).fullmatch(type_))


def literal(variable_name: str, text: str) -> tuple[SecretRef, ...]:
    """The secret that a plain name is, in one of the stores that the variable which holds it speaks of."""
    for row in _data()["literal_names"]:
        if _whole(row["variable"]).fullmatch(variable_name.lower()):
            first, *more = row["stores"]
            return (SecretRef(first, text, among=tuple(more)),)
    return ()


def filler(kind: str) -> Mapping[str, Any]:
    """How an object of this kind fills a Secret from a store outside; empty where it fills none."""
    return next((r for r in _data()["fillers"] if _whole(r["kinds"]).fullmatch(kind)), {})


def fills_whole(kind: str) -> bool:
    """Whether an object of this kind fills a Secret with all entries of another, without saying which."""
    return "name" in filler(kind)


def secret_stores(kind: str) -> list[Mapping[str, Any]]:
    """What an object of this kind may lead to, by its provider; empty where it is no store of secrets."""
    return [r for r in _data()["secret_stores"] if _whole(r["kinds"]).fullmatch(kind)]


def leads_to_store(kind: str) -> bool:
    """Whether an object of this kind says from which store, or from what of it, a Secret is filled."""
    return bool(filler(kind) or secret_stores(kind))


def filler_kinds() -> tuple[str, ...]:
    """The kinds of objects that fill a Secret, those of which a pattern speaks each."""
    found = (k for r in _data()["fillers"] for k in _kinds(r["kinds"]))
    return tuple(dict.fromkeys(found))


def _kinds(pattern: str) -> Iterator[str]:
    optional = re.fullmatch(r"\(\?:(\w+)\)\?(\w+)", pattern)
    yield from (optional[2], optional[1] + optional[2]) if optional else (pattern,)


def provider_classes(provider: str) -> list[Mapping[str, Any]]:
    """What the objects of a SecretProviderClass may be, by its provider."""
    return [r for r in _data()["provider_classes"] if r["provider"] == provider]


def outside(name: str) -> SecretRef:
    """A secret in a store outside the cluster, of which an object there says the name alone."""
    first, *more = _data()["outside"]
    return SecretRef(first, name, among=tuple(more))


def in_its_store(ref: SecretRef, type_: str, marks: Mapping[str, str]) -> SecretRef:
    """A secret in Kubernetes' words, where the resource that names it speaks of another store's.

    `marks` are the resource's labels and annotations, which tell whose words it uses.
    """
    for row in _data()["kubernetes_words"] if ref.store == "kubernetes" else ():
        told = "marked" not in row or any(map(_whole(row["marked"]).fullmatch, marks))
        if _fits(row, type_) and told:
            name = ref.name.partition("#")[0]
            called = _aliases(marks.get(row.get("aliases", ""), ""))
            name = called.get(name, name)
            found = next((r for r in spelled(name) if r.store == row["store"]), None)
            return found or SecretRef(row["store"], name, ref.address)
    return ref


def _aliases(text: str) -> dict[str, str]:
    """The secrets of a list of them by the names that they have here: `name:secret,…`."""
    pairs = (p.strip().partition(":") for p in text.split(","))
    return {name: secret for name, _, secret in pairs if secret}


def is_same(line: SecretRef, seen: SecretRef) -> bool:
    """Whether a line of the policy is about the secret that is seen; one without an entry is about each."""
    if line.store not in (seen.store, *seen.among):
        return False
    for said, found in ((line.account, seen.account), (line.region, seen.region)):
        if said and found and said != found:
            return False
    name, _, entry = line.name.partition("#")
    seen_name, _, seen_entry = seen.name.partition("#")
    if seen.address and name == seen.address:
        return True
    plain = _is_named(_plain(line.store, name), _plain(line.store, seen_name))
    return plain and (not entry or not seen_entry or entry == seen_entry)


def _is_named(said: str, seen: str) -> bool:
    """Whether a name is that of a line, in which one `*` stands for the rest of one of its parts."""
    if "*" not in said or "*" in seen:
        return said == seen
    first, _, last = said.partition("*")
    return re.fullmatch(f"{re.escape(first)}[^/#]+{re.escape(last)}", seen) is not None


def too_wide(reference: str) -> bool:
    """Whether a line of the policy names what nobody could list: two `*`, or one that no word stands beside."""
    name = reference.partition("#")[0]
    if "*" not in reference:
        return False
    part = next((p for p in name.split("/") if "*" in p), "")
    return reference.count("*") > 1 or len(re.findall(r"[^\W_]", part)) < 2


def overlap(one: SecretRef, other: SecretRef) -> bool:
    """Whether two lines of the policy may be about one secret, as each of them may stand for several."""
    if one.store != other.store or is_same(one, other) or is_same(other, one):
        return one.store == other.store
    if "*" not in one.name or "*" not in other.name:
        return False
    (a, _, b), (c, _, d) = (_halves(ref.name) for ref in (one, other))
    return (a.startswith(c) or c.startswith(a)) and (b.endswith(d) or d.endswith(b))


def _halves(name: str) -> tuple[str, str, str]:
    return name.partition("#")[0].partition("*")


def _plain(store: str, name: str) -> str:
    """A name without what a store does not tell apart."""
    if store == "keyvault":
        return name.lower()
    if store == "vault":
        return re.sub(r"^([^/]+)/data/", r"\1/", name.strip("/"))
    return name.lstrip("/") if store == "ssm" else name


def _ref(row: Mapping[str, Any], found: Mapping[str, str | None]) -> SecretRef:
    name = found.get("name") or found.get("quoted") or ""
    whole = next((r for r in spelled(name) if r.store == row["store"]), None)
    if whole is not None and ":" in name:  # an ARN where a name may stand
        return (
            replace(whole, name=f"{whole.name}#{found['entry']}") if found.get("entry") else whole
        )
    name = _SUFFIX.sub("", name) if row.get("suffix") else name
    name = f"{found['holder']}/{name}" if found.get("holder") else name
    name = f"{name}#{found['entry']}" if found.get("entry") else name
    account, region = (
        "" if _HOLE in (found.get(k) or "") else found.get(k) or "" for k in ("account", "region")
    )
    return SecretRef(row["store"], name, account=account, region=region)


def _fits(row: Mapping[str, Any], type_: str) -> bool:
    return "types" not in row or bool(_whole(row["types"]).fullmatch(type_))


def _is(row: Mapping[str, Any], type_: str) -> bool:
    return bool(_whole(row["type"]).fullmatch(type_))


@lru_cache(maxsize=256)
def _whole(pattern: str) -> re.Pattern[str]:
    return late(pattern)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "secrets.yaml")
    return data
