"""Settings become evidence: each observed fact about OpenAI use and PHI, with place and confidence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.signatures import Match, Signatures, canonical, dotted
from openai_phi.words.observed import Confidence, Evidence, HostRole, Kind
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, Unknown

_LISTS = re.compile(r"[,;+\s]+")
_LIVE_FLAG = "external_web_access"
_PROSE = frozenset(
    {
        "description",
        "comment",
        "comments",
        "note",
        "notes",
        "title",
        "summary",
        "displayname",
        "display_name",
        "message",
        "annotations_",
        "readme",
        "help",
        "homepage",
        "docs",
        "icon",
    }
)
_EMPTY = " \t\r\n[]{}\"'"
"""What may stand around nothing: an empty list or text of another language."""
_RELAYED = re.compile(
    r"^(?:--?[a-z][a-z-]*=)?(?!https?:)[a-z][a-z0-9-]*:"
    r"(?=https?://|[a-z0-9-]+\.[a-z0-9.-]+(?::\d+)?$)",
    re.IGNORECASE,
)
"""How the arguments of socat, mitmproxy and the like introduce the address that they pass on to."""
_LISTENING = re.compile(r"/?@[^@/]*$")
"""How mitmproxy ends such an argument with the address that it listens at."""
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_SAYS_USE = frozenset(
    {"type", "deployment", "api_version", "setting", "model", "project", "organization"}
)
_SECRET_TYPE = re.compile(r"secret|parameter|vault|sealed", re.IGNORECASE)
_TAKEN_BY_NAME = frozenset({"key", "admin_key", "key_reference", "base_url"})
_NAMED = {
    "project": Kind.PROJECT,
    "organization": Kind.ORGANIZATION,
    "model": Kind.MODEL,
    "deployment": Kind.DEPLOYMENT,
    "api_version": Kind.API_VERSION,
}
_PLAIN_BASE = Match("base_url", "")
_WEAK = Confidence.SUSPECTED
_SURE = Confidence.STRUCTURAL
_ADMIN = "an admin key"
"""What people are told of a key that administers an organization."""
_NAMES_IT = ("app", "k8s-app", "app.kubernetes.io/name", "app.kubernetes.io/part-of")
"""Labels that name what a program is."""
_ON_THE_WAY = {"proxy": Kind.PROXY, "no_proxy": Kind.NO_PROXY, "own_ca": Kind.OWN_CA}
_CLAIMS = {"zdr": Kind.ZDR_CLAIM, "baa": Kind.BAA_CLAIM}


class Observer:
    """Turns the settings of resources into evidence with one set of signatures and one catalogue."""

    def __init__(self, signatures: Signatures, catalogue: Catalogue) -> None:
        self._names = signatures
        self._catalogue = catalogue

    def observe(self, resource: Resource, settings: Iterable[Setting]) -> tuple[Evidence, ...]:
        """All OpenAI evidence among these settings, in their order; the tools of requests follow."""
        found: list[Evidence] = list(self._call(resource))
        rules = self._names.egress(resource.type)
        given = list(settings)
        for setting in given:
            if not any(r.names_hosts(resource.within(setting.path)) for r in rules):
                found.extend(self._about_openai(resource, setting))
        found.extend(self._tools_of_requests(resource, given))
        return self._safe(found)

    def _tools_of_requests(
        self, resource: Resource, settings: Sequence[Setting]
    ) -> Iterator[Evidence]:
        """The hosted tools that a request's list of tools asks for: they add to a use, and never make one."""
        inside = [s for s in settings if len(s.path) > 2 and _is_tools(s.path[-3])]
        offline = {
            s.path[:-1]
            for s in inside
            if s.name == _LIVE_FLAG and self._names.truth(s.value) is False
        }
        for setting in (s for s in inside if s.name == "type" and isinstance(s.value, str)):
            name = self._tool(str(setting.value), live=setting.path[:-1] not in offline)
            if name:
                yield self._make(resource, setting, Kind.FEATURE, name, "")

    def _tool(self, type_: str, *, live: bool = True) -> str:
        """The feature that a hosted tool of this type is; its web search is live unless it is told otherwise."""
        edition = self._catalogue.newest("openai")
        feature = edition.feature(type_) if edition else None
        if feature is None:
            return ""
        return feature.id if live or type_ != "web_search" else "offline_web_search"

    def _safe(self, found: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Evidence without what has the shape of a key, wherever somebody wrote one."""
        return tuple(
            e.masked(self._names.masked) if self._names.key_shape.search(e.words) else e
            for e in found
        )

    def _call(self, resource: Resource) -> Iterator[Evidence]:
        """A resource whose creation is itself a call to an endpoint."""
        endpoint = self._names.calls(resource.type)
        if endpoint:
            place, host = resource.place("type"), self._names.default_hosts["openai"] or ""
            said = (place, Confidence.STRUCTURAL, "type", "openai")
            yield Evidence(Kind.SETTING, resource.type, *said)
            yield Evidence(Kind.ENDPOINT, endpoint, *said, note=host, host=host)
            for setting in resource.settings:
                feature = self._names.call_features.get(str(setting.path[-1]))
                if feature and len(setting.path) == 1 and self._names.truth(setting.value):
                    yield self._make(resource, setting, Kind.FEATURE, feature, "openai")

    def _about_openai(self, resource: Resource, setting: Setting) -> Iterator[Evidence]:
        text = _text(setting.value)
        if setting.role == "text" and self._names.egress_hosts(f"{setting.name} {text}"):
            return
        match = self._match(resource, setting, text)
        if match:
            yield from self._from_match(resource, setting, match, text)
        elif setting.role != "marker":
            yield from self._on_the_way(resource, setting, text)
        if (not text and not setting.secret) or setting.name.lower() in _PROSE:
            if match is None and isinstance(setting.value, Unknown):
                yield from self._model_key(resource, setting, "")
            return
        if match and match.role in ("base_url", "allowlist", "feature_list", "zdr", "baa", "data"):
            return
        yield from self._from_value(resource, setting, text, match)

    def _match(self, resource: Resource, setting: Setting, text: str) -> Match | None:
        if setting.role == "marker" and not self._names.own_word(setting.name):
            return None
        direct = self._names.variable(setting.name, text)
        if direct is None and setting.secret:
            _, _, entry = setting.secret.name.partition("#")
            inner = self._names.variable(entry, "") if entry else None
            direct = inner if inner and inner.role in ("key", "admin_key") else None
            direct = direct or self._named_secret(setting) or self._secret_of_provider(setting)
        direct = direct or self._named_elsewhere(setting)
        if direct or setting.role == "env":
            return direct
        parents = [s for s in setting.path if isinstance(s, str)]
        if resource.type.startswith("provider_"):
            parents = [resource.name.partition(".")[0], *parents]
        if len(parents) < 2:
            return None
        found = self._names.variable(f"{parents[-2]}_{parents[-1]}", text)
        if found and found.role == "on_switch":
            return replace(found, role="off_switch")  # it stands in what it switches
        return found

    def _named_secret(self, setting: Setting) -> Match | None:
        """What a variable of no provider means, if it is filled from a secret that is named for one."""
        return self._names.key_in(setting.name, setting.secret.name) if setting.secret else None

    def _named_elsewhere(self, setting: Setting) -> Match | None:
        """What a value that is not known means, by its name where it comes from."""
        of = setting.value.of if isinstance(setting.value, Unknown) else ""
        found = self._names.variable(of, "") if of else None
        return found if found and found.role in _TAKEN_BY_NAME else None

    def _secret_of_provider(self, setting: Setting) -> Match | None:
        """A variable with a provider in its name that is filled from a secret holds a key, however it is spelled."""
        words = f"_{canonical(setting.name)}_"
        if setting.role != "env" or "_openai_" not in words:
            return None
        return Match("key", "azure-openai" if "_azure_openai_" in words else "openai")

    def _from_match(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        role = match.role
        if role in ("key", "admin_key"):
            yield from self._key(resource, setting, match, text)
            if match.endpoint and (setting.secret or self._names.key_state(text) != "none"):
                yield self._make(resource, setting, Kind.ENDPOINT, match.endpoint, match.provider)
        elif role == "key_reference":
            yield self._supplied(resource, setting, match.provider, "names a secret")
        elif role == "base_url":
            yield from self._base_urls(resource, setting, match, text)
        elif role in _CLAIMS:
            truth = self._names.truth(setting.value)
            value = (
                "unknown"
                if truth is None or isinstance(setting.value, Unknown)
                else str(truth).lower()
            )
            yield self._make(resource, setting, _CLAIMS[role], value, match.provider)
        elif role in ("off_switch", "on_switch"):
            yield from self._switch(resource, setting, match, text)
        elif role in ("allowlist", "feature_list"):
            yield from self._list(resource, setting, match, text)
        elif role == "feature":
            if self._names.truth(setting.value):
                yield self._make(resource, setting, Kind.FEATURE, match.feature, match.provider)
        elif role == "expiry":
            if setting.role != "env":  # what a program is told is not what it does
                days = _as_days(canonical(setting.name), text)
                yield self._make(resource, setting, Kind.EXPIRY, days, match.provider)
        elif role == "tools":
            yield from self._tools(resource, setting, match, text)
        else:
            yield from self._plain(resource, setting, match, text)

    def _switch(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        """A switch of the use as a whole; one whose name says of what part it is may only switch on."""
        truth = self._names.truth(setting.value)
        if text and truth:
            yield self._make(resource, setting, Kind.SETTING, text.lower(), match.provider)
        elif text and truth is False and match.role == "off_switch":
            yield self._make(resource, setting, Kind.SWITCHED_OFF, text.lower(), match.provider)

    def _plain(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        kinds = _NAMED
        kind = kinds.get(match.role)
        if kind and text and self._names.key_state(text) == "literal":
            yield self._make(resource, setting, kind, text, match.provider)
        elif match.role in _SAYS_USE and (not text or self._names.key_state(text) != "none"):
            shown = text if match.role == "type" else ""
            yield self._make(resource, setting, Kind.SETTING, shown, match.provider)
            if match.endpoint:
                yield self._make(resource, setting, Kind.ENDPOINT, match.endpoint, match.provider)

    def _key(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        admin = match.role == "admin_key" or self._names.is_admin_key_value(text)
        if isinstance(setting.value, Unknown) or setting.secret:
            source = f"from {setting.secret}" if setting.secret else setting.value.reason
            yield self._supplied(resource, setting, match.provider, source, admin=admin)
            return
        if setting.value is None or isinstance(setting.value, bool):
            return
        state = self._names.key_state(text)
        if state == "none":
            yield self._make(resource, setting, Kind.KEY, "none", match.provider)
        else:
            shaped = self._names.is_key_value(text, named=True)
            value = "literal" if shaped else "set" if state == "literal" else "reference"
            note = _ADMIN if admin else ""
            made = self._make(resource, setting, Kind.KEY, value, match.provider, note=note)
            yield replace(made, admin=admin)

    def _supplied(
        self,
        resource: Resource,
        setting: Setting,
        provider: str,
        source: str,
        confidence: Confidence = Confidence.DECLARED,
        *,
        admin: bool = False,
    ) -> Evidence:
        """A key that comes from somewhere; `source` says where, in words."""
        note = f"{_ADMIN}, {source}" if admin else source
        made = self._make(resource, setting, Kind.KEY, "reference", provider, confidence, note)
        return replace(made, admin=admin, supplied=True)

    def _base_urls(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        if isinstance(setting.value, Unknown):
            yield self._no_host(resource, setting, match, setting.value.reason)
            return
        if not text.strip(_EMPTY) or setting.value is None or isinstance(setting.value, bool):
            return
        if _TEMPLATE.search(text):
            yield self._no_host(resource, setting, match, "is filled in elsewhere")
            return
        variable = self._names.filling_variable(text)
        if variable:
            why = f"is filled in by {variable}"
            yield replace(self._no_host(resource, setting, match, why), filled_by=variable)
            return
        for part in (p for p in re.split(r"[;,\s]+", text) if p):
            host = self._names.host(part, setting.name, match.provider)
            if host is None or "$" in part.split("//")[-1].split("/")[0]:
                if not re.fullmatch(r"[A-Za-z0-9-]+", part):
                    yield self._no_host(resource, setting, match, "cannot be read as a URL")
                elif match.provider == "azure-openai":
                    yield self._make(resource, setting, Kind.SETTING, part, match.provider)
                else:
                    yield self._no_host(resource, setting, match, "is no URL", HostRole.NO_URL)
                continue
            yield from self._host(resource, setting, host.host, host.provider, host.path, base=True)

    def _no_host(
        self,
        resource: Resource,
        setting: Setting,
        match: Match,
        why: str,
        role: HostRole = HostRole.UNREAD_BASE,
    ) -> Evidence:
        """A base URL that tells no host, and why."""
        return replace(
            self._make(resource, setting, Kind.HOST, "", match.provider, note=why), role=role
        )

    def _host(
        self,
        resource: Resource,
        setting: Setting,
        host: str,
        provider: str,
        path: str,
        *,
        base: bool = False,
    ) -> Iterator[Evidence]:
        note = "base URL" if base else ""
        seen = self._make(resource, setting, Kind.HOST, host, provider, _SURE, note)
        yield replace(seen, role=HostRole.BASE) if base else seen
        speaks = provider in self._names.openai_paths and path
        endpoint = self._catalogue.normalise(f"https://{host}{path}") if speaks else None
        if endpoint:
            said = self._make(resource, setting, Kind.ENDPOINT, endpoint, provider, _SURE, host)
            yield replace(said, host=host)

    def _list(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        kind = Kind.ALLOWLIST if match.role == "allowlist" else Kind.FEATURE_LIST
        if isinstance(setting.value, Unknown):
            yield self._make(resource, setting, kind, "", match.provider, note=setting.value.reason)
            return
        for part in (p for p in _LISTS.split(text.strip("[]{}()\"' ")) if p.strip("\"'")):
            word = part.strip("\"'")
            value = self._catalogue.normalise(word) or word if kind is Kind.ALLOWLIST else word
            yield self._make(resource, setting, kind, value, match.provider)
        if kind is Kind.FEATURE_LIST and not text.strip():
            yield self._make(resource, setting, kind, "none", match.provider)

    def _tools(
        self, resource: Resource, setting: Setting, match: Match, text: str
    ) -> Iterator[Evidence]:
        edition = self._catalogue.newest(match.provider)
        tools = _written_tools(text)
        for tool in tools:
            live = self._names.truth(tool.get(_LIVE_FLAG, True)) is not False
            name = self._tool(str(tool.get("type")), live=live)
            if name:
                yield self._make(resource, setting, Kind.FEATURE, name, match.provider)
        for part in () if tools else _LISTS.split(text.strip("[]{}\"' ")):
            feature = edition.feature(part.strip("\"'")) if part and edition else None
            if feature:
                yield self._make(resource, setting, Kind.FEATURE, feature.id, match.provider)

    def _on_the_way(self, resource: Resource, setting: Setting, text: str) -> Iterator[Evidence]:
        """A proxy that a program sends its requests through, and an authority of its own that it trusts."""
        kind = _ON_THE_WAY.get(self._names.supporting(setting.name))
        if kind is None or (not text and not isinstance(setting.value, Unknown)):
            return
        note = ""
        if kind is Kind.PROXY:
            host = self._names.host(text)
            text = host.host if host else ""
            note = "" if host else "its host cannot be read"
        yield self._make(resource, setting, kind, text, "", Confidence.STRUCTURAL, note)

    def _from_value(
        self, resource: Resource, setting: Setting, text: str, match: Match | None
    ) -> Iterator[Evidence]:
        if setting.role in ("marker", "document"):
            return
        if self._names.openai_word(text) and len(text) < 2048:
            for part in re.split(r"[;,\s\"']+", text) if len(text) < 512 else [text]:
                relayed = _RELAYED.sub("", part)
                if relayed != part:
                    relayed = _LISTENING.sub("", relayed)
                host = self._names.host(relayed, setting.name) if part else None
                if host and host.provider:
                    yield from self._host(resource, setting, host.host, host.provider, host.path)
            for provider, endpoint in self._names.phrases(text):
                yield self._make(resource, setting, Kind.SETTING, "", provider)
                yield self._make(resource, setting, Kind.ENDPOINT, endpoint, provider)
        if match is None:
            yield from self._unnamed(resource, setting, text)

    def _unnamed(self, resource: Resource, setting: Setting, text: str) -> Iterator[Evidence]:
        """What a value says under a name that says nothing of a provider."""
        short = len(text) < 512
        key = self._names.referred_key(text) if short else None
        filled = self._names.key_filled_in(setting.name, text) if short else None
        if self._names.is_key_value(text, named=False):
            yield self._make(resource, setting, Kind.KEY, "literal", "openai")
        elif key:
            said = "names the variable of a key"
            yield self._supplied(resource, setting, key.provider, said)
        elif filled:
            yield self._supplied(resource, setting, filled.provider, "names a secret")
        supporting = self._supporting(setting)
        if self._is_base(setting, supporting, text):
            yield from self._base_urls(resource, setting, _PLAIN_BASE, text)
        elif supporting == "secret_name" and not key:
            match = self._names.named_key(text)
            if match:
                yield self._supplied(resource, setting, match.provider, "names a secret")
        elif supporting == "model_key" or self._names.platform_of_key(setting.name):
            yield from self._model_key(resource, setting, text)
        elif supporting == "service" and text.lower() in self._names.default_hosts:
            yield self._make(resource, setting, Kind.SETTING, text, text.lower(), _WEAK)
        elif supporting == "model":
            own = self._is_variable(resource, setting)
            platform = self._names.platform_of_model(text) if own else ""
            if platform:
                yield from self._host(resource, setting, platform, "third-party", "")
            provider = self._names.gateway_model(setting.path, text)
            if provider:
                yield self._make(resource, setting, Kind.SETTING, "", provider)
            sure = provider or self._names.provider_of_model(text)
            if sure and not provider and own and text.startswith("openai/"):
                yield self._make(resource, setting, Kind.SETTING, "", "openai")
            confidence = Confidence.DECLARED if sure else Confidence.SUSPECTED
            name = text.partition("/")[2] if provider and "/" in text else text
            yield self._make(resource, setting, Kind.MODEL, name[:80], "", confidence)

    def _is_variable(self, resource: Resource, setting: Setting) -> bool:
        """Whether a program has a setting as its variable: by its role, or by the map that it stands in."""
        if setting.role:
            return setting.role == "env"
        holders = (s for s in setting.path[:-1] if isinstance(s, str))
        return any(self._names.holds_settings(resource.type, s) for s in holders)

    def _model_key(self, resource: Resource, setting: Setting, text: str) -> Iterator[Evidence]:
        """A key that is named for a model, or for a platform of others: it says no provider by itself."""
        named = self._supporting(setting) == "model_key"
        if not named and not self._names.platform_of_key(setting.name):
            return
        own = self._is_variable(resource, setting) and not isinstance(setting.value, bool)
        known = not isinstance(setting.value, Unknown)
        if setting.secret:
            yield self._supplied(resource, setting, "", f"from {setting.secret}", _WEAK)
        elif own and not (known and self._names.key_state(text) == "none"):
            why = "is set" if known else setting.value.reason
            yield self._supplied(resource, setting, "", why, _WEAK)

    def _is_base(self, setting: Setting, role: str, text: str) -> bool:
        """Whether a name of no provider holds the address that its client calls: an application has others."""
        if role == "base_url" or (role == "beside" and not setting.name.isupper()):
            return True
        host = self._names.host(text) if role in ("beside", "any_base") else None
        return host is not None and (bool(host.provider) or self._names.is_gateway_name(host.host))

    def _supporting(self, setting: Setting) -> str:
        """The role of a name that adds to a use; a plain `name` or `id` is that of what it stands in."""
        parent = setting.path[-2] if len(setting.path) > 1 else ""
        far = setting.name == "key" and parent in ("extract", "remoteRef")
        if parent and (far or setting.name.lower() in ("name", "id")):
            return self._names.supporting(f"{parent}_{setting.name}")
        return self._names.supporting(setting.name)

    def _make(
        self,
        resource: Resource,
        setting: Setting,
        kind: Kind,
        value: str,
        provider: str,
        confidence: Confidence = Confidence.DECLARED,
        note: str = "",
    ) -> Evidence:
        place = resource.place_of(setting.file, setting.line, show(setting.path), setting.written)
        return Evidence(kind, value, place, confidence, setting.name, provider, setting.group, note)

    def store(self, resource: Resource) -> tuple[Evidence, ...]:
        """Evidence that a key store or a provider's own resource declares use without a workload."""
        by_depth = sorted(resource.settings, key=lambda s: len(s.path), reverse=True)
        values = {s.name: _text(s.value) for s in by_depth}
        provider = self._names.provider_resource(resource.type, values)
        if provider:
            place = resource.place("kind")
            return (
                Evidence(
                    Kind.SETTING, resource.type, place, Confidence.STRUCTURAL, "type", provider
                ),
            )
        if not _SECRET_TYPE.search(resource.type):
            return ()
        called = (resource.name, resource.id.rpartition(".")[2], values.get("Name", ""))
        name = next((n for n in called if self._names.is_key_store_name(n)), "")
        if name:
            said = (s for s in resource.settings if name in (s.value, s.name))
            at = next(said, None)
            found = self._names.named_key(name)
            place = resource.place("name")
            if at is not None:
                place = resource.place_of(at.file, at.line, show(at.path), at.written)
            return (
                Evidence(
                    *(Kind.KEY, "reference", place, Confidence.STRUCTURAL, resource.name),
                    found.provider if found else "openai",
                ),
            )
        return ()

    def inbound(self, resource: Resource) -> tuple[Evidence, ...]:
        """Signs that a resource answers the tool calls of a model; who calls it, nothing here says."""
        found = [
            Evidence(
                Kind.MCP_SERVER,
                image,
                Place(resource.file, line or resource.line, "image"),
                Confidence.SUSPECTED,
                "image",
            )
            for image, line in resource.images
            if self._names.is_mcp_server(image=image)
        ]
        found += [
            self._make(resource, s, Kind.MCP_SERVER, _text(s.value), "", Confidence.SUSPECTED)
            for s in resource.settings
            if s.role == "env" and self._names.is_mcp_server(variable=s.name)
        ]
        return tuple(found)

    def agreements(self, resource: Resource) -> tuple[Evidence, ...]:
        """What a resource of the provider itself sets: retention controls, permissions, geography."""
        found: list[Evidence] = []
        for setting in resource.settings:
            role = self._names.agreement(resource.type, setting.name)
            if role:
                text = _text(setting.value) or "unknown"
                found.append(self._make(resource, setting, Kind(role), text, "openai"))
        return self._safe(found)

    # -- PHI ---------------------------------------------------------------------------------

    def phi(self, resource: Resource, settings: Iterable[Setting]) -> tuple[Evidence, ...]:
        """All evidence about PHI at the resource itself, what it inherits included."""
        found: list[Evidence] = []
        for setting in settings:
            found.extend(self._marker(resource, setting, inherited=False))
        for setting in resource.inherited:
            found.extend(self._marker(resource, setting, inherited=True))
        if self._names.is_phi_type(resource.type) or self._is_phi_module(resource, settings):
            found.append(self._fact(resource, resource.type, "type", Confidence.STRUCTURAL))
        for image, line in resource.images:
            if self._names.is_phi_image(image):
                fact = self._fact(resource, image, "image", Confidence.STRUCTURAL, line)
                found.append(fact)
        for setting in settings:
            if self._names.is_phi_chart(
                resource.type, dotted(resource.within(setting.path)), _text(setting.value)
            ) or self._is_statement(resource, setting):
                found.append(
                    self._make(resource, setting, Kind.PHI, _text(setting.value), "", _SURE)
                )
        found.extend(self._suspicions(resource))
        if self._names.sort(resource.type) == "workload":
            found.extend(self._suspected_settings(resource, settings))
        return self._safe(found)

    def _is_statement(self, resource: Resource, setting: Setting) -> bool:
        """Whether a statement of a policy that allows something names a service of stores of PHI."""
        if not self._names.is_phi_statement(setting.name, _text(setting.value)):
            return False
        return resource.allows(setting.path)

    def _is_phi_module(self, resource: Resource, settings: Iterable[Setting]) -> bool:
        return resource.type == "module_call" and any(
            s.path == ("source",) and self._names.is_phi_module(_text(s.value)) for s in settings
        )

    def _marker(
        self, resource: Resource, setting: Setting, *, inherited: bool
    ) -> Iterator[Evidence]:
        if isinstance(setting.value, (Unknown, dict, list)) or setting.value is None:
            return
        is_marker = setting.role == "marker" or inherited
        if not is_marker and not self._names.is_phi_variable(setting.name):
            return
        if self._names.says_personal_eu(setting.name, _text(setting.value)):
            place = Place(
                setting.file or resource.file, setting.line or resource.line, show(setting.path)
            )
            yield Evidence(
                Kind.PERSONAL_EU, "personal_eu", place, Confidence.DECLARED, setting.name
            )
        marker = self._names.marker(setting.name, _text(setting.value))
        other = not marker and self._names.is_other_class(setting.name, _text(setting.value))
        if marker or other:
            place = resource.place_of(
                setting.file, setting.line, show(setting.path), setting.written
            )
            kind = Kind.PHI if marker and marker.says_phi else Kind.NOT_PHI
            yield Evidence(
                Kind.OTHER_CLASS if other else kind,
                _text(setting.value),
                place,
                Confidence(marker.confidence) if marker else Confidence.DECLARED,
                setting.name,
                inherited=inherited,
                note="inherited" if inherited else "",
            )

    def _suspicions(self, resource: Resource) -> Iterator[Evidence]:
        named = [("name", resource.name), ("namespace", resource.namespace or "")]
        named += [
            ("image", image.split(":")[0].split("@")[0])
            for image, _ in resource.images
            if not self._names.is_phi_image(image)
        ]
        named += [
            (s.name, s.value)
            for s in resource.settings
            if s.role == "marker" and s.name in _NAMES_IT and isinstance(s.value, str)
        ]
        for what, name in named:
            word = self._names.suspected(name)
            if word:
                yield self._fact(resource, name, what, Confidence.SUSPECTED)

    def _suspected_settings(
        self, resource: Resource, settings: Iterable[Setting]
    ) -> Iterator[Evidence]:
        """Where a program reads health records, by the names of its variables; the value is not shown."""
        for setting in settings:
            if self._names.is_suspected_setting(setting.name, setting.value):
                line = setting.line or resource.line
                place = Place(setting.file or resource.file, line, show(setting.path))
                yield Evidence(Kind.PHI, setting.name, place, Confidence.SUSPECTED, "setting")

    def _fact(
        self, resource: Resource, value: str, name: str, confidence: Confidence, line: int = 0
    ) -> Evidence:
        place = Place(resource.file, line or resource.line, name)
        return Evidence(Kind.PHI, value, place, confidence, name)


def _as_days(name: str, text: str) -> str:
    """A time to live as whole days, a part of a day as one; empty if it is no number."""
    if not text.isdigit():
        return ""
    per_day = 86400 if name.endswith("seconds") else 1440 if name.endswith("minutes") else 1
    return str(-(-int(text) // per_day))


def _is_tools(step: object) -> bool:
    """Whether a step of a path is a request's list of tools."""
    return isinstance(step, str) and f"_{canonical(step)}".endswith("_tools")


def _written_tools(text: str) -> list[dict[str, object]]:
    """The tools of a list that is written as JSON; none if the text is no such list."""
    if not text.lstrip().startswith(("[", "{")):
        return []
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    items = data if isinstance(data, list) else [data]
    return [i for i in items if isinstance(i, dict) and "type" in i]


def _text(value: object) -> str:
    if value is None or isinstance(value, (Unknown, dict, list)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
