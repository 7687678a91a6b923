/** What titles and people are made of, in many scripts. */
import type { Random } from '../youflix/random.ts';

type Words = readonly string[];

/** A place where titles are shown under a name of its own. */
export interface Tongue {
  readonly region: string;
  readonly language: string;
  readonly nouns: Words;
  /** `a` and `b` in braces stand for two nouns. */
  readonly patterns: Words;
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
    given: ['Jürgen', 'Käthe', 'Sören', 'Anke', 'Uwe'],
    family: ['Müller', 'Groß', 'Schäfer', 'Weiß', 'Köhler'],
  },
  {
    region: 'FR',
    language: 'fr',
    nouns: ["L'Été", 'Les Œillets', 'Le Garçon', "L'Île", 'La Forêt'],
    patterns: ['{a} et {b}', '{a}, {b}', '« {a} »'],
    given: ['Élodie', 'Loïc', 'Gaël', 'Chloé', 'Benoît'],
    family: ["d'Arcy", 'Lefèvre', 'Bœuf', 'Côté', 'Noël'],
  },
  {
    region: 'BR',
    language: 'pt',
    nouns: ['Coração', 'Manhã', 'Sertão', 'Açúcar', 'Irmãos'],
    patterns: ['{a} e {b}', 'Sem {a}', '{a} de {b}'],
    given: ['João', 'Conceição', 'Luíza', 'Thiago'],
    family: ['da Silva', 'Gonçalves', 'Araújo', 'Guimarães'],
  },
  {
    region: 'PL',
    language: 'pl',
    nouns: ['Źródło', 'Żuraw', 'Łąka', 'Ćma', 'Święto'],
    patterns: ['{a} i {b}', '{a}'],
    given: ['Łucja', 'Wojciech', 'Żaneta', 'Zdzisław'],
    family: ['Wójcik', 'Śliwińska', 'Kowalczyk'],
  },
  {
    region: 'TR',
    language: 'tr',
    nouns: ['Işık', 'İz', 'Güneş', 'Yağmur', 'Şehir'],
    patterns: ['{a} ve {b}', '{a}'],
    given: ['İrem', 'Çağla', 'Ömer'],
    family: ['Yıldız', 'Şahin', 'Öztürk'],
  },
  {
    region: 'RU',
    language: 'ru',
    nouns: ['Зима', 'Река', 'Письмо', 'Зеркало', 'Поезд'],
    patterns: ['{a} и {b}', '«{a}»', '{a}. {b}'],
    given: ['Анна', 'Борис', 'Ольга', 'Фёдор'],
    family: ['Иванова', 'Щукин', 'Соловьёв'],
  },
  {
    region: 'GR',
    language: 'el',
    nouns: ['Θάλασσα', 'Νύχτα', 'Φως', 'Δρόμος'],
    patterns: ['{a} και {b}', '{a}'],
    given: ['Ελένη', 'Γιώργος'],
    family: ['Παπαδόπουλος', 'Ιωάννου'],
  },
  {
    region: 'IL',
    language: 'he',
    nouns: ['לילה', 'גשר', 'מכתב', 'אור'],
    patterns: ['{a} ו{b}', '{a}'],
    given: ['נועה', 'איתן'],
    family: ['כהן', 'לוי'],
  },
  {
    region: 'EG',
    language: 'ar',
    nouns: ['الليل', 'النهر', 'المدينة', 'الرسالة'],
    patterns: ['{a} و{b}', '{a}'],
    given: ['محمد', 'فاطمة', 'يوسف'],
    family: ['حسن', 'عبد الله', 'السيد'],
  },
  {
    region: 'IN',
    language: 'hi',
    nouns: ['नदी', 'रात', 'सपना', 'चिट्ठी'],
    patterns: ['{a} और {b}', '{a}'],
    given: ['आरव', 'दीया', 'அனன்யா', 'Kabir'],
    family: ['शर्मा', 'सिंह', 'Iyer'],
  },
  {
    region: 'TH',
    language: 'th',
    nouns: ['แม่น้ำ', 'คืน', 'ดวงดาว'],
    patterns: ['{a}และ{b}', '{a}'],
    given: ['สมชาย', 'มาลี'],
    family: ['ใจดี', 'ศรีสุข'],
  },
  {
    region: 'JP',
    language: 'ja',
    nouns: ['冬', '手紙', '鏡の街', '𠮷日', 'メロディー'],
    patterns: ['{a}と{b}', '{a}の{b}', '「{a}」', '{a}〜{b}〜'],
    given: ['陽葵', '蓮', 'さくら', 'ハルト'],
    family: ['佐藤', '髙橋', '渡邉', '𠮷田'],
    familyFirst: true,
  },
  {
    region: 'KR',
    language: 'ko',
    nouns: ['겨울', '편지', '거울', '강'],
    patterns: ['{a}와 {b}', '{a}의 {b}'],
    given: ['서연', '민준', '하윤'],
    family: ['김', '이', '박'],
    familyFirst: true,
  },
  {
    region: 'TW',
    language: 'cmn',
    nouns: ['冬天', '信', '河流', '鏡子'],
    patterns: ['{a}與{b}', '《{a}》'],
    given: ['雅婷', '志豪'],
    family: ['陳', '林'],
    familyFirst: true,
  },
];

/** Half of all is English. */
export function pickTongue(random: Random): Tongue {
  return random.chance(0.5) ? english : random.pick(tongues);
}

export function makeTitle(random: Random, { nouns, patterns }: Tongue): string {
  return random.pick(patterns).replace('{a}', random.pick(nouns)).replace('{b}', random.pick(nouns));
}

export function makeName(random: Random): string {
  const { given, family, familyFirst } = pickTongue(random);
  const [first, last] = [random.pick(given), random.pick(family)];
  return familyFirst ? `${last}${first}` : `${first} ${last}`;
}
