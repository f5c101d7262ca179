"""Search engines, networks, assistants, mail gateways and payment pages of the field have their names and channels."""

import pytest

from heropixel.enrichment.origins import origin_of_host
from heropixel.enrichment.senders import SENDERS, SenderKind
from tests.enrichment.rows import enriched

HOSTS = {
    "ORGANIC_SEARCH": """
        www.google.de www.google.com.br lens.google.com cse.google.fr blogsearch.google.com encrypted.google.com
        gogole.de wwwgoogle.nl scholar.google.co.uk search.avg.com find.tdc.dk www.bing.com de.bing.com
        global.bing.com yandex.com.tr clck.yandex.ru r.duckduckgo.com wap.sogou.com so.360.cn www.haosou.com
        search.seznam.cz videa.seznam.cz search.centrum.cz szukaj.onet.pl szukaj.wp.pl www.najdi.si search.abv.bg
        meta.ua www.eniro.se kvasir.no startsiden.no www.gulesider.no www.neti.ee busca.uol.com.br pesquisa.sapo.pt
        buscador.terra.es ricerca.virgilio.it arianna.libero.it lemoteur.orange.fr search.free.fr suche.freenet.de
        suche.aol.de www.fireball.de metager.org www.search.ch search.goo.ne.jp search.nifty.com
        websearch.rakuten.co.jp search.nate.com search.zum.com laban.vn karmasearch.org oceanhero.today
        freespoke.com stract.com gibiru.com www.privacywall.org tusksearch.com ixquick.com lycos.es zapmeta.fi
    """,
    "ORGANIC_SOCIAL": """
        bilibili.com douban.com www.flickr.com flic.kr foursquare.com last.fm lastfm.de lastfm.com.br
        livejournal.com mixi.jp nicovideo.jp renren.com soundcloud.com v2ex.com myspace.com badoo.com
        pixelfed.social pix.toot.wales chaos.social mastodon.world mstdn.jp social.vivaldi.net skyfeed.app
        at.pinterest.com my.mail.ru plus.google.com l.workplace.com
    """,
    "AI_ASSISTANTS": """
        chatgpt.com chat.openai.com labs.openai.com claude.ai copilot.microsoft.com gemini.google.com
        www.perplexity.ai chat.deepseek.com duck.ai grok.com meta.ai ai.baidu.com yiyan.baidu.com chatglm.cn
        chatplus.com app.jasper.ai app.writesonic.com
    """,
}


@pytest.mark.parametrize(("channel", "host"), [(channel, host) for channel in HOSTS for host in HOSTS[channel].split()])
def test_engines_networks_and_assistants_of_the_field_have_a_name_and_their_channel(channel: str, host: str) -> None:
    row = enriched(url="https://example.com/", referrer=f"https://{host}/search?q=tea")
    assert row.channel == channel
    assert row.source not in ("", host)


# The referrer, the source and the channel.
SENT = [
    # Search partners show advertisements only.
    ("https://syndicatedsearch.goog/", "Google", "PAID_SEARCH"),
    ("https://www.googlesyndicatedsearch.com/", "Google", "PAID_SEARCH"),
    ("https://yabs.yandex.ru/count/x", "Yandex", "PAID_SEARCH"),
    # Apps, as Android writes them.
    ("android-app://com.google.android.googlequicksearchbox/https/www.google.com", "Google", "ORGANIC_SEARCH"),
    ("android-app://com.Slack/", "Slack", "ORGANIC_SOCIAL"),
    ("android-app://org.joinmastodon.android/", "Mastodon", "ORGANIC_SOCIAL"),
    # Mail gateways check a link before it is followed.
    ("https://eur01.safelinks.protection.outlook.com/", "Outlook", "EMAIL"),
    ("https://urldefense.com/v3/__https://example.com", "Proofpoint", "EMAIL"),
    ("https://urldefense.proofpoint.com/v2/url?u=x", "Proofpoint", "EMAIL"),
    ("https://protect-eu.mimecast.com/s/x", "Mimecast", "EMAIL"),
    ("https://linkprotect.cudasvc.com/url?a=x", "Barracuda", "EMAIL"),
    ("https://secure-web.cisco.com/x", "Cisco Secure Email", "EMAIL"),
    ("https://eu-west-1.protection.sophos.com/?d=example.com", "Sophos Email", "EMAIL"),
    # Translators show the page.
    ("https://example-com.translate.goog/", "Google Translate", "REFERRAL"),
    ("https://translate.google.de/", "Google Translate", "REFERRAL"),
    ("https://translate.yandex.com/", "Yandex Translate", "REFERRAL"),
    ("https://www.translatetheweb.com/", "Microsoft Translator", "REFERRAL"),
    ("https://papago.naver.net/website", "Papago", "REFERRAL"),
    # Whoever comes back from a payment or a sign-in was on the site before.
    ("https://www.paypal.com/", "", "INTERNAL"),
    ("https://checkout.stripe.com/c/pay/x", "", "INTERNAL"),
    ("https://hooks.stripe.com/redirect/x", "", "INTERNAL"),
    ("https://pay.klarna.com/eu/x", "", "INTERNAL"),
    ("https://pay.mollie.com/x", "", "INTERNAL"),
    ("https://checkoutshopper-live.adyen.com/", "", "INTERNAL"),
    ("https://payments.amazon.de/", "", "INTERNAL"),
    ("https://accounts.google.com/", "", "INTERNAL"),
    ("https://login.microsoftonline.com/", "", "INTERNAL"),
    ("https://appleid.apple.com/", "", "INTERNAL"),
    # Their other pages send visitors.
    ("https://stripe.com/customers", "stripe.com", "REFERRAL"),
    ("https://www.klarna.com/", "klarna.com", "REFERRAL"),
    # A brand's name does not make a house of it.
    ("https://scholar.google.evil.example/", "scholar.google.evil.example", "REFERRAL"),
    ("https://lycos.blogspot.com/", "lycos.blogspot.com", "REFERRAL"),
]


@pytest.mark.parametrize(("referrer", "source", "channel"), SENT)
def test_partners_gateways_translators_and_payment_pages_are_told_for_what_they_are(
    referrer: str, source: str, channel: str
) -> None:
    row = enriched(url="https://example.com/checkout/thanks", referrer=referrer)
    assert (row.source, row.channel) == (source, channel)


def test_a_campaign_of_a_payment_service_is_a_campaign() -> None:
    row = enriched(url="https://example.com/?utm_source=paypal&utm_medium=offers", referrer="https://www.paypal.com/")
    assert (row.source, row.channel) == ("PayPal", "REFERRAL")


def test_each_host_of_the_table_is_found_by_it() -> None:
    for kind, table in SENDERS.items():
        for line in table.strip().splitlines():
            for host in line.split("|")[1].split():
                origin = origin_of_host(host.replace(".*", ".co.uk"))
                assert origin is not None, host
                assert origin.kind is kind, host
    assert len(SENDERS) == len(SenderKind)
