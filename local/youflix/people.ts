/** Where subscribers live and what people are called there, in their own scripts. Weights are shares of the subscribers. */

import type { Random } from '../random.ts';
import { hostileTextOf, hugeText } from './hostile-text.ts';
import type { Profile } from './rows.ts';

type Names = readonly string[];

interface Country {
  readonly code: string;
  readonly weight: number;
  readonly given: Names;
  readonly family: Names;
  readonly familyFirst?: boolean;
}

const english: Names = ['Olivia', 'Noah', 'Amelia', 'Liam', 'Grace', 'Jack', 'Zoe', 'Ethan', 'Ruby', 'Owen'];
const englishFamily: Names = ['Smith', 'Johnson', "O'Neill", 'Brown', 'Taylor-Reed', 'Walker', 'Wright', 'Hughes'];
const spanish: Names = ['Sofía', 'Mateo', 'Lucía', 'José', 'Ximena', 'Iñigo', 'Ángela', 'Martín'];
const spanishFamily: Names = ['García López', 'Muñoz', 'Hernández', 'Núñez', 'Peña', 'Ibáñez'];

const countries: readonly Country[] = [
  { code: 'US', weight: 240, given: english, family: englishFamily },
  {
    code: 'IN',
    weight: 110,
    given: ['आरव', 'दीया', 'Ishaan', 'அனன்யா', 'Kabir'],
    family: ['शर्मा', 'Patel', 'Iyer', 'सिंह'],
  },
  {
    code: 'BR',
    weight: 95,
    given: ['João', 'Conceição', 'Luíza', 'Thiago'],
    family: ['da Silva', 'Gonçalves', 'Araújo'],
  },
  { code: 'GB', weight: 85, given: english, family: englishFamily },
  {
    code: 'DE',
    weight: 75,
    given: ['Jürgen', 'Mia', 'Sören', 'Käthe', 'Ben'],
    family: ['Müller', 'Groß', 'Schäfer', 'Weiß'],
  },
  { code: 'MX', weight: 60, given: spanish, family: spanishFamily },
  { code: 'FR', weight: 55, given: ['Élodie', 'Loïc', 'Chloé', 'Gaël'], family: ["d'Arc", 'Lefèvre', 'Çelik', 'Bœuf'] },
  {
    code: 'JP',
    weight: 45,
    given: ['陽葵', '蓮', 'さくら', 'ハルト'],
    family: ['佐藤', '髙橋', '渡邉', '𠮷田'],
    familyFirst: true,
  },
  { code: 'CA', weight: 40, given: english, family: ['Tremblay', 'Côté', ...englishFamily] },
  { code: 'ES', weight: 35, given: spanish, family: spanishFamily },
  {
    code: 'KR',
    weight: 30,
    given: ['서연', '민준', '하윤', '도윤'],
    family: ['김', '이', '박', '최'],
    familyFirst: true,
  },
  { code: 'PL', weight: 22, given: ['Łucja', 'Wojciech', 'Żaneta'], family: ['Wójcik', 'Kowalczyk', 'Śliwińska'] },
  { code: 'TR', weight: 20, given: ['İrem', 'Çağla', 'Işık', 'Ömer'], family: ['Yıldız', 'Şahin', 'Öztürk'] },
  { code: 'EG', weight: 16, given: ['محمد', 'فاطمة', 'يوسف'], family: ['حسن', 'عبد الله', 'السيد'] },
  { code: 'SE', weight: 14, given: ['Åsa', 'Björn', 'Märta'], family: ['Ångström', 'Sjöberg', 'Lindqvist'] },
  { code: 'UA', weight: 12, given: ['Олена', 'Дмитро', 'Їжак'], family: ['Шевченко', 'Коваленко', "Лук'яненко"] },
  { code: 'GR', weight: 10, given: ['Ελένη', 'Γιώργος'], family: ['Παπαδόπουλος', 'Ιωάννου'] },
  { code: 'IL', weight: 9, given: ['נועה', 'איתן'], family: ['כהן', 'לוי'] },
  { code: 'TH', weight: 9, given: ['สมชาย', 'มาลี'], family: ['ใจดี', 'ศรีสุข'] },
  { code: 'VN', weight: 8, given: ['Ngọc', 'Đức'], family: ['Nguyễn', 'Trần'], familyFirst: true },
  { code: 'TW', weight: 7, given: ['雅婷', '志豪'], family: ['陳', '林'], familyFirst: true },
  { code: 'IS', weight: 2, given: ['Þórdís', 'Ægir'], family: ['Guðmundsdóttir', 'Jónsson'] },
  { code: 'MT', weight: 1, given: ['Ċensu', 'Ġorġa'], family: ['Żammit', 'Ħaber'] },
];

const handles: Names = ['cine', 'sofa', 'popcorn', 'matinee', 'late.show', 'first-row', 'zoë', 'usher+films'];
const mailDomains: Names = ['example.com', 'example.org', 'example.net', 'post.example', 'bücher.example'];
const badges: Names = ['🎬', '🍿', '⭐️', '👩🏽‍🎤', '🇧🇷', '(she/her)'];
const sentences: Names = [
  'Watches everything twice.',
  'Mostly here for the documentaries, "really".',
  'Lieblingsfilm: alles von früher.',
  '映画が大好きです。',
  'Pas avant minuit ; jamais le lundi.',
  'Люблю старе кіно.',
  'Three kids, one remote, no peace.',
  'No spoilers, please!',
];

const cancelReasons = [
  'too expensive',
  'seen everything, "twice"',
  'zu wenig Neues',
  'utilise le compte de ma sœur',
  '引っ越しのため',
  'moved, will be back\nin spring',
] as const;

const hugeBioOrdinals: ReadonlySet<number> = new Set([4_321, 8_642]);

const earliestBirth = Date.UTC(1938, 0, 1);
const dayMs = 86_400_000;
const birthDays = 26_000;

/**
 * Makes up a person. `tag` goes into the address, which is unique if the tag is; `ordinal` decides who brings hostile text, and
 * which two of the first ten thousand a biography of a mebibyte.
 */
export function makeProfile(random: Random, tag: string, ordinal: number): Profile {
  const country = random.weighted(countries);
  const hostile = hostileTextOf(ordinal);
  return {
    externalId: random.uuid(),
    email: `${random.pick(handles)}.${tag}@${random.pick(mailDomains)}`,
    displayName: hostile ?? (random.chance(0.06) ? null : makeName(random, country)),
    country: country.code,
    birthDate: random.chance(0.15) ? null : new Date(earliestBirth + random.between(0, birthDays) * dayMs),
    marketingOptIn: random.chance(0.37),
    bio: hugeBioOrdinals.has(ordinal) ? hugeText() : (hostile ?? makeBio(random)),
  };
}

function makeName(random: Random, { given, family, familyFirst }: Country): string {
  const [first, last] = [random.pick(given), random.pick(family)];
  const name = familyFirst ? `${last} ${first}` : `${first} ${last}`;
  return random.chance(0.03) ? `${name} ${random.pick(badges)}` : name;
}

function makeBio(random: Random): string | null {
  if (random.chance(0.55)) return null;
  return Array.from({ length: random.between(0, 3) }, () => random.pick(sentences)).join(
    random.chance(0.2) ? '\n' : ' ',
  );
}

/** Why somebody left, if they said; the row's ordinal decides who is hostile about it. */
export function cancelReason(random: Random, ordinal: number): string | null {
  return hostileTextOf(ordinal) ?? (random.chance(0.4) ? null : random.pick(cancelReasons));
}
