"""Search engines of one country, of few visitors or of the past, and portals that search with another's engine."""

# The facts are those of Matomo's list of search engines (July 2026, CC0), the form is that of the table of senders.
SEARCH_ENGINES = """\
    1.cz | 1.cz |
    118 700 | 118700.se |
    123people | 123people.* |
    360 Search | so.360.cn sou.com haosou.com |
    Abacho | abacho.de abacho.com abacho.co.uk abacho.at abacho.fr abacho.es abacho.ch abacho.it |
    ABCsøk | abcsok.no |
    Acoon | acoon.de |
    Aguea | chercherfr.aguea.com |
    Alexa | search.toolbars.alexa.com |
    Alice Adsl | rechercher.aliceadsl.fr |
    All.by | all.by |
    Allaverksamheter | allaverksamheter.se |
    Allesklar | allesklar.de allesklar.at allesklar.ch |
    AllTheInternet | alltheinternet.com |
    AllTheWeb | alltheweb.com |
    AlohaFind | alohafind.com |
    AltaVista | altavista.com altavista.de altavista.fr |
    AOL | aolsearch.aol.com aolrecherche.aol.fr aolrecherches.aol.fr aolimages.aol.fr recherche.aol.fr |
    AOL | find.web.aol.com recherche.aol.ca aolsearch.aol.co.uk sucheaol.aol.de suche.aol.de o2suche.aol.de |
    AOL | suche.aolsvc.de aolbusqueda.aol.com.mx alicesuche.aol.de alicesuchet.aol.de suchet2.aol.de |
    AOL | search.hp.my.aol.com.au search.hp.my.aol.de search.hp.my.aol.it search-intl.netscape.com |
    AOL | de.aolsearch.com |
    Apollo lv | apollo.lv |
    Apollo7 | apollo7.de |
    Aport | sm.aport.ru |
    Arama | arama.com |
    Arcor | arcor.de |
    Arianna | arianna.libero.it arianna.com |
    Ask | ask.reference.com askkids.com ask.co.uk qbyrd.com search-results.com searchqu.com |
    Atlas | searchatlas.centrum.cz |
    auone | search.auone.jp sp-search.auone.jp |
    Austronaut | austronaut.at |
    Avira SafeSearch | search.avira.com search.avira.net safesearch.avira.com |
    Babylon | search.babylon.com searchassist.babylon.com |
    Baidu | baidu.com |
    Biglobe | cgi.search.biglobe.ne.jp images.search.biglobe.ne.jp |
    Bing | msnbc.msn.com dizionario.it.msn.com enciclopedia.it.msn.com cc.bingj.com |
    blekko | blekko.com |
    Blogdigger | blogdigger.com |
    Blogpulse | blogpulse.com |
    Bluewin | search.bluewin.ch |
    Canoe.ca | web.canoe.ca |
    Centrum | search.centrum.cz morfeo.centrum.cz |
    Charter | www.charter.net |
    Claro Search | claro-search.com |
    Clix | pesquisa.clix.pt |
    Comcast | search.comcast.net |
    CompuServe | websearch.cs.com |
    Conduit.com | search.conduit.com |
    Crawler | crawler.com |
    Cuil | cuil.com |
    Daemon search | daemon-search.com |
    DasOertliche | dasoertliche.de |
    DasTelefonbuch | dastelefonbuch.de |
    Delfi EE | otsing.delfi.ee |
    Delfi lv | smart.delfi.lv |
    Digg | digg.com |
    dir.com | fr.dir.com |
    DisconnectSearch | search.disconnect.me |
    dmoz | dmoz.org |
    DuckDuckGo | r.duckduckgo.com duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion |
    Earthlink | search.earthlink.net |
    El Mundo | ariadna.elmundo.es |
    Eniro | eniro.se |
    Entireweb | entireweb.com |
    eo | eo.st |
    EpicSearch.in | epicsearch.in |
    Eurip | eurip.com |
    Euroseek | euroseek.com |
    Everyclick | everyclick.com |
    Exalead | exalead.fr exalead.com |
    Excite | search.excite.it search.excite.fr search.excite.de search.excite.co.uk search.excite.es |
    Excite | search.excite.nl msxml.excite.com www.excite.co.jp |
    Fast Browser Search | fastbrowsersearch.com |
    Findhurtig | findhurtig.dk |
    Fireball | fireball.de fireball.com |
    Firstsfind | firstsfind.com |
    Fixsuche | fixsuche.de |
    Flix.de | flix.de |
    Fooooo | search.fooooo.com |
    Forestle | forestle.org forestle.mobi |
    Francite | recherche.francite.com |
    Free | search.free.fr search1-2.free.fr search1-1.free.fr |
    FreeCause | search.freecause.com |
    Freenet | suche.freenet.de |
    Freespoke | freespoke.com |
    FriendFeed | friendfeed.com |
    Frontier | search.frontier.com |
    GAIS | gais.cs.ccu.edu.tw |
    Genieo | search.genieo.com |
    Geona | geona.net |
    Gibiru | gibiru.com |
    Gigablast | gigablast.com |
    Gnadenmeer | gnadenmeer.de |
    Gomeo | gomeo.com |
    goo | search.goo.ne.jp ocnsearch.goo.ne.jp |
    Google | encrypted.google.com ipv6.google.com go.google.com wwwgoogle.* gogole.* gppgle.* googel.* |
    Google | search.avg.com isearch.avg.com search.chedot.com darkoogle.com search.foxtab.com gooofullsearch.com |
    Google | search.hiyo.com search.incredimail.com search1.incredimail.com search2.incredimail.com |
    Google | search3.incredimail.com search4.incredimail.com search.sweetim.com www.fastweb.it search.juno.com |
    Google | search.zum.com find.tdc.dk it.luna.tv searchresults.verizon.com search.walla.co.il search.alot.com |
    Google | search.gmx.com search.incredibar.com delta-search.com search.1und1.de suche.1und1.de |
    Google | search.zonealarm.com start.lenovo.com wow.com search.leonardo.it www.optuszoo.com.au |
    Google | search.dolphin-browser.jp netlavis.azione.jp search.nan.so cgi2.nintendo.co.jp |
    Google | search.smt.docomo.ne.jp gfsoso.com searches.safehomepage.com searches.f-secure.com |
    Google | search.f-secure.com webcache.googleusercontent.com monumentbrowser.com search.bt.com startab.me |
    Google | search.abv.bg search.xfinity.com www.kadaza.com blogsearch.google.* cse.google.* video.google.com |
    Google Scholar | scholar.google.* |
    GoYellow.de | goyellow.de |
    Gule Sider | gulesider.no |
    HighBeam | highbeam.com |
    Hit-Parade | hit-parade.com |
    Holmes | holmes.ge |
    Hooseek | hooseek.com |
    Hotbot | hotbot.com |
    I-play | start.iplay.com |
    Icerocket | blogs.icerocket.com |
    ICQ | www.icq.com search.icq.com |
    Ilse NL | ilse.nl |
    iMesh | search.imesh.com |
    Inbox | inbox.com |
    info.com | info.com |
    InfoSpace | infospace.com tattoodle.com metacrawler.com webfetch.com webcrawler.com search.kiwee.com |
    InfoSpace | searches.vi-view.com search.webssearches.com search.fbdownloader.com searches3.globososo.com |
    InfoSpace | search.avast.com isearch.babylon.com start.facemoods.com start.funmoods.com search.magentic.com |
    InfoSpace | search.searchcompletion.com searchmobileonline.com isearch.glarysoft.com search.chatzum.com |
    InfoSpace | home.speedbit.com search.b1.org searchya.com search.handycafe.com search.v9.com |
    InfoSpace | search.iminent.com utorrent.inspsearch.com govome.inspsearch.com |
    Interia | google.interia.pl |
    Isodelen | isodelen.se |
    IxQuick | ixquick.com ixquick.de |
    Jungle Key | junglekey.com junglekey.fr |
    Jungle Spider | jungle-spider.de |
    Junior Safe Search | juniorsafesearch.com |
    Jyxo | jyxo.1188.cz |
    K9 Safe Search | k9safesearch.com |
    KARMA | karmasearch.org |
    Kataweb | www.kataweb.it |
    Kensaq | kensaq.com |
    Kvasir | kvasir.no |
    La Toile du Québec | toile.com |
    Laban | laban.vn |
    Latne | latne.lv |
    Lo.st | lo.st |
    Local Moxie | localmoxie.com |
    LookAny | lookany.com |
    Lookseek | search.lookseek.com |
    Looksmart | looksmart.com |
    Lycos | search.lycos.com lycos.* |
    maailm.com | maailm.com |
    Mamma | mamma.com |
    Meinestadt.de | meinestadt.de |
    Meta.ua | meta.ua |
    MetaCrawler | s1.metacrawler.de s2.metacrawler.de s3.metacrawler.de |
    MetaGer | meta.rrzn.uni-hannover.de metager2.de |
    Mister Wong | mister-wong.com mister-wong.de |
    Monstercrawler | monstercrawler.com |
    mozbot | mozbot.fr mozbot.co.uk mozbot.com |
    MyPrivateSearch | myprivatesearch.com |
    MySpace | searchservice.myspace.com |
    MyWebSearch | mysearch.com kf.mysearch.myway.com ki.mysearch.myway.com search.myway.com |
    MyWebSearch | search.mywebsearch.com |
    Najdi.si | najdi.si |
    Nate | search.nate.com |
    Needtofind | ko.search.need2find.com |
    Neti | neti.ee |
    Nifty | search.nifty.com search.azby.fmworld.net videosearch.nifty.com |
    Nigma | nigma.ru |
    OceanHero | oceanhero.today |
    Onet.pl | szukaj.onet.pl |
    Online.no | online.no |
    OnlySearch | only-search.com |
    Opplysningen 1881 | 1881.no |
    Orange | busca.orange.es lemoteur.ke.voila.fr lemoteur.orange.fr |
    Paperball | paperball.de |
    PeopleCheck | extern.peoplecheck.de |
    PeoplePC | search.peoplepc.com |
    Picsearch | picsearch.com |
    Plazoo | plazoo.com |
    PlusNetwork | plusnetwork.com |
    Poisk.Ru | poisk.ru |
    PrivacyWall | privacywall.org |
    qip.ru | search.qip.ru |
    Qualigo | qualigo.at qualigo.ch qualigo.de qualigo.nl |
    Quendu | quendu.com |
    Rakuten | websearch.rakuten.co.jp |
    Riksdelen | riksdelen.se |
    Road Runner | search.rr.com |
    rpmfind | rpmfind.net |
    Sapo | pesquisa.sapo.pt |
    Scour.com | scour.com |
    Search.ch | search.ch |
    Search.com | search.com |
    Searchalot | searchalot.com |
    SearchCanvas | searchcanvas.com |
    SearchLock | searchlock.com |
    Searchy | searchy.co.uk |
    SeeSaa | search.seesaa.jp |
    Setooz | setooz.com |
    Seznam | videa.seznam.cz |
    Sharelook | sharelook.fr |
    Skynet | www.skynet.be |
    sm.de | sm.de |
    SmartAddressbar | search.smartaddressbar.com |
    SmartShopping | search.smartshopping.com |
    Snap.do | search.snap.do |
    So-net | www.so-net.ne.jp video.so-net.ne.jp |
    Softonic | search.softonic.com |
    Sogou | wap.sogou.com english.sogou.com |
    Soso | soso.com |
    Sputnik | www.sputnik.ru |
    Startpage | s6-eu5.ixquick.com startpagel6srwcjlue4zgq3zevrujfaow726kjytqbbjyrswwmjzcqd.onion |
    Startpagina | startgoogle.startpagina.nl |
    Startsiden | startsiden.no |
    Stract | stract.com |
    Suche.info | suche.info |
    Suchmaschine.com | suchmaschine.com |
    Suchnase | suchnase.de |
    Surf Canyon | surfcanyon.com |
    Swiggle | swiggle.org.uk |
    T-Online | brisbane.t-online.de navigationshilfe.t-online.de |
    talimba | talimba.com |
    TalkTalk | www.talktalk.co.uk |
    Tarmot | tarmot.com |
    Technorati | technorati.com |
    Teoma | teoma.com |
    Terra | buscador.terra.es buscador.terra.cl buscador.terra.com.br |
    Tiscali | search.tiscali.it search-dyn.tiscali.it hledani.tiscali.cz |
    Tixuma | tixuma.de |
    Toolbarhome | toolbarhome.com |
    Toppreise.ch | toppreise.ch |
    Torry | torry.io |
    Trouvez.com | trouvez.com |
    TrovaRapido | trovarapido.com |
    Trusted Search | trusted-search.com |
    Trustnav | search.trustnav.com |
    TUSK Search | tusksearch.com |
    Twingly | twingly.com |
    uol.com.br | busca.uol.com.br |
    URL.ORGanzier | url.org |
    Vinden | vinden.nl |
    Vindex | vindex.nl |
    Virgilio | ricerca.virgilio.it ricercaimmagini.virgilio.it ricercavideo.virgilio.it ricercanews.virgilio.it |
    Virgilio | mobile.virgilio.it |
    Voila | search.ke.voila.fr lemoteur.fr |
    Volny | web.volny.cz |
    Vuhuv | vuhuv.com |
    Walhello | walhello.info walhello.com walhello.de walhello.nl |
    Web.nl | web.nl |
    weborama | weborama.fr |
    WebSearch | websearch.com |
    Wedoo | fr.wedoo.com en.wedoo.com es.wedoo.com |
    Winamp | search.winamp.com |
    Wirtualna Polska | szukaj.wp.pl |
    Witch | witch.de |
    Woopie | woopie.jp |
    www värav | search.www.ee |
    X-Recherche | x-recherche.com |
    Yahoo! | cade.yahoo.com one.cn.yahoo.com cercato.it search.offerbox.com benefind.de ys.mirostart.com |
    Yahoo! | images.yahoo.com jp.hao123.com home.kingsoft.jp jwsearch.jword.jp |
    Yam | search.yam.com |
    Yandex | clck.yandex.* |
    Yasni | yasni.de yasni.com yasni.co.uk yasni.ch yasni.at |
    Yatedo | yatedo.com yatedo.fr |
    Yellowmap | yellowmap.de |
    Yippy | search.yippy.com |
    Yongzin | yongzin.com |
    YouGoo | yougoo.fr |
    ZapMeta | zapmeta.* zapmeta.com zapmetasearch.* |
    Zhongsou | p.zhongsou.com |
    Zoek | zoek.nl |
    Zoeken | zoeken.nl |
    Zoohoo | zoohoo.cz |
    Zoznam | www.zoznam.sk |
    Zxuso | zxuso.com |
    묻지마 검색 | kwzf.net |"""
