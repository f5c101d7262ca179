"""A table of senders of visitors: search engines, networks, mailboxes, assistants and others, by their usual names."""

from enum import StrEnum
from typing import NamedTuple

from heropixel.enrichment.search_engines import SEARCH_ENGINES


class SenderKind(StrEnum):
    """The kinds of senders."""

    SEARCH = "SEARCH"
    SEARCH_PARTNER = "SEARCH_PARTNER"  # a site that shows only the advertisements of a search engine
    SOCIAL = "SOCIAL"
    EMAIL = "EMAIL"
    AI = "AI"
    DISPLAY = "DISPLAY"
    AFFILIATE = "AFFILIATE"
    RETURN = "RETURN"  # a page that a site sends its visitors to and gets them back from: a payment, a sign-in
    OTHER = "OTHER"


class KnownSender(NamedTuple):
    """A sender of visitors."""

    name: str
    kind: SenderKind


# The pages of RETURN are those that the integration guides of payment and sign-in providers send visitors to; guides to
# Google Analytics' list of unwanted referrals name the same providers (looked at in November 2026).
# docs/enrichment.md lists them.
#
# Each line: name | hosts, including their subdomains; `brand.*` is its front door under every public suffix,
# and `door.brand.*` another door | aliases.
SENDERS = {
    SenderKind.SEARCH: SEARCH_ENGINES
    + """
        Google | google.* com.google.android.googlequicksearchbox | googleads adwords gads gdn
        Bing | bing.* bing.com edgeservices.bing.com | bingads msn msnads microsoft microsoftads
        Yahoo! | yahoo.* search.yahoo.com search.yahoo.co.jp |
        Yandex | yandex.* ya.ru com.yandex.browser | yandex.direct yandexdirect
        DuckDuckGo | duckduckgo.* com.duckduckgo.mobile.android | ddg
        Baidu | baidu.* |
        Ecosia | ecosia.* |
        Qwant | qwant.* |
        Brave Search | search.brave.com | brave
        Startpage | startpage.* startpage.com |
        Naver | search.naver.com m.search.naver.com naver.* |
        Daum | search.daum.net daum.* |
        Seznam | search.seznam.cz seznam.* | sklik
        Sogou | sogou.* |
        360 Search | so.com | so.com
        Shenma | sm.cn |
        Coc Coc | coccoc.com |
        Swisscows | swisscows.* |
        Mojeek | mojeek.* |
        Kagi | kagi.com |
        Ask | ask.com |
        AOL | search.aol.com aol.* |
        MetaGer | metager.* |
        Lilo | lilo.org |
        Presearch | presearch.* |
        Dogpile | dogpile.com |
        Rambler | nova.rambler.ru rambler.* |
        Mail.ru Search | go.mail.ru | go.mail.ru
        Petal Search | petalsearch.com |
        Searx | searx.be searx.space searxng.* | searxng
        T-Online | suche.t-online.de | t-online
        WEB.DE Search | suche.web.de | suche.web.de
        GMX Search | suche.gmx.net | suche.gmx.net
        Yep | yep.com |
        Whoogle | whoogle.* |
    """,
    SenderKind.SEARCH_PARTNER: """
        Google | syndicatedsearch.goog googlesyndicatedsearch.com |
        Yandex | yabs.yandex.* an.yandex.ru |
    """,
    SenderKind.SOCIAL: """
        Facebook | facebook.com fb.com fb.me fb.watch com.facebook.katana com.facebook.lite | fb facebookads meta
        Messenger | messenger.com m.me com.facebook.orca |
        Instagram | instagram.com ig.me com.instagram.android | ig insta instagramads
        Threads | threads.net threads.com com.instagram.barcelona |
        WhatsApp | whatsapp.com wa.me com.whatsapp | wa
        X | x.com twitter.com t.co com.twitter.android | twitter tw
        LinkedIn | linkedin.com lnkd.in com.linkedin.android linkedin.android | li linkedinads
        Pinterest | pinterest.* pinterest.com pin.it com.pinterest | pin
        Reddit | reddit.com redd.it com.reddit.frontpage | redditads
        TikTok | tiktok.com com.zhiliaoapp.musically | tiktokads tt
        YouTube | youtube.com youtu.be youtube-nocookie.com com.google.android.youtube | yt
        Snapchat | snapchat.com com.snapchat.android | snap
        Telegram | telegram.org t.me telegram.me org.telegram.messenger org.telegram.messenger.web | tg
        Discord | discord.com discordapp.com discord.gg com.discord |
        Bluesky | bsky.app go.bsky.app skyfeed.app | bsky
        Mastodon | mastodon.social mastodon.online mstdn.social mas.to fosstodon.org hachyderm.io infosec.exchange |
        Mastodon | mastodon.cloud mastodon.technology mastodon.xyz mastodon.at mastodon.art mastodon.eus |
        Mastodon | mastodon.jalgi.eus mastodon.scot mastodon.world mastodon.nz mastodonapp.uk mastodont.cat |
        Mastodon | masto.ai mamot.fr pawoo.net quey.org mstdn.io mstdn.jp mstdn.party friends.nico |
        Mastodon | ro-mastodon.puyo.jp botsin.space social.tchncs.de knzk.me c.im bitcoinhackers.org chaos.social |
        Mastodon | cybre.space vis.social typo.social front-end.social newsie.social tkm.eus indieweb.social |
        Mastodon | sfba.social universeodon.com social.vivaldi.net ohai.social toot.community graphics.social |
        Mastodon | org.joinmastodon.android |
        Pixelfed | pixelfed.social pixelfed.de pixelfed.uno pxlmo.com metapixl.com pix.toot.wales pixey.org |
        Tumblr | tumblr.com t.umblr.com |
        VK | vk.com vk.ru vkontakte.ru com.vkontakte.android | vkontakte
        Odnoklassniki | ok.ru odnoklassniki.ru | ok.ru
        Weibo | weibo.com weibo.cn t.cn |
        WeChat | weixin.qq.com wechat.com com.tencent.mm | weixin
        QQ | qzone.qq.com | qzone
        Douyin | douyin.com |
        Xiaohongshu | xiaohongshu.com | rednote
        LINE | line.me jp.naver.line.android |
        KakaoTalk | kakao.com com.kakao.talk | kakao
        Hacker News | news.ycombinator.com hn.algolia.com | hn
        Lobsters | lobste.rs |
        Product Hunt | producthunt.com |
        Quora | quora.com |
        Medium | medium.com link.medium.com |
        Substack | substack.com |
        XING | xing.com |
        Vimeo | vimeo.com |
        Twitch | twitch.tv |
        Flipboard | flipboard.com |
        Nextdoor | nextdoor.com |
        Lemmy | lemmy.world lemmy.ml |
        Disqus | disqus.com disq.us |
        Stack Overflow | stackoverflow.com stackexchange.com |
        Viber | viber.com com.viber.voip |
        Zalo | zalo.me |
        Gab | gab.com |
        Truth Social | truthsocial.com |
        Linktree | linktr.ee |
        Slack | slack.com com.slack slack-redir.net |
        Microsoft Teams | teams.microsoft.com statics.teams.cdn.office.net teams.live.com | teams
        Dailymotion | dailymotion.com |
        Spotify | open.spotify.com |
        SoundCloud | soundcloud.com gate.sc |
        Last.fm | last.fm lastfm.* |
        bilibili | bilibili.com b23.tv |
        Douyu | douyu.com |
        Huya | huya.com |
        Douban | douban.com |
        Renren | renren.com |
        MissEvan | missevan.com |
        V2EX | v2ex.com |
        Niconico | nicovideo.jp |
        mixi | mixi.jp |
        GREE | gree.jp |
        TwitCasting | twitcasting.tv |
        Cyworld | cyworld.com |
        Flickr | flickr.com flic.kr com.flickr.android |
        Dribbble | dribbble.com |
        Foursquare | foursquare.com |
        LiveJournal | livejournal.com livejournal.ru |
        MyHeritage | myheritage.com |
        Geni | geni.com |
        Myspace | myspace.com |
        Badoo | badoo.com |
        Tagged | tagged.com |
        FetLife | fetlife.com |
        Habbo | habbo.com |
        Gaia Online | gaiaonline.com |
        BlackPlanet | blackplanet.com |
        Classmates | classmates.com |
        SourceForge | sourceforge.net |
        Viadeo | viadeo.com |
        Skyrock | skyrock.com |
        Taringa! | taringa.net |
        Peepeth | peepeth.com |
        Workplace | workplace.com |
        My World | my.mail.ru |
        Moi Krug | moikrug.ru |
        MyLife | mylife.ru |
        V krugu druzei | vkrugudruzei.ru |
        nk.pl | nk.pl |
        Google+ | plus.google.com plus.url.google.com url.google.com com.google.android.apps.plus |
        Bebo | bebo.com |
        Buzznet | buzznet.com |
        Flixster | flixster.com |
        Fotolog | fotolog.com |
        Friends Reunited | friendsreunited.com |
        Friendster | friendster.com |
        hi5 | hi5.com |
        Hyves | hyves.nl |
        identi.ca | identi.ca |
        Lang-8 | lang-8.com |
        meinVZ | meinvz.net |
        studiVZ | studivz.net |
        Multiply | multiply.com |
        myYearbook | myyearbook.com |
        Netlog | netlog.com |
        Orkut | orkut.com |
        Plaxo | plaxo.com |
        Sonico | sonico.com |
        StumbleUpon | stumbleupon.com |
        Tuenti | tuenti.com |
        WAYN | wayn.com |
        WeeWorld | weeworld.com |
        Xanga | xanga.com |
    """,
    SenderKind.EMAIL: """
        Gmail | mail.google.com com.google.android.gm |
        Outlook | outlook.live.com outlook.office.com outlook.office365.com outlook.com outlook.cloud.microsoft |
        Outlook | com.microsoft.office.outlook |
        Yahoo! Mail | mail.yahoo.com mail.yahoo.co.jp com.yahoo.mobile.client.android.mail |
        AOL Mail | mail.aol.com |
        Proton Mail | mail.proton.me mail.protonmail.com ch.protonmail.android |
        iCloud Mail | icloud.com |
        GMX | deref-gmx.net gmx.net gmx.de gmx.at gmx.ch gmx.com |
        WEB.DE | web.de deref-web.de |
        T-Online Mail | email.t-online.de |
        Mail.ru | e.mail.ru mail.ru |
        Yandex Mail | mail.yandex.ru mail.yandex.com |
        Zoho Mail | mail.zoho.com mail.zoho.eu |
        Fastmail | fastmail.com app.fastmail.com |
        Tuta | app.tuta.com mail.tutanota.com | tutanota
        163 Mail | mail.163.com mail.126.com |
        QQ Mail | mail.qq.com |
        Naver Mail | mail.naver.com |
        Orange Mail | messagerie.orange.fr webmail.orange.fr |
        Free Mail | zimbra.free.fr webmail.free.fr |
        Proofpoint | urldefense.com urldefense.proofpoint.com urldefense.us |
        Mimecast | mimecast.com mimecastprotect.com |
        Barracuda | linkprotect.cudasvc.com |
        Cisco Secure Email | secure-web.cisco.com |
        Symantec Email Security | clicktime.symantec.com clicktime.cloud.postoffice.net |
        Sophos Email | protection.sophos.com |
        Trellix Email Security | protect.fireeye.com |
        Check Point Email Security | url.avanan.click protect.checkpoint.com |
        Hornetsecurity | atpscan.global.hornetsecurity.com |
        Libraesva | urlsand.esvalabs.com urlsand.com |
        TitanHQ | linklock.titanhq.com |
        Trend Micro Email Security | clicktime.trendmicro.com |
        Darktrace | link.antigena.com |
        Vade | url.vadesecure.com |
        deref-mail.com | deref-mail.com |
        Mailchimp | mailchimp.com list-manage.com campaign-archive.com mailchi.mp |
        Klaviyo | klaviyo.com klclick.com |
        Brevo | brevo.com sendinblue.com | sendinblue
        HubSpot | hubspotemail.net | hsemail hsautomation
        ActiveCampaign | activehosted.com |
        Kit | kit-mail.com convertkit-mail.com | convertkit
        CleverReach | cleverreach.com |
        Mailjet | mailjet.com |
        SendGrid | sendgrid.net |
        Customer.io | customeriomail.com |
        Newsletter |  | newsletters email mail mailing mailinglist
    """,
    SenderKind.AI: """
        ChatGPT | chatgpt.com chat.openai.com openai.com com.openai.chatgpt | openai
        Claude | claude.ai claude.com com.anthropic.claude | anthropic
        Gemini | gemini.google.com bard.google.com com.google.android.apps.bard | bard
        Copilot | copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft copilot.com com.microsoft.copilot |
        Perplexity | perplexity.ai ai.perplexity.app.android |
        DeepSeek | chat.deepseek.com deepseek.com |
        Grok | grok.com x.ai |
        Meta AI | meta.ai |
        Le Chat | chat.mistral.ai mistral.ai | mistral
        You.com | you.com |
        Phind | phind.com |
        Poe | poe.com |
        Duck.ai | duck.ai |
        Kimi | kimi.com kimi.moonshot.cn kimi.ai |
        Doubao | doubao.com |
        Qwen | chat.qwen.ai tongyi.aliyun.com |
        Ernie Bot | yiyan.baidu.com ai.baidu.com | yiyan
        NotebookLM | notebooklm.google.com |
        Google AI Studio | aistudio.google.com |
        Pi |  |
        Felo | felo.ai |
        iAsk | iask.ai |
        Genspark | genspark.ai |
        Manus | manus.im |
        Andi | andisearch.com |
        Lumo | lumo.proton.me |
        Character.AI | character.ai |
        ChatGLM | chatglm.cn chat.z.ai |
        Chat+ | chatplus.com chat-gpt.org |
        Jasper | app.jasper.ai jasper.ai |
        Writesonic | app.writesonic.com |
    """,
    SenderKind.DISPLAY: """
        Google Ads | doubleclick.net googlesyndication.com googleadservices.com 2mdn.net | doubleclick dv360 dbm dfa
        Taboola | taboola.com taboolanews.com |
        Outbrain | outbrain.com |
        Criteo | criteo.com criteo.net |
        AdRoll | adroll.com |
        The Trade Desk | adsrvr.org | ttd
        Xandr | adnxs.com | appnexus
        MGID | mgid.com |
        RevContent | revcontent.com |
        Amazon Ads | amazon-adsystem.com |
        Teads | teads.tv |
        Carbon | srv.carbonads.net carbonads.com | carbonads
    """,
    SenderKind.AFFILIATE: """
        Awin | awin1.com awin.com zenaps.com |
        CJ | anrdoezrs.net jdoqocy.com tkqlhce.com dpbolvw.net kqzyfj.com cj.com emjcd.com |
        Rakuten | linksynergy.com click.linksynergy.com | linksynergy
        ShareASale | shareasale.com |
        Impact | sjv.io pxf.io evyy.net impact.com | impactradius
        Partnerize | prf.hn partnerize.com |
        Tradedoubler | tradedoubler.com clk.tradedoubler.com |
        TradeTracker | tradetracker.net |
        Skimlinks | go.skimresources.com skimresources.com |
        Sovrn | redirect.viglink.com viglink.com | viglink
        ClickBank | hop.clickbank.net clickbank.net |
        Digistore24 | digistore24.com |
        Webgains | track.webgains.com |
        FlexOffers | flexlinkspro.com flexoffers.com |
        Belboon | belboon.com belboon.de |
        financeAds | financeads.net |
        Admitad | ad.admitad.com admitad.com |
    """,
    SenderKind.RETURN: """
        PayPal | paypal.com paypal.me braintreegateway.com com.paypal.android.p2pmobile |
        Stripe | checkout.stripe.com hooks.stripe.com pay.stripe.com buy.stripe.com invoice.stripe.com |
        Adyen | checkoutshopper-live.adyen.com checkoutshopper-test.adyen.com live.adyen.com test.adyen.com |
        Klarna | pay.klarna.com checkout.klarna.com login.klarna.com payments.klarna.com |
        Mollie | pay.mollie.com |
        Amazon Pay | payments.amazon.* pay.amazon.* apay-us.amazon.com |
        Google Pay | pay.google.com |
        Shopify | checkout.shopify.com |
        Apple Pay | apple-pay-gateway.apple.com |
        Square | checkout.square.site squareup.com |
        Worldpay | secure.worldpay.com payments.worldpay.com |
        Checkout.com | pay.checkout.com 3ds2-acs.checkout.com |
        Authorize.net | accept.authorize.net secure.authorize.net |
        2Checkout | secure.2checkout.com secure.avangate.com |
        Paddle | checkout.paddle.com buy.paddle.com |
        FastSpring | onfastspring.com |
        Sofort | sofort.com |
        giropay | giropay.de |
        iDEAL | ideal.nl ext.pay.ideal.nl |
        Bancontact | bancontact.com |
        TWINT | pay.twint.ch |
        Swish | swish.nu |
        Vipps | api.vipps.no |
        Przelewy24 | secure.przelewy24.pl go.przelewy24.pl |
        PayU | secure.payu.com secure.payu.pl secure.payu.in |
        Tpay | secure.tpay.com |
        Afterpay | portal.afterpay.com portal.clearpay.co.uk |
        Alipay | mclient.alipay.com cashier.alipay.com excashier.alipay.com |
        WeChat Pay | wx.tenpay.com pay.weixin.qq.com |
        Razorpay | api.razorpay.com |
        Mercado Pago | mercadopago.* |
        PagSeguro | pagseguro.uol.com.br |
        YooMoney | yoomoney.ru yookassa.ru |
        Saferpay | saferpay.com |
        Datatrans | pay.datatrans.com |
        Computop | paymentpage.axepta.bnpparibas spg.evopayments.eu computop-paygate.com |
        PAYONE | secure.pay1.de frontend.pay1.de |
        Redsys | sis.redsys.es |
        Paytrail | pay.paytrail.com services.paytrail.com |
        Nets | checkout.dibspayment.eu netaxept.nets.eu |
        Cardinal | centinelapi.cardinalcommerce.com |
        Opayo | live.opayo.eu.elavon.com live.sagepay.com |
        Worldline | secure.ogone.com |
        PostFinance | checkout.postfinance.ch |
        Comgate | payments.comgate.cz |
        GoPay | gate.gopay.cz gw.gopay.com |
        Dotpay | ssl.dotpay.pl |
        PayFast | payfast.co.za |
        Paystack | checkout.paystack.com |
        Flutterwave | checkout.flutterwave.com |
        Google sign-in | accounts.google.com accounts.youtube.com |
        Microsoft sign-in | login.microsoftonline.com login.live.com login.microsoft.com b2clogin.com |
        Apple sign-in | appleid.apple.com |
        Amazon sign-in | amazoncognito.com |
        Auth0 | us.auth0.com eu.auth0.com au.auth0.com jp.auth0.com uk.auth0.com ca.auth0.com |
    """,
    SenderKind.OTHER: """
        Google News | news.google.* com.google.android.apps.magazines |
        Google Discover | discover.google.com |
        Google Docs | docs.google.com drive.google.com sheets.google.com |
        Google Maps | maps.google.* com.google.android.apps.maps |
        Google Translate | translate.google.* translate.goog translate.googleusercontent.com |
        Google Translate | com.google.android.apps.translate |
        Microsoft Translator | translatetheweb.com microsofttranslator.com translator.microsoft.com |
        Yandex Translate | translate.yandex.* translated.turbopages.org |
        Papago | papago.naver.com papago.naver.net |
        DeepL | deepl.com |
        Baidu Translate | fanyi.baidu.com |
        Google Classroom | classroom.google.com |
        Wikipedia | wikipedia.org |
        GitHub | github.com |
        GitLab | gitlab.com |
        Notion | notion.so notion.site |
        Trustpilot | trustpilot.com |
        Pocket | getpocket.com |
        Feedly | feedly.com |
        Apple News | apple.news |
    """,
}
