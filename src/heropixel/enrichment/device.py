"""The kinds of devices, and the signs of each in a user agent. Pure.

A model's name often says the kind, where the rest of the agent does not: tablets that say `Mobile`, TV sets that look
like tablets. The signs are words, and the series of makers. They were found with one half of the agents in the tests of
Matomo's device-detector, and measured with the other half: see `benchmarks/agents.py`.
"""

from collections.abc import Iterator
from enum import StrEnum

from ua_parser.lazy import DeviceMatcher


class Device(StrEnum):
    """The kinds of devices. An unknown device has none."""

    DESKTOP = "DESKTOP"  # laptops too
    MOBILE = "MOBILE"
    TABLET = "TABLET"
    TV = "TV"
    CONSOLE = "CONSOLE"
    WEARABLE = "WEARABLE"


def device_rules() -> Iterator[DeviceMatcher]:
    """The rules of the kinds for ua-parser. The first that matches gives the kind, as the family of the device."""
    for device, signs in _SIGNS:
        for sign in signs:
            yield DeviceMatcher(sign, "i", device)


_CONSOLES = (
    r"play ?station|nintendo|steam ?deck|valve steam|dreamcast|sega saturn|ouya|atari vcs",
    r"xbox(?:[;)_]| one| series)",
    r"retroid|\bjxd[ _]s|\brg ?(?:[2-5]\d{2}|cube)|razer edge|archos gamepad|gpd (?:win|xd)|logitech g cloud",
    r"\bayaneo\b",
    r"; (?:shield portable|switch)\b",
)
_WEARABLES = (
    r"watch ?os|wear ?os|\bwatch\d,\d",
    r"(?:apple|galaxy|huawei|moto|oppo|oneplus|pixel|lg|g|mi|redmi|sony|tic|smart)[ -]?watch\b",
    r"; [^;]*watch[^;/]*(?:\)| build)|\bsm-[rl]\d{3}|moto ?360|\blem\d+\b",
    r"mobile vr|oculus|\bquest [23s]|standalone hmd|pico (?:neo|4|g\d)|\bhololens|\bgoogle ?glass|\bglass 1\b",
)
# Telephones with signs of other devices: a tuner, a name with "pad" or "box", a series that looks like a screen's size.
_UNUSUAL_TELEPHONES = (
    r"windows phone|iemobile|wpdesktop|xblwp|lumia|\bkaios\b",
    r"coolpad|padfone|phonepad|tech ?pad x|klipad|gpad_g|turbo ?x|freedomturbo|runbo",
    r"droidz [a-z]+ tv\b|(?:kazam|a350) tv\b|i-style|(?:\bmy[as]\d+ |[a-z]\d ?(?:lite)?|odyssey_)dtv",
    r"\b[hs]tv(?:100|31)|e141tv|\bhitv\d",
    r"; (?:f|sc|sh|so|l|ky|kc|im|st)-?\d{2,3}[a-z]{1,2}\d?(?: build|\)).*\bmobile\b",  # NTT docomo, au, SoftBank
    r"lenovo k\d\d[a-z]\d\d|; (?:lenovo )?l\d{5}|\bms\d\d[a-z]",
    r"; (?:andy|sky|elite|nitro)[ _]\d\d[a-z]{1,2}\b.*\bmobile\b",
    r"htc one m8s|tecno [a-o]|\bsm-[fw]\d{3,4}|huawei mt7|\d{1,3}gb\b.*\bmobile\b",
)
# The sizes of TV sets in inches. Their makers put them at the beginning of a model's name, or behind the series.
_INCHES = "(?:19|2[0-24]|2[89]|32|39|4[02389]|5[058]|6[05]|7[057]|8[0-6]|98|100)"
_TVS = (
    r"smart[-_ ]?tv|smart[-_ ]?box|hbbtv|hybridcast|netcast|web0s|\bwebos\.tv|googletv|crkey|\bce-html|inettv",
    r"nettv|\bsraf/",
    r"tv[-_ ]?(?:box|stick|set|pro|plus|\d)",
    r"(?:android|apple|google|fire|[adghiks]|mi|hg|pay|beyond|matrix|realtek|oled)[-_ ]?tv\b",
    r"tv_|\b_?tv\b|\bdtv|\bmitv|\batv|\btd?tv\d|\bswtv|ailetv|fibetv|tvos",
    r"\bvidaa\b|\bvizio|\broku|\bviera|\bbravia|\baquos-?tv|\bhisense-mt|\bomi/\d|andr0id|\baft[a-z0-9]+\b|kreatv",
    r"dunehd|ekioh",
    r"tizen [\d.]+\) [^(]*\(khtml, like gecko\)[^m]*tv|tizen [\d.]+; (?:tv|samsung.*tv)|tizen/[\d.]+.*tv",
    r"espial|antgalio|kylo|youview|\blge?[ ;/]+.*net ?tv|sonycebrowser|astro;|virginmedia|sky_tv|google fiber",
    r"bdplayer|bd[- ]?player",
    r"\bstb|stb_|\d+stb|stbapp|\bmag\d{3}|\bset[- ]?top|\bott\b|\bsdott|dvb|media ?(?:player|box|stick)",
    r"\b_?stick\b|streaming (?:box|stick)",
    r"chromecast|nexus player|\badt-\d|brightsign|\bsignage|smart ?display|nest hub|echo show|portal(?:go|\+| tv)",
    r"lenovo (?:cd-|smart)",
    r"[ _-]?\bbox\b|_box\b|[a-z]box[ _-]?[a-z0-9]*(?: build|\)|;)|\bmbox|\bboxd\d|redbox|hdmi|smart4k",
    r"\b_?libvlc.*next|_vlc/|tivimate",
    # Builds of Android TV, chips of set-top boxes.
    r"build/(?:rt|[p-s]t[tm][a-z0-9]?|qtg\d|pi)\b|\.d4[ )]|s905|rk3\d\d\d",
    r"\bx9[26][ _-]?(?:q|s|air|max|mini|mate|h)|xgody_x|\bx88|\ba95x|\ba5x|\b[ht]9[56](?:max|pro|[nzx_]|\b)|\bmxq",
    r"\bm8s|\bkm[0-9]\b|\btx[3-9]\b",
    r"mecool|beelink|ugoos|zidoo|minix|\bneo[- ][uxz]\d|vontar|tanix|rombica|\bvorke|pendoo|formuler|dreamlink",
    r"mygica|transpeed|orbsmart|selenga",
    r"nvidia shield|shield android|\bgtking|\bgt1-?mini|\bgtx-r|iconbit|yndx-|movix|mk80\d|\bnexon|vega s9",
    r"ozone ?hd|amigo7|\bas_?4k|\bas51\d",
    r"[a-z]+[ _]shell[ _]\w{6}|perfeo_pf|\babx-|\bvmp-|\bifp\d|\bct-8\d{3}|\bxdh?-|polar(?:line)?_|\bneko_|vesta",
    rf"\b(?:\w{{1,6}}-)?(?:[hoq]-?)?[eq]?led-?{_INCHES}|{_INCHES}(?:lex|sled)",
    rf"; {_INCHES}[a-z]+[-_ /]?\d[a-z0-9_-]*|; [fhknqtuv][dqcx]?{_INCHES}[a-z]{{2,8}}\d[a-z0-9-]*",
    rf"; (?:[a-z0-9]{{1,8}}[-_ ]){{0,2}}[a-z]{{0,2}}{_INCHES}[a-z]{{1,5}}\d{{2,4}}[a-z0-9_-]*(?: build|\)|;)",
    rf"; [a-z]{{2,9}}[-_ ](?:[a-z]{{1,2}}[-_])?{_INCHES}[a-z]{{1,4}}\d+[a-z0-9_-]*",
    rf"; (?:[a-z0-9]{{1,8}}[-_ ]){{1,2}}{_INCHES}[a-z]{{2,6}}(?:[-_][a-z0-9]+)*(?: build|\))",
)
_TABLETS = (
    r"ipad|kindle|playbook|touchpad|\bxoom\b|\bnook\b|pocketbook|transformer|iconia|ideatab|mediapad",
    r"surface duo|android 3\.|/apad",
    r"tablet[;)]|tablet build|[a-z]tablet|\btablet\b[^p]*android|android.*tablet",
    r"tab\b|tab[-_ ]?[a-z]?\d|\btab[-_]|_tab_",
    r"[a-ln-z_]pad\b|[a-ln-z]pad[-_ ]?[a-z]?\d|\bpad[-_ ]?(?:\d|pro|mini|air|lite|se|x|go)|\bm?pad\b|impad",
    r"\bkf[a-z]{2,5}\b|nexus (?:7|9|10)\b|pixel c\b",  # Amazon, Google
    r"\bsm-?[tpx]\d{2,3}|\bgt-?p\d{4}|\b(?:gt-?)?n(?:51|80)\d\d|\bsch-i800|\bshw-m(?:180|380|480)",  # Samsung
    r"\btb[-_]?\d{3}|\btb-[a-z0-9]\d{3}|\btb3-|\byt\d?-",
    r"lenovo (?:b[68]0|a7600|a[1-9]0?-|a[135]\d00-|s[256]000|pb-|idea)",
    # Huawei and Honor: with Wi-Fi only; by the series; the rest are telephones.
    r"\b[a-z]{3}\d?-w[0-9]{2}|\bbach-|\bm[235]-\d{3}[lw]",
    r"\b(?:ags[2-6]?|bah[2-4]?|bgo|btv|bz[adktw]|kob2?|agr|dby2?|mrx|mrr|vrd|scmr?|jdn2?)-[a-z]{1,2}\d{2}",
    r"\b(?:cmr|sht|got|fdr|hdn|jms|eln|hey2?|rod2?)-[a-z]{1,2}\d{2}",
    # Xiaomi, Oppo, realme, vivo.
    r"\b2\d{3,4}[0-9a-z]?rp[a-z0-9]{2,4}\b|\bmi ?pad|\bopd\d{4}|\brmp\d{4}|\bi?pa\d{4}\b|nokia t\d\d",
    r"\bme\d{3}[a-z]{1,2}\b|\btf\d{3}t|\b[ab][13]-[0-9a]\d{2}|archos ?(?:7|8|9|10|11|13)\d?\d?|venue ?(?:7|8|10)",
    r"slate ?\d\d",
    r"\b[a-z][stp](?:[789]\d{2,3}|1\d{3})[a-z]{2}\b|\bciti[ _][1789]\d{3}",  # Digma, with the size
    r"\bpm[tp]\d{4}|\bbq(?:ru)?-(?:7|8|9|1)\d{2,3}|\brct\d|\bmid[-_ ]?\d{2}|-mid\d|\bm-mp|\bm-sp\d|\btm-[1789]\d",
    r"\btpc[-_]",
    r"; (?:tz|an|ts|tp|nt|rmd)[- ]?\d{3,4}|\brc[0789]\d{3}|; (?:mt|km|ap-?|qs)(?:07|1|7)\d\d",
    r"; (?:80|90|91)\d\d[xw]\b|; m7[5-8]\d",
    r"iplay ?_?\d\d|teclast|readboy|navitel|irulu|\bmc_[a-z]+\d|numy|nomi[ _]c(?:07|08|10)|micromax ?p\d|\bmt7-",
    r"\bpi\d{4}g|supra m|kaito",
    r"; [mpt](?:[234]0|8|10|50)(?:hd|plus|pro|air|s|se|mini|l)?[^;)]*(?:\(|_eea|_row|_r\d)|\bm7[-_]?(?:3g|s)",
    r"eagle_|\bteo\d|htc flyer",
    r"windows nt 6\.[23];.*(?:arm|touch); ?(?:ma[a-z]{2}js|trident)|; arm; trident.*touch|touch; (?:ma|mdd|tajb|arm)",
)
_TELEPHONES = (
    r"iphone|ipod|\biph\d|windows (?:ce|mobile)|zunewp|palmos|palmsource|\bppc;|blackberry|\bbb10|symbian",
    r"series ?[4689]0|j2me|midp",
    r"opera m(?:ini|obi)|bada/|maemo|meego|\bbrew\b|docomo|kddi-|up\.browser|\bmmp/\d|wap[ -]?browser|\bwap\d",
    r"\bmaui\b|nokia",
    r"\bfban/fb4a|ucweb|\bjuc ?\(|\bwebos/[12]|openwave|netfront|phone|\bmobile\b|\bmobi\b",
)
# Series of telephones. Some of their browsers leave out `Mobile`.
_SERIES_OF_TELEPHONES = (
    r"; (?:samsung )?sm-[aefgjmnsw]\d{3}",
    r"; (?:v[12]\d{3}[a-z]*|vivo [a-z0-9]+|rmx\d{4}|cph\d{4}|asus_[a-z]\d{2,3}[a-z]?)\b",
    r"; (?:redmi|poco|pixel \d|moto |oneplus|infinix|[a-z]{3}-[lt]?[lx]\d)|; (?:zte )?blade\b",
)
_LAPTOPS_WITH_ANDROID = (
    r"chromebook|\bcros\b",
    r"android.*(?:inspiron|vostro|latitude|satellite|lifebook|travelmate|aspire|nuc\d|thinkpad|macbook)",
)
_DESKTOPS = (
    r"windows|\bwin(?:32|64|10|11|7|8|nt|xp)|macintosh|mac ?os|\bmac(?:book|pro|mini|\d+[,%]| )|\bimac",
    r"darwin/.*(?:x86_64|i386)",
    r"x11|linux|freebsd|openbsd|netbsd|sunos|amiga|beos|haiku|openvms|os/2|desktop",
)

# The order matters. iPads ask for desktop pages as a Mac. Then they cannot be distinguished.
_SIGNS: tuple[tuple[Device, tuple[str, ...]], ...] = (
    (Device.CONSOLE, _CONSOLES),
    (Device.WEARABLE, _WEARABLES),
    (Device.MOBILE, _UNUSUAL_TELEPHONES),
    (Device.TABLET, (r"\bbntv\d",)),  # Nook
    (Device.TV, _TVS),
    (Device.TABLET, _TABLETS),
    (Device.MOBILE, (*_TELEPHONES, *_SERIES_OF_TELEPHONES)),
    (Device.DESKTOP, _LAPTOPS_WITH_ANDROID),
    # Android's browsers say `Mobile` on telephones. Apps and cut agents do not.
    (Device.TABLET, (r"^mozilla/5\.0 \(.*android.*\).*(?:chrome|version)/.*safari/",)),
    (Device.MOBILE, (r"android|\badr \d",)),
    (Device.DESKTOP, _DESKTOPS),
)


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
