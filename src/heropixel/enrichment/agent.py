"""Browser, operating system and kind of device, from the user agent. Pure."""

import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from ua_parser import RegexResolver, Resolver, load_lazy_builtins
from ua_parser.core import Domain


class Device(StrEnum):
    """The kinds of devices. An unknown device has none."""

    DESKTOP = "DESKTOP"  # laptops too
    MOBILE = "MOBILE"
    TABLET = "TABLET"
    TV = "TV"
    CONSOLE = "CONSOLE"
    WEARABLE = "WEARABLE"


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
    found = _rules()(user_agent, Domain.USER_AGENT | Domain.OS)
    browser, os = found.user_agent, found.os
    os_name = _OS.get(os.family, os.family) if os else ""
    return SeenWith(
        _BROWSERS.get(browser.family, browser.family) if browser else "",
        _version(browser.major, browser.minor) if browser else "",
        os_name,
        # On ChromeOS, Chromium sends the build as the version. There is a new one every week.
        _version(os.major, os.minor) if os and os_name != "ChromeOS" else "",
        _device(user_agent),
    )


@cache
def _rules() -> Resolver:
    """Only the needed rules: those of devices name makers and models, and take the most memory."""
    assert RegexResolver, "the extra `regex` of ua-parser is among the dependencies"  # noqa: S101 - narrows the type
    browsers, systems, _ = load_lazy_builtins()
    return RegexResolver((browsers, systems, []))


def _version(major: str | None, minor: str | None) -> str:
    """`17.4`, or `140` where the rest is zero: browsers froze it."""
    if not major:
        return ""
    return major if minor in (None, "", "0") else f"{major}.{minor}"


def _device(user_agent: str) -> str:
    for device, pattern in _DEVICES:
        if pattern.search(user_agent):
            return device
    return ""


# The first that matches. iPads ask for desktop pages as a Mac. Then they cannot be distinguished.
_SIGNS = {
    Device.CONSOLE: ("playstation", "xbox", "nintendo", "steam deck", "valve steam"),
    Device.WEARABLE: ("apple ?watch", "watch ?os", "wear ?os", "galaxy watch", r"\bSM-R[89]\d\d", "huawei watch"),
    Device.TV: (
        *("smart-?tv", r"\btv\b", "apple ?tv", "google ?tv", "android ?tv", "hbbtv", "web0s", "netcast", "roku"),
        *(r"\bAFT[A-Z]", "bravia", "crkey", "viera", r"\bdtv", "tizen (?!.*mobile)"),
    ),
    Device.TABLET: (
        *("ipad", "tablet", "kindle", "playbook", r"\bKF[A-Z]{3,}", r"\bSM-[TPX]\d{3}", r"nexus (?:7|9|10)\b"),
        "android(?!.*(?:mobile|opera mini))",
    ),
    Device.MOBILE: (
        *("iphone", "ipod", "android", "mobile", r"mobi\b", "windows phone", "iemobile", "blackberry", r"\bBB10"),
        *("opera mini", "kaios", "symbian", "series60", "j2me", "midp"),
    ),
    Device.DESKTOP: ("windows", "macintosh", "mac os x", "x11", "linux", "cros ", "freebsd", "openbsd"),
}
_DEVICES = tuple((device, re.compile("|".join(signs), re.IGNORECASE)) for device, signs in _SIGNS.items())


def device_named(given: str) -> str:
    """The kind of device for another tool's name; empty where there is none."""
    if not given:
        return ""
    name = given.strip().lower()
    return _DEVICE_NAMES.get(name, "")


_DEVICE_NAMES: dict[str, Device] = {
    **{device.lower(): device for device in Device},
    **dict.fromkeys(("laptop", "computer", "pc"), Device.DESKTOP),
    **dict.fromkeys(("smartphone", "phone", "phablet", "feature phone", "portable media player"), Device.MOBILE),
    **dict.fromkeys(("smart tv", "television", "smart display"), Device.TV),
    **dict.fromkeys(("smartwatch", "watch"), Device.WEARABLE),
    "game console": Device.CONSOLE,
}


@lru_cache(maxsize=1_000)
def usual_names(browser: str, os: str, os_version: str) -> tuple[str, str, str]:
    """Our names of browser and operating system, for other tools' names."""
    browser = _BROWSERS.get(browser) or _GIVEN_BROWSERS.get(browser.lower(), browser)
    if not os_version and (windows := _WINDOWS.fullmatch(os)):
        return browser, "Windows", windows[1]
    return browser, _OS.get(os, os), os_version


_WINDOWS = re.compile(r"Windows (XP|Vista|[\d.]+)")

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
