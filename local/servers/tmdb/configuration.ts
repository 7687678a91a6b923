/** What explains the answers: `/3/configuration` and what is below it. */
import { tongues } from '../../imdb/words.ts';

/** `/3/configuration`. Nothing answers at these addresses; the service has the images. */
export const configuration = {
  change_keys: ['adult', 'genres', 'imdb_id', 'overview', 'release_dates', 'runtime', 'title', 'translations'],
  images: {
    base_url: 'http://image.tmdb.org/t/p/',
    secure_base_url: 'https://image.tmdb.org/t/p/',
    backdrop_sizes: ['w300', 'w780', 'w1280', 'original'],
    logo_sizes: ['w45', 'w92', 'w154', 'w185', 'w300', 'w500', 'original'],
    poster_sizes: ['w92', 'w154', 'w185', 'w342', 'w500', 'w780', 'original'],
    profile_sizes: ['w45', 'w185', 'h632', 'original'],
    still_sizes: ['w92', 'w185', 'w300', 'original'],
  },
};

/** `/3/configuration/languages`, of those that the generator's titles are made of. */
export function languages(): object[] {
  return tongues
    .map(({ language }) => (language === 'cmn' ? 'zh' : language))
    .map(code => ({
      iso_639_1: code,
      english_name: nameOf('language', code, 'en'),
      name: nameOf('language', code, code),
    }));
}

/** `/3/configuration/countries`, likewise. */
export function countries(): object[] {
  return tongues.map(({ region, language }) => ({
    iso_3166_1: region,
    english_name: nameOf('region', region, 'en'),
    native_name: nameOf('region', region, language),
  }));
}

function nameOf(type: 'language' | 'region', code: string, language: string): string {
  return new Intl.DisplayNames([language], { type }).of(code) ?? code;
}
