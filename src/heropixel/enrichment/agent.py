"""Browser, operating system and kind of device, from the user agent. Pure."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from ua_parser import OS, RegexResolver, Resolver, load_lazy_builtins
from ua_parser.core import Domain

from heropixel.enrichment.device import device_rules


class SeenWith(NamedTuple):
    """Browser, operating system and device of a pageview; empty where they are unknown."""

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""


@lru_cache(maxsize=10_000)
def seen_with(user_agent: str) -> SeenWith:
    """Browser, operating system and device of a user agent."""
    found = _rules()(user_agent, Domain.USER_AGENT | Domain.OS | Domain.DEVICE)
    browser, os = found.user_agent, found.os
    return SeenWith(
        _BROWSERS.get(browser.family, browser.family) if browser else "",
        _version(browser.major, browser.minor) if browser else "",
        *(_os(os, user_agent) if os else ("", "")),
        found.device.family if found.device else "",
    )


@cache
def _rules() -> Resolver:
    """The package's rules of devices are not loaded: they name makers and models, and take the most memory."""
    assert RegexResolver, "the extra `regex` of ua-parser is among the dependencies"  # noqa: S101 - narrows the type
    browsers, systems, _ = load_lazy_builtins()
    return RegexResolver((browsers, systems, list(device_rules())))


def _version(major: str | None, minor: str | None) -> str:
    """`17.4`, or `140` where the rest is zero: browsers froze it."""
    if not major:
        return ""
    return major if minor in (None, "", "0") else f"{major}.{minor}"


def _os(os: OS, user_agent: str) -> tuple[str, str]:
    name = _OS.get(os.family, os.family)
    if name == "iOS" and (true := _TRUE_IOS.search(user_agent)):
        return name, _version(true[1] or true[3], true[2] or true[4])
    frozen = _FROZEN.get(name)
    return name, "" if frozen and frozen.search(user_agent) else _version(os.major, os.minor)


# Browsers of today send the same version for every later one too. So it says nothing.
_FROZEN = {
    "Windows": re.compile("Windows NT 10"),  # also on Windows 11
    "macOS": re.compile(r"Intel Mac OS X 10[._]15"),
    "iOS": re.compile(r" OS 18_7(?!.*Version/18)"),  # also on iOS 26
    "Android": re.compile(r"Android 10; (?:K[;)]|(?:Mobile|Tablet); rv:)"),
    "ChromeOS": re.compile("CrOS"),  # the number of a build
}
# Meta's apps name the version. That of Safari is the same since 26.
_TRUE_IOS = re.compile(r"(?:FBSV/|; iOS )(\d+)[._](\d+)|Version/(2[6-9]|[3-9]\d)\.(\d+)")


@lru_cache(maxsize=1_000)
def usual_names(browser: str, os: str, os_version: str) -> tuple[str, str, str]:
    """Our names of browser and operating system, for other tools' names."""
    browser = _BROWSERS.get(browser) or _GIVEN_BROWSERS.get(browser.lower(), browser)
    if not os_version and (windows := _WINDOWS.fullmatch(os)):
        os, os_version = "Windows", windows[1]
    name = _OS.get(os, os)
    return browser, name, "" if _GIVEN_FROZEN.fullmatch(f"{name} {os_version}") else os_version


_WINDOWS = re.compile(r"Windows (XP|Vista|[\d.]+)")
_GIVEN_FROZEN = re.compile(r"(?:Windows|Android) 10(?:\.0)?|macOS 10\.15(?:\.\d+)?")  # from agents with frozen versions

# One browser may have several names in the rules or in other tools.
_BROWSERS = {
    **dict.fromkeys(("Chrome Mobile", "Chrome Mobile iOS", "Chrome Mobile WebView", "Chrome WebView"), "Chrome"),
    **dict.fromkeys(("Mobile Safari", "Mobile Safari UI/WKWebView", "Safari Mobile"), "Safari"),
    **dict.fromkeys(("Firefox Mobile", "Firefox iOS", "Firefox Focus", "Firefox Mobile iOS"), "Firefox"),
    **dict.fromkeys(("Edge Mobile", "Microsoft Edge", "Edge Mobile Webview"), "Edge"),
    **dict.fromkeys(("Opera Mobile", "Opera Mobile iOS", "Opera Touch", "Opera Mini", "Opera GX"), "Opera"),
    **dict.fromkeys(("IE", "IE Mobile"), "Internet Explorer"),
    **dict.fromkeys(("Samsung Browser", "Samsung Internet Browser"), "Samsung Internet"),
    "Yandex Browser Mobile": "Yandex Browser",
    "DuckDuckGo Mobile": "DuckDuckGo",
}
_GIVEN_BROWSERS = {
    **dict.fromkeys(("chrome", "crios", "chromium-webview"), "Chrome"),
    **dict.fromkeys(("safari", "ios", "ios-webview"), "Safari"),
    **dict.fromkeys(("firefox", "fxios"), "Firefox"),
    **dict.fromkeys(("edge", "edge-chromium", "edge-ios"), "Edge"),
    **dict.fromkeys(("opera", "opera-mini"), "Opera"),
    **dict.fromkeys(("samsung", "samsung-internet"), "Samsung Internet"),
    "ie": "Internet Explorer",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "yandexbrowser": "Yandex Browser",
}
_OS = {
    **dict.fromkeys(("Mac OS X", "Mac OS", "Mac", "OS X", "macos"), "macOS"),
    **dict.fromkeys(("Chrome OS", "CrOS"), "ChromeOS"),
    **dict.fromkeys(
        ("GNU/Linux", "Ubuntu", "Debian", "Fedora", "Arch Linux", "Linux Mint", "Red Hat", "CentOS"), "Linux"
    ),
    "Android OS": "Android",
    "Web0S": "webOS",
}
