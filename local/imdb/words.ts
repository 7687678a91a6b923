/** What titles and people are made of, in many scripts. */
import type { Random } from '../random.ts';

type Words = readonly string[];

/** A place where titles are shown under a name of its own. */
export interface Tongue {
  readonly region: string;
  readonly language: string;
  readonly nouns: Words;
  /** `a` and `b` in braces stand for two nouns. */
  readonly patterns: Words;
  /** What names are made of that nobody bears. */
  readonly syllables: Words;
  readonly given: Words;
  readonly family: Words;
  readonly familyFirst?: boolean;
}

const english: Tongue = {
  region: 'US',
  language: 'en',
  nouns: ['River', 'Winter', 'Letter', 'Clockmaker', 'Orchard', 'Signal', 'Harbour', 'Witness', 'Mirror', 'Thief'],
  patterns: [
    'The {a} of the {b}',
    'The {a} and the {b}',
    '{a} for the {b}',
    // As they are: IMDb escapes no quote, and one that opens a field has no partner at its end.
    'The "{a}" {b}',
    '"{a}" Goes {b}',
    "The {a}'s {b}",
    '{a}: "{b}',
    '{a} / {b}',
  ],
  syllables: 'bar cor dell el fen gal hol in ker lan mor nor ost per quin ros stel tam ul ver win'.split(' '),
  given: ['Ada', 'Frank', 'Grace', 'Henry', 'Iris', 'Jack', 'Maya', 'Noel', 'Ruth', 'Walter'],
  family: ['Ashdown', "O'Hara", 'Brooks', 'Carver', 'Dale-Finch', 'Ellery', 'Marsh', 'Quill', 'St. John', 'Wren'],
};

export const tongues: readonly Tongue[] = [
  english,
  {
    region: 'DE',
    language: 'de',
    nouns: ['Größe', 'Brücke', 'Nächte', 'Straße', 'Wölfe', 'Frühling'],
    patterns: ['{a} und {b}', 'Über {a}', '{a} ohne {b}'],
    syllables: 'acht bär drö eich fels grün hof ing jöch kreuz lüt mühl nör öd pfaff rüd schön tal ufer'.split(' '),
    given: ['Jürgen', 'Käthe', 'Sören', 'Anke', 'Uwe'],
    family: ['Müller', 'Groß', 'Schäfer', 'Weiß', 'Köhler'],
  },
  {
    region: 'FR',
    language: 'fr',
    nouns: ["L'Été", 'Les Œillets', 'Le Garçon', "L'Île", 'La Forêt'],
    patterns: ['{a} et {b}', '{a}, {b}', '« {a} »'],
    syllables: 'aix bé çon dou eau fré gui hé ille joux lé moi né oû pré quin ré sœur thé vau'.split(' '),
    given: ['Élodie', 'Loïc', 'Gaël', 'Chloé', 'Benoît'],
    family: ["d'Arcy", 'Lefèvre', 'Bœuf', 'Côté', 'Noël'],
  },
  {
    region: 'BR',
    language: 'pt',
    nouns: ['Coração', 'Manhã', 'Sertão', 'Açúcar', 'Irmãos'],
    patterns: ['{a} e {b}', 'Sem {a}', '{a} de {b}'],
    syllables: 'açu bão cé dê fã guá ílha jó lã mé nõ pê quê rô são tá ubá vê xin zé'.split(' '),
    given: ['João', 'Conceição', 'Luíza', 'Thiago'],
    family: ['da Silva', 'Gonçalves', 'Araújo', 'Guimarães'],
  },
  {
    region: 'PL',
    language: 'pl',
    nouns: ['Źródło', 'Żuraw', 'Łąka', 'Ćma', 'Święto'],
    patterns: ['{a} i {b}', '{a}'],
    syllables: 'bał chy dźwi erz gór jęz ką łów mię nóż ośń prze rzy szcz ści tręb wą wró żół źrę'.split(' '),
    given: ['Łucja', 'Wojciech', 'Żaneta', 'Zdzisław'],
    family: ['Wójcik', 'Śliwińska', 'Kowalczyk'],
  },
  {
    region: 'TR',
    language: 'tr',
    nouns: ['Işık', 'İz', 'Güneş', 'Yağmur', 'Şehir'],
    patterns: ['{a} ve {b}', '{a}'],
    syllables: 'ağa bün çam dır eğr göl hış ıs kör lü mış nür öz pış rüz şen tığ ün yıl zeğ'.split(' '),
    given: ['İrem', 'Çağla', 'Ömer'],
    family: ['Yıldız', 'Şahin', 'Öztürk'],
  },
  {
    region: 'RU',
    language: 'ru',
    nouns: ['Зима', 'Река', 'Письмо', 'Зеркало', 'Поезд'],
    patterns: ['{a} и {b}', '«{a}»', '{a}. {b}'],
    syllables: 'ба во гор ду ёл же зи ко лю мо ний ов по ря ск то уж фё хо щи'.split(' '),
    given: ['Анна', 'Борис', 'Ольга', 'Фёдор'],
    family: ['Иванова', 'Щукин', 'Соловьёв'],
  },
  {
    region: 'GR',
    language: 'el',
    nouns: ['Θάλασσα', 'Νύχτα', 'Φως', 'Δρόμος'],
    patterns: ['{a} και {b}', '{a}'],
    syllables: 'αλ βέ γρα δή ευ ζώ ηλ θό ιχ κά λού μή νί ξέ όρ πά ρω σί τύ φά'.split(' '),
    given: ['Ελένη', 'Γιώργος'],
    family: ['Παπαδόπουλος', 'Ιωάννου'],
  },
  {
    region: 'IL',
    language: 'he',
    nouns: ['לילה', 'גשר', 'מכתב', 'אור'],
    patterns: ['{a} ו{b}', '{a}'],
    syllables: 'א בית גל דר הו זית חי טל ים כר ליל מע נח סל ענ פר צו קד רמ שו'.split(' '),
    given: ['נועה', 'איתן'],
    family: ['כהן', 'לוי'],
  },
  {
    region: 'EG',
    language: 'ar',
    nouns: ['الليل', 'النهر', 'المدينة', 'الرسالة'],
    patterns: ['{a} و{b}', '{a}'],
    syllables: 'اب بيت تل جب حم خير دار ذر رم زين سل شم صف ضو طي ظل عين غر فا قم'.split(' '),
    given: ['محمد', 'فاطمة', 'يوسف'],
    family: ['حسن', 'عبد الله', 'السيد'],
  },
  {
    region: 'IN',
    language: 'hi',
    nouns: ['नदी', 'रात', 'सपना', 'चिट्ठी'],
    patterns: ['{a} और {b}', '{a}'],
    syllables: 'अं की गु घा चे जो टी ठा डे तो दि धू ना पै फू बी भा मे रो वि'.split(' '),
    given: ['आरव', 'दीया', 'அனன்யா', 'Kabir'],
    family: ['शर्मा', 'सिंह', 'Iyer'],
  },
  {
    region: 'TH',
    language: 'th',
    nouns: ['แม่น้ำ', 'คืน', 'ดวงดาว'],
    patterns: ['{a}และ{b}', '{a}'],
    syllables: 'กา ขิ คุ งา จี ชู ดา ตี นุ บา ปี พู มา ยี รุ ลา วี ศู สา หิ'.split(' '),
    given: ['สมชาย', 'มาลี'],
    family: ['ใจดี', 'ศรีสุข'],
  },
  {
    region: 'JP',
    language: 'ja',
    nouns: ['冬', '手紙', '鏡の街', '𠮷日', 'メロディー'],
    patterns: ['{a}と{b}', '{a}の{b}', '「{a}」', '{a}〜{b}〜'],
    syllables: 'あ かわ き くれ さ しま せ そら た ちず と なみ の はる ひ ふゆ まち み ゆき りん'.split(' '),
    given: ['陽葵', '蓮', 'さくら', 'ハルト'],
    family: ['佐藤', '髙橋', '渡邉', '𠮷田'],
    familyFirst: true,
  },
  {
    region: 'KR',
    language: 'ko',
    nouns: ['겨울', '편지', '거울', '강'],
    patterns: ['{a}와 {b}', '{a}의 {b}'],
    syllables: '가 나라 다 라 마을 바다 사 아 자 차 카 타 파 하늘 별 꽃 눈 달 봄 숲'.split(' '),
    given: ['서연', '민준', '하윤'],
    family: ['김', '이', '박'],
    familyFirst: true,
  },
  {
    region: 'TW',
    language: 'cmn',
    nouns: ['冬天', '信', '河流', '鏡子'],
    patterns: ['{a}與{b}', '《{a}》'],
    syllables: '山 水 花 月 風 雪 天 地 春 秋 海 夜 星 光 城 島 夢 路 心 龍'.split(' '),
    given: ['雅婷', '志豪'],
    family: ['陳', '林'],
    familyFirst: true,
  },
];

/** Half of all is English. */
export function pickTongue(random: Random): Tongue {
  return random.chance(0.5) ? english : random.pick(tongues);
}

export function makeTitle(random: Random, tongue: Tongue): string {
  return random.pick(tongue.patterns).replace('{a}', noun(random, tongue)).replace('{b}', noun(random, tongue));
}

export function makeName(random: Random): string {
  const { given, family, syllables, familyFirst } = pickTongue(random);
  const first = random.pick(given);
  const last = random.chance(0.3) ? random.pick(family) : coin(random, syllables);
  return familyFirst ? `${last}${first}` : `${first} ${last}`;
}

/** Mostly one that no other title has: as in the real files, few titles and few people share their name. */
function noun(random: Random, { nouns, syllables }: Tongue): string {
  return random.chance(0.3) ? random.pick(nouns) : coin(random, syllables);
}

function coin(random: Random, syllables: Words): string {
  let word = '';
  for (let count = random.between(2, 4); count > 0; count--) word += random.pick(syllables);
  return word.charAt(0).toUpperCase() + word.slice(1);
}
