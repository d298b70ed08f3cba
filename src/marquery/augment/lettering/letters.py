"""Scripts, and the letters that a typeface needs for the words of each."""

import string
from typing import Literal, get_args

Script = Literal["latin", "cyrillic", "greek", "arabic", "chinese", "japanese", "korean"]
SCRIPTS: tuple[Script, ...] = get_args(Script)

_ARABIC_WORDS_TEXT = (
    "نور الأمل النخيل البحر الشرق ذهب القمر السلام الورد نجمة الوادي المدينة زهرة الريم بستان "
    "سما دار الخليج جوهرة النيل الصقر مروج حلم ياسمين الفجر الماس لؤلؤة التاج القصر العربية "
    "شمس كنز"
)
#: Words of Arabic, whose letters a typeface joins.
ARABIC_WORDS = tuple(_ARABIC_WORDS_TEXT.split())
_HAN = (
    "福康安宝泰金美佳乐园星海天大中国新世光明城山水花草木林云月日春秋风雨雪江河石玉珠心和平正元"
    "東方長電子科技通信力生物食品酒茶油米肉魚牛羊馬虎鳳鶴鹿王公主人家衣服食堂車船飛火工化学文化"
)
_KANA = "アイウエオカキクケコサシスセソタチツテトナニネノハヒフヘホマミムメモヤユヨラリルレロワン"
_HIRAGANA = "あいうえおかきくけこさしすせそたちつてとなにのはひふへほまみむめもやゆよらりるれろわん"
_HANGUL = (
    "가나다라마바사아자차카타파하고노도로모보소오조호구누두루무부수우주후기니디리미비시이지희강산한국별"
    "빛꽃달무봄눈물길집신영정성민진선현은경원동서남북대중소"
)

#: What a typeface is reduced to for each script, beside the space.
LETTERS: dict[Script, str] = {
    "latin": string.ascii_letters + string.digits + "&.,-'!+/:" + "äöüÄÖÜßéèêàâçñóíáúÉÇÑ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯёЁ",
    "greek": "αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώ",
    "arabic": "".join(sorted({*"".join(ARABIC_WORDS)})),
    "chinese": "".join(dict.fromkeys(_HAN + "华龙东乐风云长电马凤车飞园国新汉红丽")),
    "japanese": "".join(dict.fromkeys(_KANA + "ー" + _HIRAGANA + _HAN)),
    "korean": "".join(dict.fromkeys(_HANGUL)),
}
#: Of these scripts a typeface may lack letters: words are made of those that it has.
PARTIAL: frozenset[Script] = frozenset({"chinese", "japanese", "korean"})
