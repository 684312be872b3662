"""Codes of the trade: patterns, countries, units of measure and check digits."""

from functools import lru_cache
from operator import mul
from typing import Final

IDENTIFIER_LIMIT: Final = 128
NAME_LIMIT: Final = 200
NOTE_LIMIT: Final = 1000
PUBLISHER: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
SLUG: Final = r"^[a-z0-9][a-z0-9_.-]{0,127}$"
UNLOCODE: Final = r"^[A-Z]{2}[A-Z2-9]{3}$"
TCN: Final = r"^[A-Z0-9]{1,17}$"
AIR_WAYBILL: Final = r"^[0-9]{3}-?[0-9]{8}$"
BILL_OF_LADING: Final = r"^[A-Za-z0-9][A-Za-z0-9./-]{0,34}$"
SSCC: Final = r"^[0-9]{18}$"
CONTENT_HASH: Final = r"^[0-9a-f]{32,64}$"
"""SHA-256 of the canonical form, of which the tracker keeps and shows the first half."""
CONTAINER: Final = r"^[A-Z]{3}[UJZR][0-9]{7}$"

_COUNTRIES: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: Final = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, the 249 officially assigned."""

_MEASURES: Final = """
    10 11 13 14 15 20 21 58 5B AB ACR AMH AMP ANN AS ASM ASU AY BAR BB BFT BHP BLD BLL BP BUA
    BUI C62 CEL CEN CG CGM CLT CMK CMQ CMT CNP CNT CTG CTM CTN CWA CWI D61 DAY DD DLT DMK DMQ
    DMT DPC DPR DRA DRI DRL DT DTN DZN DZP E27 E48 E49 E50 E51 EA FAH FC FOT FTK FTQ GGR GII GLD
    GLI GLL GRM GRO GWH H87 HA HAR HBA HBX HC HEA HGM HIU HLT HMT HTZ HUR IE INH INK INQ JNT JOU
    JWL KAT KB KBA KEL KGM KHZ KIC KIP KJO KMH KMK KMT KNI KNT KPA KPH KPO KPP KSD KSH KT KTN
    KVA KVR KVT KW KWH KWT L2 LBR LBT LD LEF LF LH LO LPA LR LS LTN LTR LUB LUM LUX LY M4 MAL
    MAM MAW MBE MBF MBR MC MGM MHZ MIK MIL MIN MIO MLD MLT MMK MMQ MMT MON MPA MQH MQS MTK MTQ
    MTR MTS MVA MWH NAR NCL NEW NIL NIU NL NMI NMP NPT NT OA OHM ON ONZ OZA OZI P1 PAL PFL PGL
    PI PR PTD PTI PTL Q3 QAN QR QTD QTI QTL RM ROM RP SAN SCO SCR SEC SET SG SIE SM3 SMI SQ SQR
    STC STI STK STL STN STW SW SX SYR T0 T3 TAH TAN TIC TIP TKM TMS TNE TP TPR TQD TRL TST U1 U2
    UB UC VA VLT WA WCD WE WEB WEE WHR WM YDK YDQ YRD Z11 ZP ZZ
"""
_PACKAGES: Final = """
    X1A X1D X43 X44 X4A X4B X4C X4D X4F X4G X5H X5L X5M X6H X6P X7A X7B X8A X8B X8C XAA XAB XAC
    XAD XAE XAF XAG XAH XAI XAJ XAL XAM XAP XAT XAV XB4 XBA XBB XBC XBD XBE XBF XBG XBH XBI XBJ
    XBK XBL XBM XBN XBO XBP XBQ XBR XBS XBT XBU XBV XBW XBX XBY XBZ XCA XCB XCC XCE XCF XCG XCH
    XCI XCJ XCK XCL XCM XCN XCO XCP XCQ XCR XCS XCT XCU XCV XCW XCX XCY XCZ XDA XDB XDC XDG XDH
    XDI XDJ XDK XDL XDM XDN XDP XDR XDS XDT XDU XDV XDW XDX XDY XEC XED XEE XEF XEG XEH XEI XEN
    XFB XFC XFD XFE XFI XFL XFO XFP XFR XFT XFW XFX XGB XGI XGL XGR XGU XGY XGZ XHA XHB XHC XHG
    XHN XHR XIA XIB XIC XID XIE XIF XIG XIH XIK XIL XIN XIZ XJB XJC XJG XJR XJT XJY XKG XKI XLE
    XLG XLT XLU XLV XLZ XMA XMB XMC XME XMR XMS XMT XMW XMX XNA XNE XNF XNG XNS XNT XNU XNV XOA
    XOB XOC XOD XOE XOF XOK XOT XOU XP2 XPA XPB XPC XPD XPE XPF XPG XPH XPI XPJ XPK XPL XPN XPO
    XPP XPR XPT XPU XPV XPX XPY XPZ XQA XQB XQC XQD XQF XQG XQH XQJ XQK XQL XQM XQN XQP XQQ XQR
    XQS XRD XRG XRJ XRK XRL XRO XRT XRZ XSA XSB XSC XSD XSE XSH XSI XSK XSL XSM XSO XSP XSS XST
    XSU XSV XSW XSX XSY XSZ XT1 XTB XTC XTD XTE XTG XTI XTK XTL XTN XTO XTR XTS XTT XTU XTV XTW
    XTY XTZ XUC XUN XVA XVG XVI XVK XVL XVN XVO XVP XVQ XVR XVS XVY XWA XWB XWC XWD XWF XWG XWH
    XWJ XWK XWL XWM XWN XWP XWQ XWR XWS XWT XWU XWV XWW XWX XWY XWZ XXA XXB XXC XXD XXF XXG XXH
    XXJ XXK XYA XYB XYC XYD XYF XYG XYH XYJ XYK XYL XYM XYN XYP XYQ XYR XYS XYT XYV XYW XYX XYY
    XYZ XZA XZB XZC XZD XZF XZG XZH XZJ XZK XZL XZM XZN XZP XZQ XZR XZS XZT XZU XZV XZW XZX XZY
    XZZ
"""
_PACKAGES_WITHOUT_X: Final = "BA BC BE BG BL BO BX CA CN CR CS CT DR JR PA PC PK PX RO SA TU"

UNITS: Final = frozenset(f"{_MEASURES} {_PACKAGES} {_PACKAGES_WITHOUT_X}".split())
"""UN/CEFACT Recommendation 20 in what goods and people are counted in, its packages (X and the
code of Recommendation 21), and the common ones of these as earlier revisions wrote them."""

PERSON: Final = "IE"
"""The unit in which a deployment is counted."""


def is_identifier(text: str) -> bool:
    """Whether a text can be an id: printable, and no "/" so that keys and URLs are unambiguous."""
    return (
        0 < len(text) <= IDENTIFIER_LIMIT
        and text.isprintable()
        and "/" not in text
        and text == text.strip()
    )


def is_name(text: str) -> bool:
    """Whether a text can stand as a name in one line."""
    return 0 < len(text) <= NAME_LIMIT and text.isprintable()


def is_note(text: str) -> bool:
    """Whether a text can be an operator's note: some printable lines."""
    return (
        0 < len(text) <= NOTE_LIMIT and text.replace("\n", "").isprintable() and bool(text.strip())
    )


def sscc_is_sound(code: str) -> bool:
    """Whether the last of 18 digits is the modulo-10 check digit of a GS1 SSCC."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(code[:-1]))
    return (10 - total % 10) % 10 == int(code[-1])


@lru_cache(maxsize=10_000)
def container_is_sound(code: str) -> bool:
    """Whether the last digit of an ISO 6346 container number is its modulo-11 check digit."""
    # Kept: a container is named again in each of its shipment's events.
    total: int = sum(map(mul, code.encode().translate(_ISO6346), _WEIGHTS))
    return total % 11 % 10 == int(code[-1])


def _iso6346_values() -> bytes:
    """The value of each letter and digit, as bytes are translated."""
    # ISO 6346 counts letters from 10 and skips every multiple of 11.
    numbers = (number for number in range(10, 39) if number % 11)
    values = (*range(10), *numbers)
    return bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", bytes(values))


_ISO6346: Final = _iso6346_values()
_WEIGHTS: Final = tuple(2**place for place in range(10))
