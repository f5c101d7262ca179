"""Names of countries and regions that the package pycountry does not have."""

from collections.abc import Mapping
from typing import Final

# Names of countries that people use, and those of tools that take theirs from CLDR. By code; a comma separates them.
OTHER_NAMES: Final[Mapping[str, str]] = {
    "BA": "Bosnia",
    "BN": "Brunei",
    "BO": "Bolivia",
    "CD": "Congo - Kinshasa, DR Congo, Democratic Republic of the Congo",
    "CG": "Congo - Brazzaville, Republic of the Congo",
    "CI": "Ivory Coast, Elfenbeinküste",
    "CV": "Cape Verde",
    "CZ": ("Czech Republic, Tschechien, Tschechische Republik, République tchèque, República Checa, Repubblica Ceca"),
    "FM": "Micronesia",
    "GB": ("Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Grossbritannien, Großbritannien"),
    "HK": "Hong Kong SAR China, Hongkong",
    "IR": "Iran, Irán",
    "KP": "North Korea, Nordkorea, Corée du Nord, Corea del Norte, Corea del Nord",
    "KR": (
        "South Korea, Korea, Südkorea, Corée du Sud, Corea del Sur, Corea del Sud, Coreia do Sul, "
        "Zuid-Korea, 한국, 韩国"
    ),
    "LA": "Laos",
    "MD": "Moldova, Moldau, Moldawien",
    "MK": "Macedonia, Mazedonien",
    "MM": "Burma, Myanmar (Burma)",
    "MO": "Macau, Macao SAR China",
    "NL": "The Netherlands, Holland",
    "PS": "Palestine, Palestinian Territories, Palästina",
    "RU": "Russia, Russland, Rußland, Russie, Rusia, Rússia, Rusland, Rosja, Россия, ロシア, 俄罗斯",
    "SY": "Syria, Syrien, Syrie, Siria, Síria",
    "SZ": "Swaziland",
    "TR": "Turkey, Türkei, Turquie, Turquía, Turchia, Turquia, Turkije",
    "TW": "Taiwan, Taïwan, Taiwán, 台湾, 臺灣",
    "TZ": "Tanzania",
    "US": (
        "United States of America, U.S.A., U.S., USA, America, Vereinigte Staaten von Amerika, EE. UU., Stati Uniti"
    ),
    "VA": "Vatican City",
    "VE": "Venezuela",
    "VN": "Vietnam, Viet Nam",
}

# pycountry has the names that a country uses itself. These are the English ones, where they differ. By country: the
# code of a region (ISO 3166-2) and its name.
ENGLISH_REGIONS: Final[Mapping[str, str]] = {
    "AT": "2 Carinthia, 3 Lower Austria, 4 Upper Austria, 6 Styria, 7 Tyrol, 9 Vienna",
    "BE": "BRU Brussels Capital, VLG Flanders, WAL Wallonia",
    "CH": ("BE Bern, BL Basel-Landschaft, BS Basel-City, GE Geneva, GR Grisons, LU Lucerne, SG St. Gallen, ZH Zurich"),
    "CN": (
        "AH Anhui, BJ Beijing, CQ Chongqing, FJ Fujian, GD Guangdong, GS Gansu, GX Guangxi, GZ Guizhou, "
        "HA Henan, HB Hubei, HE Hebei, HI Hainan, HL Heilongjiang, HN Hunan, JL Jilin, JS Jiangsu, JX "
        "Jiangxi, LN Liaoning, NM Inner Mongolia, NX Ningxia, QH Qinghai, SC Sichuan, SD Shandong, SH "
        "Shanghai, SN Shaanxi, SX Shanxi, TJ Tianjin, XJ Xinjiang, XZ Tibet, YN Yunnan, ZJ Zhejiang"
    ),
    "CZ": (
        "10 Prague, 20 Central Bohemia, 31 South Bohemia, 32 Plzeň Region, 41 Karlovy Vary Region, 42 "
        "Ústí nad Labem Region, 51 Liberec Region, 52 Hradec Králové Region, 53 Pardubice Region, 63 "
        "Vysočina, 64 South Moravia, 71 Olomouc Region, 72 Zlín Region, 80 Moravskoslezsky"
    ),
    "DE": (
        "BY Bavaria, HE Hesse, NI Lower Saxony, NW North Rhine-Westphalia, RP Rhineland-Palatinate, SN "
        "Saxony, ST Saxony-Anhalt, TH Thuringia"
    ),
    "DK": "81 North Denmark, 82 Central Jutland, 83 South Denmark, 84 Capital Region, 85 Zealand",
    "ES": (
        "AN Andalusia, AR Aragon, AS Asturias, CL Castille and León, CM Castille-La Mancha, CN Canary "
        "Islands, CT Catalonia, GA Galicia, IB Balearic Islands, MC Murcia, MD Madrid, NC Navarre, PV "
        "Basque Country, VC Valencia"
    ),
    "FI": (
        "01 Åland, 02 South Karelia, 03 South Ostrobothnia, 10 Lapland, 11 Pirkanmaa, 12 Ostrobothnia, 18 "
        "Uusimaa, 19 Southwest Finland"
    ),
    "FR": "BRE Brittany, NOR Normandy, 20R Corsica, COR Corsica",
    "GR": (
        "A Eastern Macedonia and Thrace, B Central Macedonia, C Western Macedonia, D Epirus, E Thessaly, "
        "F Ionian Islands, G West Greece, H Central Greece, I Attica, J Peloponnese, K North Aegean, L "
        "South Aegean, M Crete"
    ),
    "IT": (
        "21 Piedmont, 23 Aosta Valley, 25 Lombardy, 52 Tuscany, 57 The Marches, 75 Apulia, 78 Calabria, "
        "82 Sicily, 88 Sardinia"
    ),
    "NL": "FR Friesland, NB North Brabant, NH North Holland, ZH South Holland",
    "PL": (
        "02 Lower Silesia, 04 Kujawsko-Pomorskie, 06 Lublin, 08 Lubusz, 10 Łódź Voivodeship, 12 Lesser "
        "Poland, 14 Mazovia, 16 Opole Voivodeship, 18 Subcarpathia, 20 Podlasie, 22 Pomerania, 24 "
        "Silesia, 26 Świętokrzyskie, 28 Warmia-Masuria, 30 Greater Poland, 32 West Pomerania"
    ),
    "PT": "11 Lisbon, 20 Azores, 30 Madeira",
    "RU": "MOS Moscow Oblast, MOW Moscow, SPE St.-Petersburg",
    "SE": (
        "AB Stockholm County, AC Västerbotten County, BD Norrbotten County, C Uppsala County, D "
        "Södermanland County, E Östergötland County, F Jönköping County, G Kronoberg County, H Kalmar "
        "County, I Gotland County, K Blekinge County, M Skåne County, N Halland County, O Västra Götaland "
        "County, S Värmland County, T Örebro County, U Västmanland County, W Dalarna County, X Gävleborg "
        "County, Y Västernorrland County, Z Jämtland County"
    ),
}
