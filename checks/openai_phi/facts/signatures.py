"""Names as data: what a variable, host, image, type or marker means, from schemas/signatures/."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from openai_phi.facts.canonical_names import canonical as canonical
from openai_phi.facts.data_classes import DataClasses, Marker
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.escapes import narrow, unescaped
from openai_phi.facts.late_patterns import late
from openai_phi.words.observed import PHI_CLASSES

_URL_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:(?P<user>[^@/?#\s]*)@)?"
    r"(?P<host>[a-z0-9](?:[a-z0-9_-]*\.)*[a-z0-9_-]+)\.?(?::(?P<port>\d+))?"
    r"(?P<path>/[^\s\"'<>,;]*)?(?:[?#]\S*)?$",
    re.IGNORECASE,
)
_SLASHES = re.compile(
    r"(?P<scheme>(?:https?|wss?):|^)(?P<slashes>[\\/]+)(?=[a-z0-9])", re.IGNORECASE
)
_LOGIN = re.compile(r"(?<=://)[^/\s:@\"'<>${}]*:[^/\s@\"'<>${}]+(?=@)")
_QUERY = re.compile(
    r"([?&](?:api[-_]?key|key|(?:access[-_]?)?token|sig(?:nature)?|code|password|secret)=)[^&\s\"'<>${}]+",
    re.IGNORECASE,
)
"""Secrets in a URL: a password before the host, a parameter that is named like one."""


@dataclass(frozen=True)
class Match:
    """What a name means: its role, the provider it speaks of, the feature or endpoint it stands for."""

    role: str
    provider: str
    feature: str = ""
    endpoint: str = ""


@dataclass(frozen=True)
class Extra:
    """Names of an organization's own, from its policy; they add to the shipped ones.

    `variables` are (name, provider, role), `hosts` (host, provider), `markers` of PHI (key, value).
    """

    variables: tuple[tuple[str, ...], ...] = ()
    hosts: tuple[tuple[str, ...], ...] = ()
    gateway_names: tuple[str, ...] = ()
    markers: tuple[tuple[str, ...], ...] = ()


NO_EXTRA = Extra()


@dataclass(frozen=True)
class Host:
    """A host found in a value: the provider it belongs to ("" if none), and the URL's path."""

    host: str
    provider: str
    path: str
    scheme: str = ""
    port: str = ""


@dataclass(frozen=True)
class EgressSignature:
    """Where rules of a type name hosts and paths, and what makes one a prohibition."""

    block: str
    hosts: re.Pattern[str]
    paths: re.Pattern[str] | None
    deny: tuple[re.Pattern[str], re.Pattern[str]] | None
    lines: re.Pattern[str] | None = None
    """What a line of a text of rules looks like that allows hosts, if the setting is such a text."""
    restricts: bool = True
    """Whether what it does not name is out of reach where it applies."""
    within: str = ""
    """The list whose items each name paths of their own, if there is one."""
    entry: str = ""
    """The list within an item whose items name a path each."""
    seen_by: tuple[str, ...] = ()
    """What must stand in such an item for its paths to be seen at all."""
    method: re.Pattern[str] | None = None
    """Where an entry names the method of requests."""

    def names_hosts(self, path: Iterable[str | int]) -> bool:
        """Whether a setting at this path of the rule, or what holds it, names hosts."""
        whole = dotted(path)
        found = self.hosts.match(whole)
        return found is not None and whole[found.end() :][:1] in ("", ".")


@dataclass(frozen=True)
class HostSignature:
    """A host of a provider: which of its paths are the provider's, and what a variable that holds it may say."""

    provider: str
    operator: str
    paths: re.Pattern[str]
    not_named: re.Pattern[str]
    said: bool

    @classmethod
    def of(cls, spec: dict[str, Any]) -> HostSignature:
        """From a line of the signatures."""
        return cls(
            spec["provider"],
            spec.get("operator", spec["provider"]),
            _whole(spec.get("paths", ".*")),
            _whole(spec.get("not_named", "(?!)")),
            bool(spec.get("said")),
        )

    def fits(self, path: str, name: str, said: str) -> bool:
        """Whether a URL of this path is the provider's, in a variable of this name that speaks of `said`."""
        if said == self.provider:
            return True
        if (self.said and not said) or self.not_named.fullmatch(canonical(name)):
            return False
        return self.paths.fullmatch(path) is not None


@dataclass(frozen=True, kw_only=True)
class SidecarPart:
    """Objects that a sidecar calls for the program of its pod, and what names the pods that have it."""

    type: str
    setting: re.Pattern[str]
    value: re.Pattern[str]
    enabled: str
    name: str
    scopes: str

    @classmethod
    def of(cls, spec: dict[str, Any]) -> SidecarPart:
        """From a line of the types."""
        return cls(
            type=spec["type"],
            setting=late(spec["setting"]),
            value=late(spec["value"]),
            enabled=spec["enabled"],
            name=spec["name"],
            scopes=spec["scopes"],
        )


MASK = "**********"


def _slashes(found: re.Match[str]) -> str:
    """A URL's slashes as clients read what is written with fewer, more or the other ones."""
    if found["scheme"]:
        return f"{found['scheme']}//"
    return "https://" if len(found["slashes"]) == 2 else found[0]


class Words:
    """Words in lower case, any of which a text may hold. Asked for each text of a scan, so it is quick.

    Of `endings` only the end of a word counts: `phi` is in `ePHI` and `PHIData`, not in `graphics`.
    """

    def __init__(self, words: Iterable[str], endings: Iterable[str] = ()) -> None:
        self._endings = tuple(endings)
        self._ending = late("|".join(map(_ending, self._endings)) or r"(?!)")
        self._all = tuple(dict.fromkeys(words))
        # where a word is in a text, so is each that is a part of it
        self._least = tuple(
            w for w in self._all if not any(o in w for o in self._all if o is not w)
        )
        self._pattern = late("|".join(map(re.escape, self._least)))
        parts = (max(_TOKENS.findall(w), key=len, default="") for w in self._least)
        self._parts = tuple(dict.fromkeys((*parts, *self._endings)))
        shortest = min(map(len, self._parts), default=1) or 1
        self._long_enough = late(rf"[a-z0-9_.\-]{{{shortest},}}")
        self._tokens: dict[str, bool] = {}
        """Whether a token holds a part of a word; texts of one scan consist of few."""

    def within(self, text: str) -> bool:
        """Whether a text holds one of the words, in whatever case, or may once its escapes are undone."""
        if self._within(text):
            return True
        plain = unescaped(text)
        return plain is not text and self._within(plain)

    def _within(self, text: str) -> bool:
        lower = text.lower()
        if len(lower) < _LONG and not self._may_hold_one(lower):
            return False
        if len(lower) < _SHORT:
            found = self._pattern.search(lower) is not None
        else:  # in long texts quicker than the pattern
            found = any(map(lower.__contains__, self._least))
        maybe = not found and any(map(lower.__contains__, self._endings))
        return found or (maybe and self._ending.search(text) is not None)

    def _may_hold_one(self, lower: str) -> bool:
        """Whether a token of a text holds the longest part of a word: where none does, no word is there."""
        known = self._tokens
        for token in self._long_enough.findall(lower):
            holds = known.get(token)
            if holds is None:
                if len(known) > _MOST_TOKENS:
                    known.clear()
                holds = known[token] = any(map(token.__contains__, self._parts))
            if holds:
                return True
        return False

    def first(self, text: str) -> str:
        """The first of the words that a text holds, or an empty string."""
        if not self.within(text):
            return ""
        found = (w for t in (text, unescaped(text)) for w in self._all if w in t.lower())
        return next(found, "")


_TOKENS = re.compile(r"[a-z0-9_.\-]+")
_MOST_TOKENS = 50_000
_SHORT = 150
_LONG = 2_000
"""Texts from here on hold many tokens of their own, so that all words are looked for at once."""


def _ending(word: str) -> str:
    """A pattern of a word's own end, as `canonical` parts words: before a capital, or what is no letter."""
    small = f"[{word[0]}{word[0].upper()}]{re.escape(word[1:])}"
    return f"{small}(?![a-z])|{re.escape(word.upper())}(?![a-z]|[A-Z](?![a-z]))"


_SHORT = 4
"""Letters of a variable's name that tell nothing in the middle of a text."""


class Signatures:
    """All signature files, compiled. Build once with `signatures()`."""

    def __init__(
        self,
        openai: dict[str, Any],
        phi: dict[str, Any],
        types: dict[str, Any],
        egress: dict[str, Any],
        more_words: Iterable[str],
        vendors: dict[str, Any],
    ) -> None:
        self._vendors = [(_whole(v["pattern"]), str(v["id"])) for v in vendors["vendors"]]
        self._variables = [
            (_whole(v["name"]), _whole(v.get("value", ".*")), v) for v in openai["variables"]
        ]
        self._supporting = [(_whole(v["name"]), v["role"]) for v in openai["supporting"]]
        self._hosts = [(_whole(h["pattern"]), HostSignature.of(h)) for h in openai["hosts"]]
        self._gateway = late(openai["gateway_names"], re.IGNORECASE)
        self._inside = _whole(openai["inside_hosts"])
        self._model_server = _whole(openai["model_servers"])
        self._accelerator = _whole(openai["accelerators"])
        self._part_of_program = late(openai["parts_of_programs"])
        self._model_image = _whole(openai["model_server_images"])
        self._no_key = _whole(openai["no_keys"])
        self._placeholder = _whole(openai["placeholders"])
        self.key_shape = late(openai["key_shapes"])
        self._key_value = _exact(openai["key_values"])
        self._sure_key = _exact(openai["sure_key_values"])
        self._admin_key = _exact(openai["admin_key_values"])
        self._administers = _whole(openai["administers"])
        self._mcp_image = _whole(openai["mcp_servers"]["images"])
        self._mcp_variable = _whole(openai["mcp_servers"]["variables"])
        self._truthy, self._falsy = _whole(openai["truthy"]), _whole(openai["falsy"])
        self._store_name = _whole(openai["store_names"])
        self._key_holder = _whole(openai["key_holders"])
        self._plain_store = _whole(openai["plain_stores"])
        self._plain_entry = _whole(openai["plain_entries"])
        self._not_key_holder = _whole(openai["not_key_holders"])
        self._said_of = _whole(openai["said_of"])
        self._secret_value = _whole(openai["secret_references"])
        self._other_holder = _whole(openai["other_holders"])
        self._no_store_name = _whole(openai["not_store_names"])
        self._resources = [(_whole(r["type"]), r) for r in openai["resources"]]
        self._agreements = [
            (_whole(a["type"]), _whole(a["setting"]), str(a["kind"])) for a in openai["agreements"]
        ]
        self._gateway_models = [
            (_whole(g["within"]), _whole(g["value"]), str(g["provider"]))
            for g in openai["gateway_models"]
        ]
        self._platforms = [
            (_whole(p["key"]), _whole(p["model"]), str(p["host"])) for p in openai["platforms"]
        ]
        self._only_models = [
            (_whole(m["pattern"]), str(m["provider"])) for m in openai["only_models"]
        ]
        self._reference = late(openai["variable_references"])
        self._phrases = [
            (late(p["pattern"], re.IGNORECASE), str(p["provider"]), str(p["endpoint"]))
            for p in openai["phrases"]
        ]
        self._calls = [(_whole(c["type"]), str(c["endpoint"])) for c in openai["calls"]]
        self.call_features: dict[str, str] = openai["call_features"]
        self._own_prefix = openai["own_words"]["prefix"] + "_"
        self._own_roles: dict[str, str] = openai["own_words"]["roles"]
        self.default_hosts = {p["id"]: p["default_host"] for p in openai["providers"]}
        self.openai_paths = {p["id"] for p in openai["providers"] if p.get("openai_paths")}
        self.titles = {p["id"]: p["title"] for p in openai["providers"]}
        self._kinds: dict[str, str] = {p["id"]: p.get("kind", "api") for p in openai["providers"]}
        self._openai_words = Words(openai["prefilter"])
        self._any_words = Words((*openai["prefilter"], *phi["prefilter"]), phi["endings"])
        self._all_words = Words(
            (*openai["prefilter"], *phi["prefilter"], *more_words), phi["endings"]
        )
        self._classes = DataClasses(phi)
        self._phi_variable = _whole(phi["variables"])
        self._phi_type = _whole("|".join(t["type"] for t in phi["types"]))
        self._phi_module = _whole(phi["module_sources"])
        self._phi_image = _whole(phi["images"])
        self._statement = tuple(_whole(phi["statements"][k]) for k in ("settings", "values"))
        self._phi_words = Words(phi["prefilter"], phi["endings"])
        self._phi_chart = tuple(_whole(phi["charts"][k]) for k in ("types", "setting", "names"))
        self._suspected = _whole(phi["suspected"])
        self._suspected_settings = _whole(phi["suspected_settings"])
        self._no_suspicion = late(rf"(?:^|_)(?:{phi['suspected_settings_not']})(?:_|$)")
        self._not_suspected = late(rf"(?:^|_)(?:{phi['not_suspected']})(?:_|$)")
        self._stands_for = [(_whole(s["type"]), str(s["setting"])) for s in types["stands_for"]]
        self._workloads = _whole("|".join(types["workloads"]))
        self._stores = _whole("|".join(types["stores"]))
        self._ignored = _whole("|".join(types["ignored"]))
        self._sends_nothing = _whole("|".join(types["sends_nothing"]))
        self._data_stores = _whole("|".join(types["data_stores"]))
        self._routes = _whole(types["routes"])
        self.sidecar_parts = tuple(map(SidecarPart.of, types["sidecar_parts"]))
        self._answers_for = _whole("|".join(types["answers_for"]))
        self._not_call = _whole(types["not_calls"])
        self._not_shared = _whole(types["not_shared"])
        self._settings_maps = _whole(types["settings_maps"])
        self._not_of_modules = _whole(types["not_settings_of_modules"])
        self._settings_texts = _whole(types["settings_texts"])
        held = rf"(?:{types['settings_maps']}|{types['settings_texts']})"
        self._may_hide = late(rf"\bdynamic\s+\"{held}\"|\b{held}\"?\s*(?:=\s*\(*\s*[a-z]|:\s*\"\$)")
        self._machine_groups = _whole("|".join(types["machine_groups"]))
        self._machine_templates = _whole("|".join(types["machine_templates"]))
        self._pod_accounts = _whole(types["pod_accounts"])
        self._uploads = _whole(types["uploads"])
        self._connects = _whole("|".join(types["connectors"]))
        self._hands = [
            (_whole(h["type"]), _whole(h["to"]), h.get("itself") == "true") for h in types["hands"]
        ]
        self._not_given = _whole(types["not_given"])
        self._leads_on = _whole("|".join(types["leads_on"]))
        self._identity = _whole(types["identities"])
        self._grants = _whole("|".join(types["grants"]))
        self._egress = [(_whole(r["type"]), _egress(r)) for r in egress["rules"]]
        self._egress_texts = [late(t) for t in egress["texts"]["hosts"]]
        self._egress_allow = late(egress["texts"]["allow"])
        self._by_name: dict[str, list[tuple[re.Pattern[str], Match]]] = {}
        self._sorts: dict[str, str] = {}
        self._supports: dict[str, str] = {}
        self._egress_of: dict[str, tuple[EgressSignature, ...]] = {}

    def openai_word(self, text: str) -> str:
        """A word in a text that could speak of OpenAI use, or an empty string."""
        return self._openai_words.first(text)

    def speaks(self, text: str) -> bool:
        """Whether a text holds a word that could matter at all; without one nothing here fits it."""
        return self._any_words.within(text)

    def concerns(self, text: str) -> bool:
        """Whether a text could matter beside a use of a provider: as `speaks`, or who else gets the content."""
        return self._all_words.within(text)

    def variable(self, name: str, value: str) -> Match | None:
        """What a variable of this name means, with this value; None if nothing of ours."""
        word = canonical(name)
        candidates = self._by_name.get(word)
        if candidates is None:
            candidates = self._by_name[word] = self._name_matches(word)
        for values, match in candidates:
            if values.fullmatch(value.strip()):
                return match if match.role != "other" else None
        return None

    def _name_matches(self, word: str) -> list[tuple[re.Pattern[str], Match]]:
        if word.startswith(self._own_prefix):
            role = self._own_roles.get(word[len(self._own_prefix) :])
            return [(_ANY, Match(role, "openai"))] if role else []
        return [
            (
                values,
                Match(
                    spec["role"],
                    spec["provider"],
                    spec.get("feature", ""),
                    spec.get("endpoint", ""),
                ),
            )
            for names, values, spec in self._variables
            if names.fullmatch(word)
        ]

    def is_key_store_name(self, name: str) -> bool:
        """Whether a secret of this name holds a key for a provider."""
        return bool(self._store_name.fullmatch(canonical(name)))

    def provider_resource(self, type_: str, values: dict[str, str]) -> str:
        """The provider whose own resource this is (a cognitive account), or an empty string."""
        for pattern, spec in self._resources:
            if pattern.fullmatch(type_):
                wanted = spec.get("value")
                if not wanted or re.fullmatch(wanted, values.get(spec["setting"], "")):
                    return str(spec["provider"])
        return ""

    def agreement(self, type_: str, setting: str) -> str:
        """The evidence kind of a setting of the provider's own resource, or an empty string."""
        for types, settings, kind in self._agreements:
            if types.fullmatch(type_) and settings.fullmatch(setting):
                return kind
        return ""

    def gateway_model(self, path: Iterable[str | int], value: str) -> str:
        """The provider of a model in a gateway's list, or an empty string."""
        steps = [canonical(s) for s in path if isinstance(s, str)]
        for within, values, provider in self._gateway_models:
            if any(within.fullmatch(s) for s in steps) and values.fullmatch(value):
                return provider
        return ""

    def platform_of_key(self, name: str) -> str:
        """The host of a platform that serves others' models whose key a variable of this name holds, or ""."""
        word = canonical(name)
        return next((host for key, _, host in self._platforms if key.fullmatch(word)), "")

    def platform_of_model(self, value: str) -> str:
        """The host of a platform that serves a provider's model of this name, or ""."""
        return next((host for _, model, host in self._platforms if model.fullmatch(value)), "")

    def provider_of_model(self, value: str) -> str:
        """The provider that alone serves a model of this name; empty if none does."""
        return next((p for pattern, p in self._only_models if pattern.fullmatch(value)), "")

    def referred_key(self, value: str) -> Match | None:
        """The key variable that a value names, as `${OPENAI_API_KEY}` does; None if it names none."""
        text = value.strip()
        named = (m["name"] for m in self._reference.finditer(text))
        found = [n for n in named if len(n) > _SHORT]
        if re.fullmatch(r"[A-Z][A-Z0-9_]{4,}", text):
            found.append(text)
        for name in found:
            match = self.variable(name, "x")
            if match and match.role == "key":
                return match
        return None

    def named_key(self, store: str) -> Match | None:
        """The key that a secret of this name, or an entry of one, holds; None if it tells nothing."""
        word = canonical(store)
        if not self._store_name.fullmatch(word) or self._no_store_name.fullmatch(word):
            return None
        match = self.variable(f"{word}_key", "")
        return match if match and match.role in ("key", "admin_key", "key_reference") else None

    def key_in(self, holder: str, secret: str) -> Match | None:
        """The key of a provider that a name is filled with from a secret, by the secret's name."""
        word = canonical(holder)
        store, _, entry = secret.partition("#")
        if self._other_holder.fullmatch(word) or self._is_of_another(word, store, entry):
            return None
        if not self._key_holder.fullmatch(word) and not self._fills_a_key(word, store, entry):
            return None
        named = self.named_key(store)
        return named if named or not entry else self.named_key(entry)

    def _fills_a_key(self, holder: str, store: str, entry: str) -> bool:
        """Whether what a secret fills is a key under any name, since the secret is named for a provider alone."""
        if self._not_key_holder.fullmatch(holder):
            return False
        named = self._plain_store.fullmatch(canonical(store)) or "openai" in canonical(entry)
        return bool(named and self._plain_entry.fullmatch(canonical(entry)))

    def _is_of_another(self, holder: str, store: str, entry: str) -> bool:
        """Whether a secret says of what it is in the words of the name that it fills: an application's own."""
        said = self._said_of.fullmatch(holder)
        if not said or self._plain_entry.fullmatch(holder) or "openai" in holder:
            return False
        if canonical(entry) == holder:
            return not self._plain_store.fullmatch(canonical(store))
        return canonical(store).endswith(f"openai_{holder}")

    def key_filled_in(self, holder: str, value: str) -> Match | None:
        """The key that a value stands for where it names a secret that fills it in."""
        return self.key_in(holder, value) if self._secret_value.fullmatch(value.strip()) else None

    def filling_variable(self, value: str) -> str:
        """The variable that a value as a whole stands for, as `os.environ/AZURE_API_BASE` does; or empty."""
        found = self._reference.match(value.strip())
        plain = found and (len(found["name"]) > _SHORT or found[0].startswith("os.environ"))
        return found["name"] if found and plain else ""

    def calls(self, type_: str) -> str:
        """The endpoint that creating a resource of this type calls, or an empty string."""
        return next((endpoint for types, endpoint in self._calls if types.fullmatch(type_)), "")

    def phrases(self, text: str) -> list[tuple[str, str]]:
        """(provider, endpoint) of each call that a text makes in words of its own language."""
        return [(p, endpoint) for pattern, p, endpoint in self._phrases if pattern.search(text)]

    def own_word(self, name: str) -> str:
        """The role of one of our own words (`openai-compliance/data`), or an empty string."""
        word = canonical(name)
        if not word.startswith(self._own_prefix):
            return ""
        return self._own_roles.get(word[len(self._own_prefix) :], "")

    def supporting(self, name: str) -> str:
        """The role of a name that adds to a use without making one, or an empty string."""
        word = canonical(name)
        known = self._supports.get(word)
        if known is None:
            found = (role for names, role in self._supporting if names.fullmatch(word))
            known = self._supports[word] = next(found, "")
        return known

    def host(self, value: str, name: str = "", said: str = "") -> Host | None:
        """The host in a value that is a URL or a bare host name; None if it is neither.

        `name` is that of the variable which holds it, `said` the provider that the variable speaks of.
        Nor of one that programs read differently: a provider's host in front of an `@`, a backslash.
        """
        text = narrow(unquote(value) if "%" in value else value).strip().replace("\\/", "/")
        found = _URL_HOST.match(_SLASHES.sub(_slashes, text))
        if not found or ("." not in found["host"] and not found["scheme"]):
            return None
        user = (found["user"] or "").lower()
        if "\\" in user or any(p.fullmatch(user.partition(":")[0]) for p, _ in self._hosts):
            return None
        host, path = found["host"].lower(), found["path"] or ""
        provider = ""
        for pattern, spec in self._hosts:
            if pattern.fullmatch(host) and spec.fits(path, name, said):
                provider = spec.provider
                break
        return Host(host, provider, path, (found["scheme"] or "").lower(), found["port"] or "")

    def kind_of(self, provider: str) -> str:
        """What a provider is: `api`, `other_product`, `never`, `third_party`, or an unknown one's own id."""
        return self._kinds.get(provider, provider)

    def operator_of(self, host: str) -> str:
        """The third party that operates a known gateway, by the name that agreements give it."""
        for pattern, spec in self._hosts:
            if pattern.fullmatch(host):
                return spec.operator
        return ""

    def is_gateway_name(self, host: str) -> bool:
        """Whether a host of one's own is named like a gateway that forwards to a provider."""
        return bool(self._gateway.search(host))

    def is_declared_gateway(self, host: str) -> bool:
        """Whether the organization itself says that a host is a gateway."""
        found = self.host(f"https://{host}")
        return found is not None and found.provider == GATEWAY

    def is_inside(self, host: str) -> bool:
        """Whether a host lies within one's own network, by its name alone."""
        return bool(self._inside.fullmatch(host))

    def is_other_vendor(self, host: str) -> bool:
        """Whether another vendor than a provider of these signatures serves its own models at a host."""
        return self.vendor_of(host) != ""

    def vendor_of(self, host: str) -> str:
        """The other vendor that serves its own models at a host; empty if it is none's."""
        return next((v for pattern, v in self._vendors if pattern.fullmatch(host)), "")

    def holds_of_another(self, name: str) -> bool:
        """Whether a setting of this name holds a credential for another service than a provider."""
        return self._other_holder.fullmatch(canonical(name)) is not None

    def is_model_server(self, host: str) -> bool:
        """Whether a host is named like a model server of one's own, and not like a gateway."""
        first = host.partition(".")[0]
        return bool(self._model_server.fullmatch(first)) and not self.is_gateway_name(host)

    def is_model_server_image(self, image: str) -> bool:
        """Whether an image is a model server, which answers itself."""
        return bool(self._model_image.fullmatch(image))

    def is_accelerator(self, name: str) -> bool:
        """Whether a container that asks for this runs models itself."""
        return self._accelerator.fullmatch(name) is not None

    def part_of_program(self, name: str) -> str:
        """The part of a program that a canonical name ends with and that may have a model of its own; or empty."""
        found = self._part_of_program.search(name)
        return found[1] if found else ""

    def addresses_a_model(self, name: str) -> bool:
        """Whether a variable of this name holds the address of a model or of a provider, by its words."""
        match = self.variable(name, "x")
        named = match is not None and match.role == "base_url"
        return named or self.supporting(name) == "base_url"

    def masked(self, text: str) -> str:
        """A text with everything masked that has the shape of a key, or is a secret in a URL."""
        clean = self.key_shape.sub(MASK, text)
        if "://" in clean:
            clean = _LOGIN.sub(MASK, _QUERY.sub(rf"\1{MASK}", clean))
        return clean

    def key_state(self, value: str) -> str:
        """What a key's value is: `none`, `placeholder` (a reference or an example) or `literal`."""
        text = value.strip().strip("\"'")
        if self._no_key.fullmatch(text):
            return "none"
        return "placeholder" if self._placeholder.fullmatch(text) else "literal"

    def is_key_value(self, value: str, *, named: bool) -> bool:
        """Whether a value is a literal key: by its shape; `named`: it stands below a key's name."""
        text = value.strip().strip("\"'")
        if self.key_state(text) != "literal":
            return False
        return bool((self._key_value if named else self._sure_key).fullmatch(text))

    def is_admin_key_value(self, value: str) -> bool:
        """Whether a literal key is one that administers an organization."""
        return bool(self._admin_key.fullmatch(value.strip().strip("\"'")))

    def is_mcp_server(self, image: str = "", variable: str = "") -> bool:
        """Whether an image, or a variable's name, is that of a server of tools for models."""
        if image:
            return bool(self._mcp_image.fullmatch(image))
        return bool(self._mcp_variable.fullmatch(canonical(variable)))

    def administers(self, type_: str) -> bool:
        """Whether resources of this type may be what administers an organization: a job that deploys."""
        return bool(self._administers.fullmatch(type_))

    def truth(self, value: object) -> bool | None:
        """A flag's value as a truth value; None if it is neither."""
        text = str(value).strip().lower()
        if self._truthy.fullmatch(text):
            return True
        return False if self._falsy.fullmatch(text) else None

    def marker(self, name: str, value: str) -> Marker | None:
        """What a label or tag says about PHI; None if nothing."""
        if self.own_word(name) == "data":
            words = _words_of(value) - {"personal_eu"}
            if words & {"ephi", *PHI_CLASSES}:
                return Marker(True, "declared")
            return Marker(False, "declared") if words else None
        return self._classes.marker(name, value)

    def is_other_class(self, name: str, value: str) -> bool:
        """Whether a label or tag classifies data as what is no PHI by its meaning, such as public."""
        return self._classes.is_other(name, value)

    def says_personal_eu(self, name: str, value: str) -> bool:
        """Whether one of our own words says that data is personal data of the EU."""
        return self.own_word(name) == "data" and "personal_eu" in _words_of(value)

    def is_phi_variable(self, name: str) -> bool:
        """Whether an environment variable of this name speaks about PHI."""
        return bool(self._phi_variable.fullmatch(canonical(name)))

    def is_phi_type(self, type_: str) -> bool:
        """Whether a resource of this type holds PHI by its nature."""
        return bool(self._phi_type.fullmatch(type_))

    def is_phi_module(self, source: str) -> bool:
        """Whether a module of this source creates stores of PHI."""
        return bool(self._phi_module.fullmatch(source))

    def is_phi_image(self, image: str) -> bool:
        """Whether a container image is software that keeps PHI."""
        return bool(self._phi_image.fullmatch(image.split("docker.io/")[-1]))

    def is_phi_chart(self, type_: str, path: str, value: str) -> bool:
        """Whether a setting of a release, at this path, names a chart of software that keeps PHI."""
        types, setting, names = self._phi_chart
        return bool(types.fullmatch(type_) and setting.fullmatch(path) and names.fullmatch(value))

    def suspected(self, name: str) -> str:
        """The word in a name that suggests PHI, or an empty string."""
        words = canonical(name)
        rest = self._not_suspected.sub("__", words).split("_")
        pairs = [f"{a}_{b}" for a, b in itertools.pairwise(rest) if a and b]
        return next((w for w in (*rest, *pairs) if w and self._suspected.fullmatch(w)), "")

    def is_suspected_setting(self, name: str, value: object) -> bool:
        """Whether an environment variable of this name suggests that health records are read there."""
        words = canonical(name)
        if not name.isupper() or not self._suspected_settings.fullmatch(words):
            return False
        said = canonical(value) if isinstance(value, str) else ""
        off = value is not None and self.truth(value) is False
        if off or self._no_suspicion.search(said.replace(".", "_")):
            return False
        return not (self._no_suspicion.search(words) or self._not_suspected.search(words))

    def stands_for(self, type_: str, config: object) -> str:
        """The type that a resource stands for: one of azapi names it in a setting."""
        for pattern, setting in self._stands_for:
            named = config.get(setting) if isinstance(config, dict) else None
            if isinstance(named, str) and pattern.fullmatch(type_):
                return named.partition("@")[0]
        return type_

    def sort(self, type_: str) -> str:
        """What a resource's type is: `workload`, `store`, `ignored`, or `` for an unknown type."""
        known = self._sorts.get(type_)
        if known is None:
            known = self._sorts[type_] = self._sort(type_)
        return known

    def _sort(self, type_: str) -> str:
        for name, pattern in (
            ("workload", self._workloads),
            ("store", self._stores),
            ("ignored", self._ignored),
        ):
            if pattern.fullmatch(type_):
                return name
        return ""

    def sends_nothing(self, type_: str) -> bool:
        """Whether nothing of this type sends anything, whoever reads it: a key, an account, a model in it."""
        return bool(self._sends_nothing.fullmatch(type_))

    def routes(self, type_: str) -> bool:
        """Whether an object of this type says where what is addressed to a host goes."""
        return bool(self._routes.fullmatch(type_))

    def answers_for(self, type_: str) -> bool:
        """Whether who calls a resource of this type calls what it refers to."""
        return bool(self._answers_for.fullmatch(type_))

    def is_call(self, path: str) -> bool:
        """Whether a workload's reference at this path to another means that it calls it."""
        steps = re.split(r"[.\[\]]+", path)
        return not any(self._not_call.fullmatch(canonical(s)) for s in steps if s)

    def makes_machines(self, type_: str) -> bool:
        """Whether resources of this type are machines, or groups of some, that may have a template."""
        return bool(self._machine_groups.fullmatch(type_))

    def is_machine_template(self, type_: str) -> bool:
        """Whether machines are made from resources of this type."""
        return bool(self._machine_templates.fullmatch(type_))

    def is_pod_account(self, type_: str) -> bool:
        """Whether resources of this type are accounts that pods run as."""
        return bool(self._pod_accounts.fullmatch(type_))

    def uploads(self, type_: str) -> bool:
        """Whether a resource of this type puts a text or a file where others read it from."""
        return bool(self._uploads.fullmatch(type_))

    def connects(self, type_: str) -> bool:
        """Whether a resource of this type hands the data that it refers to to the workloads that it does."""
        return bool(self._connects.fullmatch(type_))

    def hands(self, type_: str) -> tuple[re.Pattern[str], bool] | None:
        """Where a resource of this type names what gets what it hands on, and whether it holds that itself."""
        found = ((to, itself) for types, to, itself in self._hands if types.fullmatch(type_))
        return next(found, None)

    def gives(self, path: str) -> bool:
        """Whether what a resource refers to at this path may be what it hands on, or grants a way to."""
        return not self._not_given.fullmatch(path)

    def leads_on(self, type_: str) -> bool:
        """Whether who refers to a resource of this type reaches what that refers to."""
        return bool(self._leads_on.fullmatch(type_))

    def is_identity(self, type_: str) -> bool:
        """Whether a resource of this type is who a workload is."""
        return bool(self._identity.fullmatch(type_))

    def grants(self, type_: str) -> bool:
        """Whether a resource of this type grants those that it refers to a way to what else it does."""
        return bool(self._grants.fullmatch(type_))

    def is_on_the_way(self, type_: str) -> bool:
        """Whether a resource of this type may lead from a workload to data without being either."""
        leads = self.hands(type_) is not None or self.leads_on(type_)
        return leads or self.is_identity(type_) or self.grants(type_)

    def phi_word(self, text: str) -> bool:
        """Whether a text holds a word that could speak of PHI."""
        return self._phi_words.within(text)

    def is_phi_statement(self, name: str, value: str) -> bool:
        """Whether a setting of a policy names a service or a role of stores of PHI."""
        names, values = self._statement
        return bool(names.fullmatch(canonical(name)) and values.fullmatch(value))

    def is_shared(self, path: str) -> bool:
        """Whether a reference to a store at this path is to data, and not to the program's own code."""
        steps = [s for s in re.split(r"[.\[\]]+", path) if s]
        return self.is_call(path) and not any(
            self._not_shared.fullmatch(canonical(s)) for s in steps
        )

    def holds_settings(self, type_: str, name: str) -> bool:
        """Whether an attribute or block of a resource of this type holds settings of a program."""
        word = canonical(name)
        if not self._settings_maps.fullmatch(word):
            return False
        return type_ != "module_call" or not self._not_of_modules.fullmatch(word)

    def holds_text(self, name: str) -> bool:
        """Whether an attribute of this name is a text that may hold settings of a program."""
        return bool(self._settings_texts.fullmatch(canonical(name)))

    def may_hide(self, text: str) -> bool:
        """Whether a block's text fills settings of a program with more than what stands there."""
        return bool(self._may_hide.search(text))

    def egress(self, type_: str) -> tuple[EgressSignature, ...]:
        """Where network rules of this type name hosts; none if it is no such type."""
        known = self._egress_of.get(type_)
        if known is None:
            found = (egress for pattern, egress in self._egress if pattern.fullmatch(type_))
            known = self._egress_of[type_] = tuple(found)
        return known

    def egress_hosts(self, line: str) -> list[str]:
        """The hosts that a line of a proxy's configuration allows."""
        for pattern in self._egress_texts:
            found = pattern.search(line)
            if found:
                return found["hosts"].split()
        return []

    def egress_lists(self, lines: Iterable[tuple[int, str]]) -> list[tuple[int, list[str]]]:
        """The hosts that a proxy's configuration allows, each list with the number of its line."""
        named: list[tuple[int, str, list[str]]] = []
        allowed: set[str] = set()
        for number, line in lines:
            rule = self._egress_allow.search(line)
            allowed.update(rule["lists"].split() if rule else ())
            for pattern in self._egress_texts:
                found = pattern.search(line)
                if found:
                    named.append((number, found["list"], found["hosts"].split()))
        return [(number, hosts) for number, name, hosts in named if name in allowed]

    def carries_data(self, type_: str) -> bool:
        """Whether data travels over a reference to a resource of this type."""
        return bool(self._data_stores.fullmatch(type_)) or self.is_phi_type(type_)


def _words_of(value: str) -> set[str]:
    """The classes of data in a value, which may be a list, each in its canonical form."""
    at = r"[,;+\s]+" if "personal_eu" in canonical(value) else r"[,;+]+"
    return {word for word in map(canonical, re.split(at, value)) if word}


def dotted(path: Iterable[str | int]) -> str:
    """A path without list indices, as egress signatures name it."""
    return ".".join(s for s in path if isinstance(s, str))


_ANY = re.compile(r".*", re.DOTALL)


def _egress(spec: dict[str, Any]) -> EgressSignature:
    deny = spec.get("deny")
    return EgressSignature(
        spec["block"],
        late(spec["hosts"]),
        late(spec["paths"]) if spec.get("paths") else None,
        (late(deny["setting"]), _whole(deny["value"])) if deny else None,
        late(spec["lines"]) if spec.get("lines") else None,
        spec.get("restricts", True),
        spec.get("within", ""),
        spec.get("entry", ""),
        tuple(spec.get("seen_by", ())),
        late(spec["method"]) if spec.get("method") else None,
    )


def _exact(pattern: str) -> re.Pattern[str]:
    return late(pattern, re.DOTALL)


def _whole(pattern: str) -> re.Pattern[str]:
    return late(pattern, re.IGNORECASE | re.DOTALL)


GATEWAY = "gateway"
"""What stands for a provider where only a gateway is known."""


@lru_cache(maxsize=4)
def signatures(extra: Extra = NO_EXTRA) -> Signatures:
    """The shipped signatures and an organization's own. Raises what `load_yaml` raises.

    One's own come after the shipped: they make nothing of ours mean another thing.
    """
    folder = schema_root() / "signatures"
    receivers = load_yaml(folder / "receivers.yaml")
    openai, phi, types, egress = (
        load_yaml(folder / f"{n}.yaml") for n in ("openai", "phi", "resources", "egress")
    )
    for name, provider, role in extra.variables:
        spec = {"name": _fitting(name, canonical), "provider": provider, "role": role}
        openai["variables"].append(spec)
        openai["prefilter"].append(_longest(name))
    for host, provider in extra.hosts:
        openai["hosts"].append({"provider": provider, "pattern": _fitting(host, str.lower)})
        openai["prefilter"].append(_longest(host))
    for word in extra.gateway_names:
        openai["gateway_names"] += rf"|(^|[.-]){re.escape(word)}([.:-]|$)"
        openai["prefilter"].append(word.lower())
    for key, value in extra.markers:
        marker = {"key": _fitting(key, canonical), "value": _fitting(value, canonical)}
        phi["markers"].append({**marker, "confidence": "declared"})
        phi["prefilter"].append(_longest(key))
    transport, storage = (load_yaml(folder / f"{n}.yaml") for n in ("transport", "storage"))
    destinations = load_yaml(folder / "destinations.yaml")
    more = [w for d in (receivers, transport, storage, destinations) for w in d["prefilter"]]
    return Signatures(openai, phi, types, egress, more, load_yaml(folder / "vendors.yaml"))


def _fitting(text: str, form: Callable[[str], str]) -> str:
    """A pattern that fits a name in its form; * stands for anything."""
    return ".*".join(re.escape(form(part)) for part in text.split("*"))


def _longest(text: str) -> str:
    """The longest run of letters and digits of a name: it is in each text that holds the name."""
    return max(re.split(r"[^a-z0-9]+", text.lower()), key=len)
